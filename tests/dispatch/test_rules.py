# SPDX-License-Identifier: Apache-2.0
"""Who goes: nearest first, from a fresh fix or said otherwise, never somebody who is busy."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from jiedao.base.distance import distance_m
from jiedao.dispatch.rules import FRESH, Hand, candidates
from tests.world import BRIDGE, NOON


def hand(name: str, metres: float, **changes: object) -> Hand:
    spot = (BRIDGE[0], BRIDGE[1] + metres / 111_195)
    values: dict[str, object] = {
        "party": uuid4(),
        "name": name,
        "post": "网格员",
        "unit": "",
        "fix": spot,
        "fix_at": NOON,
        "check_in": None,
        "base": None,
        "busy_with": None,
    }
    return Hand(**{**values, **changes})  # type: ignore[arg-type]  # a builder's loose values


def names(*hands: Hand, skills: frozenset[str] = frozenset()) -> list[str]:
    return [c.name for c in candidates(hands, BRIDGE, NOON, skills=skills)]


def test_the_nearest_comes_first_and_the_busy_do_not_come() -> None:
    far, near = hand("far", 900), hand("near", 100)
    assert names(far, near, hand("busy", 10, busy_with=UUID(int=1))) == ["near", "far"]


def test_a_stale_fix_falls_back_to_check_in_then_post_and_says_so() -> None:
    old = NOON - FRESH - timedelta(seconds=1)
    checked = hand("checked", 10, fix_at=old, check_in=BRIDGE)
    posted = hand("posted", 10, fix_at=old, base=BRIDGE)
    nowhere = hand("nowhere", 10, fix_at=old)
    found = {c.name: c.fix_source for c in candidates([checked, posted, nowhere], BRIDGE, NOON)}
    assert found == {"checked": "checkin", "posted": "post"}


def test_how_long_a_phone_was_silent_is_told_however_long() -> None:
    old = NOON - timedelta(minutes=7)
    silent = hand("silent", 10, fix_at=old, check_in=BRIDGE, battery_pct=12)
    never = hand("never", 20, fix=None, fix_at=None, base=BRIDGE)
    found = {
        c.name: (c.fix_age_s, c.heard_age_s, c.battery_pct)
        for c in candidates([silent, never], BRIDGE, NOON)
    }
    assert found == {"silent": (None, 420.0, 12), "never": (None, None, None)}


def test_who_was_asked_before_comes_last() -> None:
    near, far = hand("near", 50), hand("far", 500)
    ranked = candidates([near, far], BRIDGE, NOON, asked=frozenset({near.party}))
    assert [c.name for c in ranked] == ["far", "near"]
    assert "asked_before" in ranked[1].reasons


def test_what_an_item_needs_leaves_the_unfit_out() -> None:
    fit = hand("fit", 700, skills=frozenset({"rescue"}))
    assert names(hand("unfit", 10), fit, skills=frozenset({"rescue"})) == ["fit"]


def test_a_degree_of_latitude_is_about_111_kilometres() -> None:
    assert distance_m((114.0, 22.0), (114.0, 23.0)) == pytest.approx(111_195, rel=1e-3)
