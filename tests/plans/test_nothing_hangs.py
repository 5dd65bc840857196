# SPDX-License-Identifier: Apache-2.0
"""A plan goes on when what it asks for never comes, and timers let nothing stand in the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from jiedao.base.database import Tx
from jiedao.plans import actions
from jiedao.signals.models import Signal
from jiedao.town.models import Session, SignInTrial, Ticket
from jiedao.voice.models import Announcement, Loudspeaker
from tests.world import World, matter_id


def steps(world: World, matter: object) -> dict[str, Any]:
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    return {step["step"]: step for step in shown["plan"]["steps"]}


def test_words_that_nobody_says_hold_the_plan_up_for_a_minute_and_a_half(world: World) -> None:
    matter = matter_id(world.see())
    world.sweep()
    world.sweep(after_s=89)
    assert steps(world, matter)["speak"]["state"] == "running"
    world.sweep(after_s=2)
    speak = steps(world, matter)["speak"]
    assert (speak["state"], speak["result"]["outcome"]) == ("failed", "overdue")
    with world.platform():
        assert Announcement.objects.get(matter_id=matter).state == "stopped"
    for _ in range(4):
        world.sweep(after_s=100)
    assert steps(world, matter)["tell_lead"]["state"] == "done"


def test_without_a_loudspeaker_the_lead_is_told_within_a_minute(world: World) -> None:
    with world.platform():
        Loudspeaker.objects.update(is_enabled=False)
    matter = matter_id(world.see())
    for _ in range(12):
        world.sweep(after_s=5)
    found = steps(world, matter)
    assert (found["speak"]["state"], found["speak"]["result"]["why"]) == (
        "failed",
        "voice.no_loudspeaker",
    )
    assert found["tell_lead"]["state"] == "done"


def test_a_due_thing_that_always_fails_does_not_hold_up_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object) -> Any:
        raise IntegrityError("a row that contradicts another")

    monkeypatch.setitem(actions._DO, "announce", broken)
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    assert steps(world, matter)["send"]["state"] == "done"


def test_what_has_ended_is_forgotten(world: World) -> None:
    world.see()
    phone = world.phone("near")
    phone.post("/tickets", purpose="feed")
    phone.post("/session", login="near", password="wrong")

    def kept() -> tuple[int, ...]:
        with world.platform():
            tables = (Session, Ticket, SignInTrial, Signal)
            return tuple(table.objects.count() for table in tables)

    assert kept() == (1, 1, 1, 1)
    world.clock.forward(timedelta(days=31))
    world.sweep()
    assert kept() == (0, 0, 0, 0)


def test_a_step_is_taken_once_even_if_two_look_at_the_same_moment(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    step = steps(world, matter)["speak"]["id"]

    def take(tx: Tx) -> None:
        actions.take_step(tx, step)

    for _ in range(2):
        with world.platform() as tx:
            take(tx)
    with world.platform():
        assert Announcement.objects.filter(matter_id=matter).count() == 1
