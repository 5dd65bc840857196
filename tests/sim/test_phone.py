# SPDX-License-Identifier: Apache-2.0
"""Simulated people: what a worker in the street and the duty room decide, told as scripts."""

import random
from typing import Any

import cv2
import numpy as np
import pytest

from jiedao.sim.phone import photo
from jiedao.sim.phone.desk import Deed, DutyRoom, plan_goes_on
from jiedao.sim.phone.worker import Answer, CheckIn, Fix, Raise, Worker, gap_m

Json = dict[str, Any]
HOME, BANK = (115.372, 23.284), (115.3745, 23.2825)
ON_DUTY: Json = {"shift": {"checked_in_at": "2026-11-23T00:00:00Z"}, "tasks": []}
OFF_DUTY: Json = {"shift": {"checked_in_at": None}, "tasks": []}


def a_worker(pace: float = 1.0) -> Worker:
    return Worker(HOME, random.Random(3), pace)  # noqa: S311


def a_task(state: str, title: str = "越过涉水警戒线", begun_at: str | None = None) -> Json:
    place = {"lon": BANK[0], "lat": BANK[1]}
    task = {"id": "T-1", "state": state, "title": {"zh-CN": title}, "place": place}
    return {**ON_DUTY, "tasks": [{**task, "begun_at": begun_at}]}


def at_work(title: str = "越过涉水警戒线") -> Json:
    """A task that its worker has begun to handle."""
    return a_task("on_scene", title, "2026-11-23T00:00:00Z")


def deeds(worker: Worker, today: Json, seconds: range, *, reports: bool = False) -> list[Any]:
    """Everything but fixes that the worker does over these seconds."""
    found = [act for s in seconds for act in worker.live(s, today, reports=reports)]
    return [act for act in found if not isinstance(act, Fix)]


def test_a_worker_checks_in_before_anything_else() -> None:
    assert a_worker().live(0, OFF_DUTY, reports=True) == [CheckIn()]


def test_an_offer_is_accepted_after_a_moment_of_thought() -> None:
    worker = a_worker()
    assert deeds(worker, a_task("offered"), range(3)) == []
    assert deeds(worker, a_task("offered"), range(3, 9))[0] == Answer("T-1", "accept")


def test_the_worker_really_goes_there_and_arrives_only_when_there() -> None:
    worker = a_worker()
    worker.live(0, a_task("accepted"), reports=False)
    needed_s = gap_m(HOME, BANK) / 5.5
    assert deeds(worker, a_task("accepted"), range(1, int(needed_s * 0.8))) == []
    later = deeds(worker, a_task("accepted"), range(int(needed_s * 0.8), int(needed_s) + 5))
    assert later[0] == Answer("T-1", "arrive")
    assert gap_m(worker.at, BANK) <= 13


def test_the_phone_tells_where_it_is_often_on_the_way_and_seldom_at_rest() -> None:
    def fixes(today: Json) -> int:
        worker = a_worker()
        acts = [a for s in range(60) for a in worker.live(s, today, reports=False)]
        return sum(isinstance(act, Fix) for act in acts)

    assert fixes(ON_DUTY) == 1
    assert fixes(a_task("accepted")) >= 10


def test_the_battery_runs_down_in_the_course_of_a_shift() -> None:
    worker = a_worker()
    fixes = [a for s in range(0, 4 * 3600, 60) for a in worker.live(s, ON_DUTY, reports=False)]
    left = [fix.battery_pct for fix in fixes if isinstance(fix, Fix)]
    assert (left[0], sorted(left, reverse=True)) == (100, left)
    assert 50 < left[-1] < 80


def test_on_the_scene_the_worker_looks_round_and_begins() -> None:
    worker = a_worker()
    assert deeds(worker, a_task("on_scene"), range(2)) == []
    assert deeds(worker, a_task("on_scene"), range(2, 6))[0] == Answer("T-1", "begin")


def test_the_work_takes_a_while_and_then_a_report_with_words_is_sent() -> None:
    worker = a_worker()
    assert deeds(worker, at_work(), range(9)) == []
    [report, *_] = deeds(worker, at_work(), range(9, 30))
    assert report.action == "report"
    assert report.note


def test_the_words_of_a_report_fit_the_task() -> None:
    def words(title: str) -> str:
        return str(deeds(a_worker(), at_work(title), range(60))[0].note)

    assert "清" in words("暴露垃圾")
    assert any(word in words("占道经营") for word in ("摊", "道路"))
    assert any(word in words("越过涉水警戒线") for word in ("岸", "水"))
    assert words("别的事")


def test_afterwards_the_worker_goes_home_again() -> None:
    worker = a_worker()
    deeds(worker, a_task("accepted"), range(120))
    deeds(worker, ON_DUTY, range(120, 240))
    assert gap_m(worker.at, HOME) < 20


def test_workers_come_upon_things_only_when_the_day_goes_on() -> None:
    assert deeds(a_worker(), ON_DUTY, range(3600)) == []
    seen = deeds(a_worker(), ON_DUTY, range(9000), reports=True)
    assert 1 <= len(seen) <= 5
    assert all(isinstance(act, Raise) and gap_m(act.at, HOME) < 250 for act in seen)


def test_a_faster_pace_shortens_everything() -> None:
    assert deeds(a_worker(pace=20), a_task("offered"), range(2)) == [Answer("T-1", "accept")]


def cards(state: str, version: int = 1) -> list[Json]:
    return [{"id": "M-1", "state": state, "version": version}]


def room(state: str, seconds: range, version: int = 1) -> list[Deed]:
    desk = DutyRoom(random.Random(1))  # noqa: S311
    return [deed for s in seconds for deed in desk.live(s, cards(state, version))]


def test_the_duty_room_confirms_an_alarm_once() -> None:
    assert room("reported", range(8)) == []
    assert room("reported", range(60)) == [Deed("confirm", "M-1")]


def test_the_duty_room_sends_somebody_to_what_was_filed_and_again_when_it_came_back() -> None:
    desk = DutyRoom(random.Random(1))  # noqa: S311
    first = [d for s in range(60) for d in desk.live(s, cards("filed", 2))]
    again = [d for s in range(60, 120) for d in desk.live(s, cards("filed", 5))]
    assert Deed("send", "M-1") in first
    assert again == [Deed("send", "M-1")]


def test_nobody_is_sent_by_hand_while_a_plan_is_at_it() -> None:
    def detail(*states: str) -> Json:
        return {"plan": {"steps": [{"step": "one", "state": state} for state in states]}}

    assert plan_goes_on(detail("done", "waiting"))
    assert plan_goes_on(detail("running"))
    assert not plan_goes_on(detail("done", "failed", "skipped", "stopped"))
    assert not plan_goes_on({"plan": None})


def test_what_waits_to_be_verified_is_verified_and_what_was_closed_is_rated() -> None:
    assert room("verifying", range(60)) == [Deed("verify", "M-1")]
    assert room("reported_back", range(60)) == []
    assert room("closed", range(60)) == [Deed("rate", "M-1")]
    assert room("rated", range(60)) == []


@pytest.mark.parametrize("scene", ["bridge", "market"])
def test_the_photo_is_a_picture_of_everyday_size(scene: str) -> None:
    data = photo.take("2026-11-23 08:00", 1, scene)
    assert data != photo.take("2026-11-23 08:00", 2, scene)
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (720, 960, 3)
    assert 30_000 < len(data) < 400_000
