# SPDX-License-Identifier: Apache-2.0
"""From a step over the line to a rated matter, through the HTTP API, on a real database."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedao.signals.store import update_presence
from jiedao.voice.models import Announcement
from tests.world import World, matter_id


def test_a_crossing_is_spoken_to_sent_to_handled_verified_closed_and_rated(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()

    desk = world.phone("chen", "desk")
    shown = desk.get(f"/matters/{matter}")
    assert shown["card"]["state"] == "dispatched"
    assert [s["state"] for s in shown["plan"]["steps"][:3]] == ["running", "done", "waiting"]
    assert shown["tasks"][0]["name"] == "near 甲"
    assert desk.post(f"/matters/{matter}/acts/confirm")["card"]["confirmed"]

    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    for act, leads_to in (
        ("accept", "on_way"),
        ("arrive", "on_scene"),
        ("begin", "handling"),
        ("report", "verifying"),
    ):
        phone.post(f"/tasks/{task}/acts/{act}", note="劝离，人已上岸" if act == "report" else None)
        assert phone.status == 200, act
        assert desk.get(f"/matters/{matter}")["card"]["state"] == leads_to

    verifier = world.phone("he", "desk")
    assert verifier.post(f"/matters/{matter}/acts/verify_pass")["card"]["state"] == "closed"
    rated = verifier.post(f"/matters/{matter}/acts/rate", rating=5)
    assert rated["card"]["state"] == "rated"
    verbs = [row["verb"] for row in rated["timeline"]]
    for verb in (
        "matter.reported",
        "plan.started",
        "announcement.asked",
        "task.offered",
        "task.accepted",
        "task.arrived",
        "task.begun",
        "task.reported",
        "matter.acted",
    ):
        assert verb in verbs


def test_whoever_handled_a_matter_does_not_verify_it(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/acts/confirm")
    desk.post(f"/matters/{matter}/acts/feedback", note="电话劝离")
    refused = desk.post(f"/matters/{matter}/acts/verify_pass")
    assert (desk.status, refused["code"]) == (409, "matters.guard")
    assert (
        world.phone("he", "desk").post(f"/matters/{matter}/acts/verify_pass")["card"]["state"]
        == "closed"
    )


def test_an_offer_that_nobody_answers_goes_to_the_next_nearest(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()
    world.sweep(after_s=59)
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert [t["state"] for t in shown["tasks"]] == ["offered"]
    world.sweep(after_s=2)
    world.sweep()
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert [(t["name"], t["state"]) for t in shown["tasks"]] == [
        ("near 甲", "expired"),
        ("far 甲", "offered"),
    ]


def test_a_refused_offer_goes_to_the_next_nearest(world: World) -> None:
    world.on_duty("near")
    world.on_duty("far")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{phone.get('/phone/today')['tasks'][0]['id']}/acts/refuse")
    world.sweep()
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert [(t["name"], t["state"]) for t in shown["tasks"]] == [
        ("near 甲", "refused"),
        ("far 甲", "offered"),
    ]


def test_nobody_on_duty_leaves_the_step_waiting_and_says_why(world: World) -> None:
    matter = matter_id(world.see())
    world.sweep()
    step = world.phone("chen", "desk").get(f"/matters/{matter}")["plan"]["steps"][1]
    assert (step["state"], step["result"]["why"]) == ("waiting", "dispatch.nobody_free")
    world.on_duty("far")
    world.sweep(after_s=11)
    step = world.phone("chen", "desk").get(f"/matters/{matter}")["plan"]["steps"][1]
    assert step["state"] == "done"


def _look(world: World, word: int | None, *, age_s: float, blind: bool = False) -> dict[str, Any]:
    """The plan's steps after it spoke and looked again at a zone of which a word was kept."""
    matter = matter_id(world.see())
    world.sweep()
    with world.platform():
        Announcement.objects.filter(matter_id=matter).update(state="played")
    world.sweep()
    world.clock.forward(timedelta(seconds=8 - age_s))
    with world.platform() as tx:
        update_presence(tx, world.camera.id, "water_edge", word, blind=blind, at=tx.now)
    world.sweep(after_s=age_s)
    steps = world.phone("chen", "desk").get(f"/matters/{matter}")["plan"]["steps"]
    return {step["step"]: step for step in steps}


