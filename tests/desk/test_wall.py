# SPDX-License-Identifier: Apache-2.0
"""The big screen: today in figures, set from the desk, and unable to decide anything."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from jiedao.desk import devices, wall
from jiedao.trace.models import Record
from tests.world import World


def test_the_usual_hour_is_the_middle_of_the_days_before() -> None:
    counts = [("mon", 8, 1), ("tue", 8, 5), ("wed", 8, 2), ("wed", 9, 7)]
    usual = wall.usual(counts)
    assert usual is not None
    assert (usual[8], usual[9], usual[10]) == (2.0, 0.0, 0.0)


def test_without_a_day_before_nothing_is_usual() -> None:
    assert wall.usual([]) is None


def test_todays_matters_are_counted_and_yesterdays_are_not(world: World) -> None:
    world.see()
    world.clock.forward(timedelta(days=1))
    world.see()
    world.clock.forward(timedelta(seconds=1))
    figures = world.phone("chen", "wall").client.get("/api/wall").json()
    assert figures["today"]["opened"] == 1
    assert figures["week_ago"]["opened"] == 0
    assert figures["hours"][-1] == 1
    assert sum(figures["usual_hours"]) == 1.0
    assert [(t["n"], t["title"]["zh-CN"] != "") for t in figures["types"]] == [(1, True)]


def test_a_false_alarm_is_no_matter(world: World) -> None:
    world.see()
    desk = world.phone("chen", "desk").client
    (card,) = desk.get("/api/desk/snapshot").json()["cards"]
    act = {"act_id": str(uuid4()), "reason": "light"}
    answer = desk.post(
        f"/api/matters/{card['id']}/acts/false_alarm", act, content_type="application/json"
    )
    assert answer.status_code == 200, answer.content
    assert desk.get("/api/wall").json()["today"]["opened"] == 0


def test_the_desk_sets_the_wall_and_it_is_on_record_once(world: World) -> None:
    desk = world.phone("chen", "desk").client
    wanted = {"act_id": str(uuid4()), "page": "cameras", "visitors": True}
    for _ in range(2):
        assert desk.post("/api/wall/mode", wanted, content_type="application/json").json() == {
            "page": "cameras",
            "visitors": True,
        }
    assert desk.get("/api/wall").json()["mode"] == {"page": "cameras", "visitors": True}
    with world.platform():
        rows = Record.objects.filter(verb="wall.set").values_list("payload", flat=True)
        assert list(rows) == [{"page": "cameras", "visitors": True}]


def test_a_page_that_there_is_not_is_refused(world: World) -> None:
    desk = world.phone("chen", "desk").client
    wanted = {"act_id": str(uuid4()), "page": "faces"}
    answer = desk.post("/api/wall/mode", wanted, content_type="application/json")
    assert answer.status_code == 422


def test_a_worker_neither_sees_nor_sets_the_wall(world: World) -> None:
    phone = world.phone("near").client
    assert phone.get("/api/wall").status_code == 403
    wanted = {"act_id": str(uuid4()), "visitors": True}
    answer = phone.post("/api/wall/mode", wanted, content_type="application/json")
    assert answer.status_code == 403


def test_the_wall_decides_nothing(world: World) -> None:
    world.see()
    screen = world.phone("chen", "wall").client
    (card,) = screen.get("/api/desk/snapshot").json()["cards"]
    act = {"act_id": str(uuid4())}
    answer = screen.post(
        f"/api/matters/{card['id']}/acts/confirm", act, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "session.wall")


def test_the_wall_states_its_purpose_once_a_shift(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "still.jpg"
    picture.write_bytes(b"a picture")
    monkeypatch.setattr(devices, "still_file", lambda _camera: picture)
    screen = world.phone("chen", "wall").client
    for hours in (0, 1, 6, 2):
        world.clock.forward(timedelta(hours=hours))
        assert screen.get(f"/api/cameras/{world.camera.id}/still").status_code == 200
    with world.platform():
        rows = Record.objects.filter(verb="camera.opened", subject_id=world.camera.id)
        assert [row.payload["purpose"] for row in rows] == ["值守", "值守"]


def test_the_wall_stays_signed_in_over_night_and_the_desk_does_not(world: World) -> None:
    screen, desk = world.phone("chen", "wall").client, world.phone("chen", "desk").client
    world.clock.forward(timedelta(hours=17))
    assert screen.get("/api/wall").status_code == 200
    assert desk.get("/api/wall").status_code == 401
