# SPDX-License-Identifier: Apache-2.0
"""What is not done in time is told, once, to those whom the flow names for it."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from jiedao.catalog.store import load_packs
from jiedao.main import timers
from jiedao.matters import actions, models
from jiedao.trace.models import Record
from tests.world import BRIDGE, World, matter_id

GAS = """
pack: gas
version: 1
valid_from: 2020-01-01
name: {zh-CN: 燃气, en: Gas}
items:
  gas_smell:
    name: {zh-CN: 闻到燃气味, en: Smell of gas}
    flow: incident
    severity: 2
    standard: local
    standard_code: "T0001"
    owner: public_security
"""


def told(world: World, matter: UUID | str) -> list[str]:
    """The deadlines on record, in the order in which they were told."""
    with world.platform():
        rows = Record.objects.filter(matter_id=matter, verb="matter.overdue").order_by("version")
        return [row.payload["deadline"] for row in rows]


def card(world: World, matter: object) -> Any:
    return world.phone("chen", "desk").get(f"/matters/{matter}")["card"]


def raised(world: World, item: str = "exposed_rubbish") -> str:
    spot = {"lon": BRIDGE[0], "lat": BRIDGE[1]}
    return str(world.phone("near").post("/matters", item=item, note="x", **spot)["card"]["id"])


def test_a_first_level_alarm_that_nobody_confirms_calls_more_and_more_people(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep(after_s=59)
    assert (told(world, matter), card(world, matter)["told"]) == ([], [])
    world.sweep(after_s=1)
    assert set(told(world, matter)) == {"unconfirmed", "response"}
    assert card(world, matter)["told"] == ["duty_lead", "second_operator"]
    world.sweep(after_s=60)
    assert told(world, matter)[2:] == ["unconfirmed_call"]
    assert card(world, matter)["told"] == ["call", "duty_lead", "second_operator"]


def test_a_second_level_matter_calls_the_second_operator_after_five_minutes(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "gas.yaml"
    file.write_text(GAS)
    with world.platform() as tx:
        load_packs(tx, [file])
    matter = raised(world, "gas_smell")
    world.sweep(after_s=299)
    assert told(world, matter) == []
    world.sweep(after_s=1)
    assert told(world, matter) == ["unconfirmed_urgent"]
    assert card(world, matter)["told"] == ["second_operator"]


def test_a_third_level_matter_gets_a_red_flag_after_half_an_hour(world: World) -> None:
    matter = raised(world)
    world.sweep(after_s=1799)
    assert told(world, matter) == []
    world.sweep(after_s=1)
    assert told(world, matter) == ["unconfirmed_ordinary"]
    assert card(world, matter)["told"] == ["red_flag"]


def test_who_confirms_in_time_is_not_reminded_of_it(world: World) -> None:
    matter = matter_id(world.see())
    world.phone("chen", "desk").post(f"/matters/{matter}/acts/confirm")
    world.sweep(after_s=300)
    assert told(world, matter) == []


def test_once_confirmed_a_late_matter_calls_for_nobody_any_more(world: World) -> None:
    matter = raised(world)
    world.sweep(after_s=1800)
    world.phone("chen", "desk").post(f"/matters/{matter}/acts/confirm")
    assert (card(world, matter)["late"], card(world, matter)["told"]) == ([], [])


def test_what_is_not_handled_in_time_is_told_to_the_duty_lead_on_desk_and_phone(
    world: World,
) -> None:
    matter = matter_id(world.see())
    world.phone("chen", "desk").post(f"/matters/{matter}/acts/confirm")
    world.sweep(after_s=1800)
    assert told(world, matter) == ["handling"]
    way = world.phone("chen", "desk").get(f"/matters/{matter}")["timeline"]
    row = next(row for row in way if row["verb"] == "matter.overdue")
    assert row["words"]["zh-CN"] == "超时：处置超时"
    with world.platform():
        audience = Record.objects.get(matter_id=matter, verb="matter.overdue").audience
    assert "role:duty_lead" in audience
    lead, worker = world.phone("lin").get("/phone/today"), world.phone("near").get("/phone/today")
    assert [one["id"] for one in lead["told"]] == [str(matter)]
    assert worker["told"] == []


def test_each_deadline_is_told_once_however_often_the_timers_look(world: World) -> None:
    matter = matter_id(world.see())
    for _ in range(5):
        world.sweep(after_s=100)
    assert sorted(told(world, matter)) == ["response", "unconfirmed", "unconfirmed_call"]


def test_a_timer_that_is_killed_on_its_way_tells_it_once_all_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    matter = matter_id(world.see())
    world.sweep()

    def dies(tx: Any, what: UUID) -> None:
        actions.tell_overdue(tx, what)
        raise RuntimeError("killed before the commit")

    whole = timers._DO["deadline"]
    monkeypatch.setitem(timers._DO, "deadline", dies)
    world.sweep(after_s=60)
    assert told(world, matter) == []
    monkeypatch.setitem(timers._DO, "deadline", whole)
    world.sweep(after_s=10)
    assert sorted(told(world, matter)) == ["response", "unconfirmed"]


def test_two_timers_that_look_at_the_same_moment_tell_it_once(world: World) -> None:
    matter = matter_id(world.see())
    world.sweep(after_s=30)
    world.sweep(after_s=30)
    for _ in range(2):
        with world.platform() as tx:
            actions.tell_overdue(tx, matter)
    assert sorted(told(world, matter)) == ["response", "unconfirmed"]


def test_a_matter_for_which_nobody_is_found_still_keeps_its_deadlines(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    phone.post(f"/tasks/{phone.get('/phone/today')['tasks'][0]['id']}/acts/refuse")
    for _ in range(70):
        world.sweep(after_s=1)
    assert sorted(told(world, matter)) == ["response", "unconfirmed"]


def test_an_ended_matter_has_no_deadlines(world: World) -> None:
    matter = matter_id(world.see())
    world.phone("chen", "desk").post(f"/matters/{matter}/acts/false_alarm", reason="light")
    world.sweep(after_s=86_400)
    assert told(world, matter) == []
    with world.platform():
        assert models.Matter.objects.get(id=matter).next_deadline_at is None
