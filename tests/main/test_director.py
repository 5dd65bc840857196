# SPDX-License-Identifier: Apache-2.0
"""The demo's director at its rows: seats that visitors took, drills, and what was spoken."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client

from jiedao.main.director import DemoRows, News, StageRows, is_watched, tell_cameras, write_seats
from jiedao.main.tape import BRIDGE, MARKET
from jiedao.plans.models import Drill
from jiedao.town.models import Town
from jiedao.trace.models import Record
from jiedao.voice.models import Announcement
from tests.world import Screen, World, matter_id, role


def rows_of(world: World) -> StageRows:
    return StageRows(world.clock, BRIDGE, loudspeaker="horn-1")


def free(world: World) -> list[str]:
    with role("jiedao_system"):
        return DemoRows(world.clock).free_seats()


def news(world: World, rows: StageRows, *, watched: bool = True) -> News:
    with role("jiedao_system"):
        found = rows.news(watched=watched)
        rows.follow_drills()
    return found


def ask_for_drill(_world: World, kind: str = "fence") -> Screen:
    screen = Screen(Client(headers={"X-Jiedao-CSRF": "1"}))
    screen.post("/drills", kind=kind)
    return screen


def drills(world: World) -> list[Drill]:
    with world.platform():
        return list(Drill.objects.order_by("asked_at"))


def test_a_seat_that_a_visitor_took_is_left_to_the_visitor(world: World) -> None:
    everyone = free(world)
    assert len(everyone) == len(world.people)
    world.phone("near")
    assert set(everyone) - set(free(world)) == {"near"}


def test_simulated_people_do_not_count_as_visitors(world: World) -> None:
    everyone = free(world)
    world.phone("near", seat="sim")
    assert free(world) == everyone


def test_a_seat_left_alone_is_played_again_after_a_while(world: World) -> None:
    world.phone("near")
    world.clock.forward(timedelta(minutes=2))
    assert "near" not in free(world)
    world.clock.forward(timedelta(minutes=2))
    assert "near" in free(world)


def test_a_drill_is_taken_up_once_and_leaves_a_record(world: World) -> None:
    rows = rows_of(world)
    assert not news(world, rows).drill
    assert ask_for_drill(world).status == 200
    assert news(world, rows).drill
    assert not news(world, rows).drill
    with world.platform():
        assert Record.objects.filter(verb="drill.taken").count() == 1


def test_a_drill_of_another_kind_is_left_to_its_stage(world: World) -> None:
    ask_for_drill(world, "stall")
    assert not news(world, rows_of(world)).drill
    assert news(world, StageRows(world.clock, MARKET)).drill


def test_a_drill_waits_while_nobody_films_the_stage(world: World) -> None:
    rows = rows_of(world)
    ask_for_drill(world)
    assert not news(world, rows, watched=False).drill
    assert news(world, rows).drill


def test_a_drill_waits_until_what_goes_on_there_is_over(world: World) -> None:
    rows = rows_of(world)
    going = matter_id(world.see(demo=True))
    ask_for_drill(world)
    first, second = news(world, rows), news(world, rows)
    assert (first.drill, first.drill_waits) == (False, True)
    assert (second.drill, second.drill_waits) == (False, False), "told once"
    world.phone("chen", "desk").post(f"/matters/{going}/acts/false_alarm", reason="light")
    assert news(world, rows).drill


def test_a_drill_is_tied_to_the_matter_that_it_became_and_over_when_that_has_ended(
    world: World,
) -> None:
    rows = rows_of(world)
    ask_for_drill(world)
    news(world, rows)
    assert drills(world)[0].matter_id is None
    world.clock.forward(timedelta(seconds=5))
    seen = world.see()
    news(world, rows)
    assert (drills(world)[0].matter_id, drills(world)[0].over_at) == (seen.matter, None)
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{seen.matter}/acts/false_alarm", reason="light")
    news(world, rows)
    assert drills(world)[0].over_at == world.clock.now()


def test_a_matter_from_before_the_drill_is_not_its_own(world: World) -> None:
    rows = rows_of(world)
    world.see()
    world.clock.forward(timedelta(seconds=5))
    ask_for_drill(world)
    news(world, rows)
    assert drills(world)[0].matter_id is None


def test_a_drill_that_nothing_came_of_is_over_after_a_minute(world: World) -> None:
    rows = rows_of(world)
    ask_for_drill(world)
    news(world, rows)
    world.clock.forward(timedelta(seconds=61))
    news(world, rows)
    assert drills(world)[0].over_at is not None


def test_one_drill_at_a_time_and_not_too_many(world: World) -> None:
    assert ask_for_drill(world).status == 200
    second = Screen(Client(headers={"X-Jiedao-CSRF": "1"}))
    refused = second.post("/drills", kind="stall")
    assert (second.status, refused["code"]) == (409, "plans.drill_under_way")
    with world.platform() as tx:
        Drill.objects.update(over_at=tx.now)
    refused = second.post("/drills", kind="stall")
    assert (second.status, refused["facts"]["wait_s"]) == (429, "15")
    world.clock.forward(timedelta(seconds=15))
    assert ask_for_drill(world, "stall").status == 200


def test_outside_the_demo_only_the_duty_lead_may_ask_for_a_drill(world: World) -> None:
    with world.platform():
        Town.objects.update(demo=False)
    assert ask_for_drill(world).status == 403
    operator = world.phone("chen", "desk")
    operator.post("/drills", kind="fence")
    assert operator.status == 403
    lead = world.phone("lin", "desk")
    lead.post("/drills", kind="fence")
    assert lead.status == 200


def test_whoever_arrives_is_noticed_once(world: World) -> None:
    rows = rows_of(world)
    world.on_duty("near")
    world.see(demo=True)
    world.sweep()
    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    phone.post(f"/tasks/{task}/acts/accept")
    assert not news(world, rows).arrived
    world.clock.forward(timedelta(seconds=1))
    phone.post(f"/tasks/{task}/acts/arrive")
    assert news(world, rows).arrived
    assert not news(world, rows).arrived


def test_each_announcement_is_noticed_once_when_it_begins_to_sound(world: World) -> None:
    rows = rows_of(world)
    with world.platform() as tx:
        asked = Announcement.objects.create(
            loudspeaker=world.loudspeaker,
            text="请离开水边",
            place_path=world.place.path,
            asked_by=tx.actor.id,
            asked_at=tx.now,
            try_at=tx.now,
        )
    assert not news(world, rows).spoken
    world.clock.forward(timedelta(seconds=1))
    with world.platform() as tx:
        Announcement.objects.filter(id=asked.id).update(first_packet_at=tx.now, state="playing")
    assert news(world, rows).spoken
    assert not news(world, rows).spoken


def test_the_list_of_free_seats_is_whole_at_every_moment(tmp_path: Path) -> None:
    file = tmp_path / "run" / "seats.json"
    write_seats(file, ["wangge1"], reports=True)
    write_seats(file, [], reports=False)
    assert json.loads(file.read_text("utf-8")) == {"free": [], "reports": False}
    assert list(file.parent.iterdir()) == [file]


@contextmanager
def a_camera_line(answer: bytes) -> Iterator[int]:
    """A control line that answers every caller the same; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                line.makefile("rb").readline()
                line.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_the_cameras_say_whether_anybody_films_the_bank() -> None:
    said = {"ok": True, "mounts": {"bridge": {"sessions": 1}}}
    with a_camera_line(json.dumps(said).encode() + b"\n") as port:
        assert is_watched(tell_cameras(port, {"status": True}), "bridge")
    assert not is_watched({"mounts": {"bridge": {"sessions": 0}}}, "bridge")


def test_a_camera_elsewhere_is_taken_to_be_watched() -> None:
    assert is_watched({"mounts": {"market": {"sessions": 0}}}, "bridge")


def test_a_line_that_gives_no_answer_is_an_error_of_the_line() -> None:
    with a_camera_line(b"") as port, pytest.raises(ConnectionError):
        tell_cameras(port, {"status": True})
