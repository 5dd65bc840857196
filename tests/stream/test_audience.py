# SPDX-License-Identifier: Apache-2.0
"""Who is told what: every pairing of audience, place and listener, by rule."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiedao.stream.audience import Listener, is_within, may_see

TOWN, WEST, EAST = "/t/", "/t/west/", "/t/east/"
GRID, NEIGHBOUR = "/t/west/1/", "/t/west/10/"


def a_listener(*names: str, path: str) -> Listener:
    return Listener(frozenset(names), path)


LISTENERS = {
    "lead": a_listener("party:lead", "role:lead", "role:operator", path=TOWN),
    "west operator": a_listener("party:wo", "role:operator", path=WEST),
    "east operator": a_listener("party:eo", "role:operator", path=EAST),
    "grid worker": a_listener("party:gw", "role:worker", path=GRID),
    "no post": a_listener("party:np", path=""),
}


@pytest.mark.parametrize(
    ("audience", "place", "told"),
    [
        (("role:operator",), WEST, {"lead", "west operator"}),
        (("role:operator",), EAST, {"lead", "east operator"}),
        (("role:operator",), TOWN, {"lead"}),
        (("role:operator", "role:worker"), GRID, {"lead", "west operator", "grid worker"}),
        (("role:worker",), NEIGHBOUR, set()),
        (("party:gw",), EAST, {"grid worker"}),
        (("party:np",), TOWN, {"no post"}),
        (("role:verifier",), TOWN, set()),
        ((), TOWN, set()),
    ],
)
def test_exactly_those_are_told(audience: tuple[str, ...], place: str, told: set[str]) -> None:
    names = frozenset(audience)
    assert {who for who, ear in LISTENERS.items() if may_see(names, place, ear)} == told


@pytest.mark.parametrize(
    ("place", "scope", "inside"),
    [
        ("/t/west/1/", "/t/west/", True),
        ("/t/west/1", "/t/west", True),
        ("/t/west", "/t/west/", True),
        ("/t/west/10/", "/t/west/1/", False),
        ("/t/western/", "/t/west", False),
        ("/t/", "/t/west/", False),
        ("/anything", "/", True),
        ("/", "/", True),
        ("/t/", "", False),
        ("/t/", "t", False),
        ("", "/t/", False),
    ],
)
def test_a_place_lies_inside_whole_steps_only(place: str, scope: str, inside: bool) -> None:
    assert is_within(place, scope) is inside


NAMES = st.frozensets(st.sampled_from(["role:a", "role:b", "party:1", "party:2"]))
PATHS = st.lists(st.sampled_from("ab"), max_size=3).map(lambda steps: "/" + "/".join(steps))


@given(audience=NAMES, place=PATHS, names=NAMES, path=PATHS)
def test_nobody_is_told_without_a_name_in_common(
    audience: frozenset[str], place: str, names: frozenset[str], path: str
) -> None:
    if may_see(audience, place, Listener(names, path)):
        assert audience & names


def test_a_smaller_area_never_sees_more() -> None:
    paths = [TOWN, WEST, EAST, GRID, NEIGHBOUR]
    for place, wide, narrow in product(paths, paths, paths):
        if is_within(narrow, wide) and is_within(place, narrow):
            assert is_within(place, wide)