def test_a_zone_that_is_clear_needs_no_second_word(world: World) -> None:
    steps = _look(world, 0, age_s=1)
    assert steps["look"]["result"]["found"] == "clear"
    assert steps["speak_firmly"]["state"] == "skipped"
    assert steps["tell_lead"]["state"] == "skipped"


@pytest.mark.parametrize(
    ("word", "age_s", "blind", "found"),
    [
        (2, 1, False, "not_clear"),
        (0, 4, False, "not_known"),
        (0, 1, True, "not_known"),
        (None, 1, False, "not_known"),
    ],
)
def test_whatever_is_not_surely_clear_is_spoken_to_again(
    world: World, word: int | None, age_s: float, blind: bool, found: str
) -> None:
    steps = _look(world, word, age_s=age_s, blind=blind)
    assert steps["look"]["result"]["found"] == found
    assert steps["speak_firmly"]["state"] == "running"


def test_a_person_can_stop_a_step(world: World) -> None:
    matter = matter_id(world.see())
    world.sweep()
    desk = world.phone("chen", "desk")
    step = desk.get(f"/matters/{matter}")["plan"]["steps"][1]["id"]
    desk.post(f"/plan-steps/{step}/stop")
    assert desk.status == 200
    again = desk.post(f"/plan-steps/{step}/stop")
    assert (desk.status, again["code"]) == (409, "plans.step_over")


def test_the_same_again_within_ten_minutes_is_one_matter_times_two(world: World) -> None:
    first = matter_id(world.see())
    second = matter_id(world.see())
    assert first == second
    assert world.phone("chen", "desk").get(f"/matters/{first}")["card"]["times"] == 2


def test_the_same_again_after_somebody_reported_back_is_a_new_alarm(world: World) -> None:
    world.on_duty("near")
    first = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    for act in ("accept", "report"):
        phone.post(f"/tasks/{task}/acts/{act}", note="已劝离")
    assert matter_id(world.see()) != first


def test_the_same_again_after_the_plan_is_over_is_spoken_to_again(world: World) -> None:
    steps = _look(world, 0, age_s=1)
    assert steps["speak_firmly"]["state"] == "skipped"
    said = Announcement.objects.count
    with world.platform():
        before = said()
    world.see()
    with world.platform():
        assert said() == before + 1
    world.see()  # while it is being said it is not asked for a second time
    with world.platform():
        assert said() == before + 1


def test_the_same_observation_twice_counts_once(world: World) -> None:
    same = UUID(int=77)
    first = matter_id(world.see(id=same))
    assert matter_id(world.see(id=same)) == first
    assert world.phone("chen", "desk").get(f"/matters/{first}")["card"]["times"] == 1


def test_a_person_watching_a_picture_raises_a_matter_from_it(world: World) -> None:
    desk = world.phone("chen", "desk")
    raised = desk.post("/matters", lon=114.4501, lat=22.8001, note="河边有人翻护栏")
    assert desk.status == 200, raised
    assert raised["card"]["source"] == "person"


def test_an_operator_of_another_community_sees_none_of_it(world: World) -> None:
    matter = matter_id(world.see())
    other = world.phone("elsewhere", "desk")
    other.get(f"/matters/{matter}")
    assert other.status == 404
    assert other.get("/desk/snapshot")["cards"] == []


def test_the_same_act_twice_is_done_once_and_answered_the_same(world: World) -> None:
    matter = matter_id(world.see())
    desk = world.phone("chen", "desk")
    act = str(UUID(int=5))
    desk.post(f"/matters/{matter}/acts/confirm", act_id=act)
    again = desk.post(f"/matters/{matter}/acts/confirm", act_id=act)
    assert desk.status == 200
    assert again["card"]["version"] == 2
    changed = desk.post(f"/matters/{matter}/acts/note", act_id=act, note="x")
    assert (desk.status, changed["code"]) == (409, "trace.act_changed")
