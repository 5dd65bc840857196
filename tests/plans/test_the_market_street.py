# SPDX-License-Identifier: Apache-2.0
"""A stall in the road: reminded, looked at, left or sent to; told by hand-turned clock."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from jiedao.base.ids import new_id
from jiedao.dispatch.models import Shift
from jiedao.main.timers import Timers
from jiedao.plans.models import Drill, Run
from jiedao.signals.store import update_presence
from jiedao.town.calendar import load_school_terms
from jiedao.town.models import Appointment
from jiedao.voice.models import Announcement, Loudspeaker
from tests.world import World, matter_id

#: Two stalls of one street, in the camera's picture.
HERE = (0.60, 0.50, 0.68, 0.70)
THERE = (0.60, 0.40, 0.66, 0.52)
ZONE = "kerb"


@pytest.fixture(autouse=True)
def officers(world: World) -> None:
    """Near is an officer, far is not."""
    with world.platform():
        Appointment.objects.filter(party=world.people["near"]).update(
            certificates=["law_enforcement"]
        )


def stays(world: World, spot: tuple[float, ...] = HERE) -> UUID:
    """A stall has stayed for longer than it may; the matter that this is."""
    return matter_id(world.see("stall.stays", zone=ZONE, facts={"spot": spot, "box": spot}))


def steps(world: World, matter: UUID) -> dict[str, Any]:
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    return {step["step"]: step for step in shown["plan"]["steps"]}


def card(world: World, matter: UUID) -> dict[str, Any]:
    shown: dict[str, Any] = world.phone("chen", "desk").get(f"/matters/{matter}")["card"]
    return shown


def let_pass(world: World, after_s: float, *there: tuple[float, ...], **word: Any) -> None:
    """Let time pass and the reminder be said; the camera's last word comes at its end."""
    with world.platform():
        Announcement.objects.filter(state="asked").update(state="played")
    world.sweep()
    age_s = word.pop("age_s", 0.5)
    world.clock.forward(timedelta(seconds=after_s - age_s))
    with world.platform() as tx:
        update_presence(
            tx,
            world.camera.id,
            ZONE,
            None if word.get("blind") else word.get("in_zone", len(there)),
            blind=word.get("blind", False),
            at=tx.now,
            stays=there,
            since=word.get("since"),
        )
    world.sweep(after_s=age_s)


def said(matter: UUID) -> list[str | None]:
    rows = Announcement.objects.filter(matter_id=matter).order_by("asked_at")
    return list(rows.values_list("phrase", flat=True))


def test_whoever_stays_is_reminded_three_times_firmer_each_time_then_an_officer_is_sent(
    world: World,
) -> None:
    world.on_duty("near")
    matter = stays(world)
    world.sweep()
    for after_s in (180, 180, 120):
        assert card(world, matter)["state"] == "reported"
        let_pass(world, after_s, HERE)
    with world.platform():
        assert said(matter) == ["stall_remind", "stall_remind_firm", "stall_remind_last"]
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert shown["card"]["state"] == "dispatched"
    assert [task["name"] for task in shown["tasks"]] == ["near 甲"]
    assert steps(world, matter)["settle"]["state"] == "skipped"


def test_whoever_leaves_after_a_reminder_is_done_with_and_nobody_is_sent(world: World) -> None:
    world.on_duty("near")
    matter = stays(world)
    world.sweep()
    let_pass(world, 180)
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert (shown["card"]["state"], shown["tasks"]) == ("left", [])
    found = steps(world, matter)
    assert found["look_1"]["result"]["found"] == "clear"
    assert {found[step]["state"] for step in ("remind_2", "look_2", "remind_3", "send")} == {
        "skipped"
    }
    assert found["settle"]["state"] == "done"
    assert [row["verb"] for row in shown["timeline"]].count("matter.acted") == 1
    world.sweep(after_s=600)
    with world.platform():
        assert said(matter) == ["stall_remind"]


@pytest.mark.parametrize(
    ("word", "why"),
    [({"age_s": 4}, "stale"), ({"blind": True}, "blind"), ({"since": "later"}, "looked_away")],
)
def test_a_street_that_is_not_surely_clear_is_never_taken_for_clear(
    world: World, word: dict[str, Any], why: str
) -> None:
    matter = stays(world)
    world.sweep()
    if "since" in word:
        # The camera came back a minute after the stall was seen: it knows nothing of before.
        word = {"since": world.clock.now() + timedelta(seconds=60)}
    let_pass(world, 180, **word)
    look = steps(world, matter)["look_1"]
    assert (look["result"]["found"], look["result"]["why"]) == ("not_known", why)
    assert steps(world, matter)["remind_2"]["state"] == "running"
    assert card(world, matter)["state"] == "reported"


def test_a_van_before_the_stall_does_not_make_the_street_clear(world: World) -> None:
    matter = stays(world)
    world.sweep()
    van = (0.55, 0.45, 0.75, 0.98)
    let_pass(world, 180, van, in_zone=0)
    assert steps(world, matter)["look_1"]["result"]["found"] == "not_clear"
    let_pass(world, 180, (0.1, 0.45, 0.3, 0.98), in_zone=0)
    assert card(world, matter)["state"] == "left"


def test_without_a_word_of_the_camera_the_officer_goes_and_sees(world: World) -> None:
    world.on_duty("near")
    matter = stays(world)
    world.sweep()
    for _ in range(3):
        with world.platform():
            Announcement.objects.filter(state="asked").update(state="played")
        world.sweep()
        world.sweep(after_s=180)
    assert card(world, matter)["state"] == "dispatched"


