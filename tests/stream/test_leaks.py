# SPDX-License-Identifier: Apache-2.0
"""Nobody hears what is not for them, live or afterwards: every listener against every event."""

import contextlib
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from tests.stream.client import Address, heard, next_event
from tests.stream.trail import Trail

pytestmark = pytest.mark.anyio

ANNA, BEN = uuid4(), uuid4()


@dataclass(frozen=True)
class Ear:
    """A listener, and the events that are for them."""

    names: tuple[str, ...]
    path: str
    hears: frozenset[str]


EVENTS: dict[str, tuple[tuple[str, ...], str]] = {
    "west for operators": (("role:operator",), "/t/west/"),
    "east for operators": (("role:operator",), "/t/east/1/"),
    "town for leads": (("role:duty_lead",), "/t/"),
    "anna's task": ((f"party:{ANNA}", "role:operator"), "/t/west/1/"),
    "ben's task": ((f"party:{BEN}",), "/t/east/"),
    "for nobody": ((), "/t/"),
}
EARS = {
    "lead": Ear(
        ("role:duty_lead", "role:operator"),
        "/t/",
        frozenset(EVENTS) - {"ben's task", "for nobody"},
    ),
    "west operator": Ear(
        ("role:operator",), "/t/west/", frozenset({"west for operators", "anna's task"})
    ),
    "next to west": Ear(("role:operator",), "/t/wes", frozenset()),
    "anna": Ear((f"party:{ANNA}", "role:worker"), "", frozenset({"anna's task"})),
    "ben": Ear((f"party:{BEN}", "role:worker"), "", frozenset({"ben's task"})),
    "no names": Ear((), "/", frozenset()),
}


def told(trail: Trail) -> None:
    """Everything that happens, and at the end something for each listener."""
    for name, (audience, place) in EVENTS.items():
        trail.seal("story.told", audience=audience, place_path=place, payload={"name": name})
    everyone = [f"party:{mark(name)}" for name in EARS]
    trail.seal("story.ended", audience=everyone, payload={"name": "end"})


def mark(name: str) -> UUID:
    """Only so that every listener can be told of the end."""
    return UUID(int=1000 + list(EARS).index(name))


def door(trail: Trail, name: str) -> str:
    ear = EARS[name]
    ticket = trail.ticket(audiences=(*ear.names, f"party:{mark(name)}"), path=ear.path)
    return f"/feed?ticket={ticket}"


@pytest.mark.parametrize("name", EARS)
async def test_live_each_hears_exactly_what_is_theirs(
    stream: Address, trail: Trail, name: str
) -> None:
    async with stream.socket(door(trail, name)) as socket:
        await heard(socket)
        told(trail)
        names = []
        while (event := await next_event(socket))["payload"]["name"] != "end":
            names.append(event["payload"]["name"])
    assert names == [event for event in EVENTS if event in EARS[name].hears]


async def test_what_is_replayed_is_no_more_than_that(stream: Address, trail: Trail) -> None:
    told(trail)
    async with contextlib.AsyncExitStack() as room:
        for name, ear in EARS.items():
            socket = await room.enter_async_context(stream.socket(f"{door(trail, name)}&after=0"))
            names = []
            while (event := await next_event(socket))["payload"]["name"] != "end":
                names.append(event["payload"]["name"])
            assert set(names) == ear.hears, name
