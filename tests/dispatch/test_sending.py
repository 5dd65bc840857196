# SPDX-License-Identifier: Apache-2.0
"""Sending hands when several want them, and when nobody answers."""

from typing import Any
from uuid import UUID

import pytest

from jiedao.dispatch import store
from jiedao.town.calendar import local_day
from tests.world import BRIDGE, World, matter_id

RUBBISH = {"item": "exposed_rubbish", "lon": BRIDGE[0], "lat": BRIDGE[1]}


def raised(world: World) -> str:
    return str(world.phone("chen", "desk").post("/matters", **RUBBISH)["card"]["id"])


def tasks(world: World, matter: object) -> list[tuple[str, str]]:
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    return [(task["name"], task["state"]) for task in shown["tasks"]]


def offered(phone: Any) -> str:
    return str(phone.get("/phone/today")["tasks"][0]["id"])


def test_a_hand_that_was_sent_a_moment_ago_is_not_sent_elsewhere(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.on_duty("near")
    one, other = raised(world), raised(world)
    desk, near = world.phone("chen", "desk"), str(world.people["near"].id)
    with world.platform() as tx:
        looked = store.on_duty(local_day(tx.now))
    desk.post(f"/matters/{one}/dispatch", party=near)
    # The other operator looked before the first one pressed.
    monkeypatch.setattr(store, "on_duty", lambda _day: looked)
    refused = desk.post(f"/matters/{other}/dispatch", party=near)
    assert (desk.status, refused["code"]) == (409, "dispatch.unit_busy")


def test_a_worker_who_turns_back_on_the_way_is_replaced(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    task = offered(phone)
    phone.post(f"/tasks/{task}/acts/accept")
    phone.post(f"/tasks/{task}/acts/refuse", note="车坏了")
    world.sweep()
    assert tasks(world, matter) == [("near 甲", "refused"), ("far 甲", "offered")]
    card = world.phone("chen", "desk").get(f"/matters/{matter}")["card"]
    assert card["state"] == "dispatched"


def test_after_a_withdrawal_an_offer_that_runs_out_still_goes_to_the_next(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()
    desk = world.phone("chen", "desk")
    desk.post(f"/tasks/{offered(world.phone('near'))}/withdraw")
    world.sweep()
    assert tasks(world, matter) == [("near 甲", "withdrawn")]
    desk.post(f"/matters/{matter}/dispatch", party=str(world.people["far"].id))
    world.sweep(after_s=61)
    assert tasks(world, matter)[1:] == [("far 甲", "expired"), ("near 甲", "offered")]


def test_whoever_refused_is_not_asked_again_by_the_platform(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    world.sweep(after_s=70)
    assert tasks(world, matter) == [("near 甲", "refused")]


def test_whoever_never_answers_is_not_asked_for_ever(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    for _ in range(8):
        world.sweep(after_s=66)
    assert tasks(world, matter) == [("near 甲", "expired")] * 3


def test_somebody_sent_by_hand_meanwhile_is_enough(world: World) -> None:
    from jiedao.dispatch import actions  # noqa: PLC0415

    world.on_duty("near")
    world.on_duty("far")
    matter: UUID = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/dispatch", party=str(world.people["far"].id))
    with world.platform() as tx:
        actions.send_next(tx, matter)
    assert tasks(world, matter) == [("near 甲", "refused"), ("far 甲", "offered")]