def test_two_stalls_in_one_zone_are_two_matters_and_leave_each_for_itself(world: World) -> None:
    one, other = stays(world, HERE), stays(world, THERE)
    assert one != other
    world.sweep()
    let_pass(world, 180, THERE)
    assert (card(world, one)["state"], card(world, other)["state"]) == ("left", "reported")


def test_a_stall_that_was_lost_from_sight_is_the_same_stall_an_hour_later(world: World) -> None:
    matter = stays(world)
    world.clock.forward(timedelta(hours=1))
    shifted = (HERE[0] + 0.01, HERE[1] + 0.01, HERE[2] + 0.01, HERE[3] + 0.01)
    assert stays(world, shifted) == matter
    assert card(world, matter)["times"] == 2


def test_a_stall_that_comes_back_after_it_left_is_a_new_matter(world: World) -> None:
    matter = stays(world)
    world.sweep()
    let_pass(world, 180)
    assert stays(world) != matter


def test_in_school_hours_it_is_more_severe_and_the_pauses_are_shorter(world: World) -> None:
    with world.platform() as tx:
        term = {
            "name": "2026 秋",
            "place_path": "/T/",
            "first_day": date(2026, 9, 1),
            "last_day": date(2027, 1, 20),
            "hours": [["11:30", "12:20"]],
        }
        load_school_terms(tx, "test", [term])
    matter = stays(world)
    assert card(world, matter)["severity"] == 2
    world.sweep()
    let_pass(world, 60)
    assert card(world, matter)["state"] == "left"
    with world.platform():
        assert Run.objects.get(matter_id=matter).pace == "school"
    world.clock.forward(timedelta(hours=1))
    assert card(world, stays(world))["severity"] == 3


def test_a_drill_goes_at_its_own_pace_only_while_it_is_under_way(world: World) -> None:
    with world.platform() as tx:
        Drill.objects.create(
            id=new_id(), kind="stall", asked_by=tx.actor.id, asked_at=tx.now, taken_at=tx.now
        )
    drilled = matter_id(world.see("stall.stays", zone=ZONE, facts={"spot": HERE}, demo=True))
    real = matter_id(world.see("stall.stays", zone=ZONE, facts={"spot": THERE}))
    world.sweep()
    let_pass(world, 5)
    assert (card(world, drilled)["state"], card(world, real)["state"]) == ("left", "reported")
    world.clock.forward(timedelta(minutes=6))
    late = matter_id(world.see("stall.stays", zone=ZONE, facts={"spot": HERE}, demo=True))
    world.sweep()
    let_pass(world, 5)
    assert card(world, late)["state"] == "reported"


def test_only_an_officer_is_sent(world: World) -> None:
    world.on_duty("far")
    matter = stays(world)
    world.sweep()
    for after_s in (180, 180, 120):
        let_pass(world, after_s, HERE)
    send = steps(world, matter)["send"]
    assert (send["state"], send["result"]["why"]) == ("waiting", "dispatch.nobody_free")
    world.on_duty("near")
    world.sweep(after_s=11)
    assert steps(world, matter)["send"]["state"] == "done"


def test_in_quiet_hours_nothing_is_said_and_the_officer_is_sent_all_the_same(world: World) -> None:
    world.on_duty("near")
    with world.platform():
        Loudspeaker.objects.update(quiet_from="11:00", quiet_to="14:00")
    matter = stays(world)
    for _ in range(60):
        world.sweep(after_s=10)
    found = steps(world, matter)
    assert found["remind_1"]["result"]["why"] == "voice.quiet_hours"
    assert found["send"]["state"] == "done"
    with world.platform():
        assert said(matter) == []


def test_an_operator_who_sent_somebody_keeps_the_matter_open_when_the_street_is_clear(
    world: World,
) -> None:
    world.on_duty("near")
    matter = stays(world)
    world.sweep()
    with world.platform():
        party = Shift.objects.get().party_id
    world.phone("chen", "desk").post(f"/matters/{matter}/dispatch", party=str(party))
    phone = world.phone("near")
    phone.post(f"/tasks/{phone.get('/phone/today')['tasks'][0]['id']}/acts/accept")
    let_pass(world, 180)
    assert card(world, matter)["state"] == "on_way"
    settle = steps(world, matter)["settle"]
    assert (settle["state"], settle["result"]["why"]) == ("skipped", "taken_up")


def test_another_pulse_goes_on_where_the_one_that_died_stood(world: World) -> None:
    matter = stays(world)
    world.sweep()
    world.timers = Timers(world.clock)
    let_pass(world, 180, HERE)
    world.timers = Timers(world.clock)
    let_pass(world, 180, HERE)
    with world.platform():
        assert said(matter) == ["stall_remind", "stall_remind_firm", "stall_remind_last"]


def test_a_person_stops_the_next_reminder_and_the_look_after_it_comes_at_once(
    world: World,
) -> None:
    matter = stays(world)
    world.sweep()
    desk = world.phone("chen", "desk")
    desk.post(f"/plan-steps/{steps(world, matter)['remind_2']['id']}/stop")
    let_pass(world, 180, HERE)
    found = steps(world, matter)
    assert (found["remind_2"]["state"], found["look_2"]["state"]) == ("stopped", "done")
