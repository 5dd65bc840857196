# SPDX-License-Identifier: Apache-2.0
"""Sending hands when several want them, and when nobody answers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedao.dispatch import actions as dispatch
from jiedao.dispatch import store
from jiedao.matters import actions
from jiedao.signals.models import Position
from jiedao.town.calendar import local_day
from tests.world import BRIDGE, World, matter_id

SPOT = {"lon": BRIDGE[0], "lat": BRIDGE[1]}
RUBBISH = {"item": "exposed_rubbish", **SPOT}


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
    world.on_duty("near")
    world.on_duty("far")
    matter: UUID = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/dispatch", party=str(world.people["far"].id))
    with world.platform() as tx:
        dispatch.send_next(tx, matter)
    assert tasks(world, matter) == [("near 甲", "refused"), ("far 甲", "offered")]


def escalations(world: World, matter: object) -> list[str]:
    way = world.phone("chen", "desk").get(f"/matters/{matter}")["timeline"]
    return [row["facts"]["reason"] for row in way if row["facts"].get("action") == "escalate"]


def test_with_nobody_left_to_ask_the_duty_lead_is_told_once(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse", note="走不开")
    for _ in range(4):
        world.sweep(after_s=6)
    assert escalations(world, matter) == ["nobody_left"]
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert (shown["card"]["state"], shown["card"]["told"]) == ("filed", ["duty_lead"])
    assert [one["id"] for one in world.phone("lin").get("/phone/today")["told"]] == [str(matter)]


def test_another_refusal_after_that_is_told_again(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    world.sweep(after_s=6)
    world.on_duty("far")
    world.sweep(after_s=6)
    other = world.phone("far")
    other.post(f"/tasks/{offered(other)}/acts/refuse")
    world.sweep(after_s=6)
    assert escalations(world, matter) == ["nobody_left", "nobody_left"]


def test_while_somebody_is_left_to_ask_the_lead_is_left_alone(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    world.sweep(after_s=6)
    assert escalations(world, matter) == []


def test_a_plan_that_finds_nobody_on_duty_tells_the_lead_once(world: World) -> None:
    matter = matter_id(world.see())
    for _ in range(4):
        world.sweep(after_s=11)
    assert escalations(world, matter) == ["nobody_left"]


@pytest.mark.parametrize("acts", [(), ("accept",), ("accept", "arrive", "begin", "report")])
def test_a_matter_is_brought_to_the_lead_from_wherever_it_stands(
    world: World, acts: tuple[str, ...]
) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    task = offered(phone)
    for act in acts:
        phone.post(f"/tasks/{task}/acts/{act}", note="x")
    desk = world.phone("chen", "desk")
    shown = desk.post(f"/matters/{matter}/acts/escalate", reason="家属到场，情绪激动")
    assert desk.status == 200, shown
    assert shown["card"]["told"] == ["duty_lead"]
    with world.platform() as tx:
        actions.act(tx, matter, "escalate", {"reason": "plan"})


def test_the_choice_is_kept_with_its_reasons_and_its_runners_up(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    with world.platform() as tx:
        Position.objects.create(
            party_id=world.people["near"].id,
            lon=BRIDGE[0],
            lat=BRIDGE[1],
            at=tx.now - timedelta(minutes=6),
            received_at=tx.now,
            battery_pct=17,
        )
    matter = raised(world)
    desk = world.phone("chen", "desk")
    listed = {one["name"]: one for one in desk.get(f"/matters/{matter}/candidates")}
    assert (listed["near 甲"]["heard_age_s"], listed["near 甲"]["battery_pct"]) == (360.0, 17)
    assert (listed["far 甲"]["heard_age_s"], listed["far 甲"]["battery_pct"]) == (None, None)
    shown = desk.post(f"/matters/{matter}/dispatch", party=str(world.people["near"].id))
    why = shown["tasks"][0]["why"]
    assert (why["considered"], why["chosen"]["battery_pct"]) == (2, 17)
    assert why["chosen"]["reasons"] == ["on_duty", "free", "position_checkin"]
    assert [one["name"] for one in why["runners_up"]] == ["far 甲"]


def test_where_the_flow_knows_no_way_up_nobody_is_bothered(world: World) -> None:
    world.on_duty("near")
    desk = world.phone("chen", "desk")
    matter = matter_id(world.see("device.camera_lost"))
    desk.post(f"/matters/{matter}/dispatch", party=str(world.people["near"].id))
    phone = world.phone("near")
    phone.post(f"/tasks/{offered(phone)}/acts/refuse")
    world.sweep(after_s=6)
    assert desk.get(f"/matters/{matter}")["card"]["told"] == []
