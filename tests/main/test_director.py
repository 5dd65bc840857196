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

from jiedao.main.director import DemoRows, is_watched, tell_cameras, write_seats
from jiedao.plans.models import Drill
from jiedao.trace.models import Record
from jiedao.voice.models import Announcement
from tests.world import Screen, World, role


def rows_of(world: World) -> DemoRows:
    return DemoRows(world.clock, loudspeaker="horn-1")


def free(world: World) -> list[str]:
    with role("jiedao_system"):
        return rows_of(world).free_seats()


def news(world: World, rows: DemoRows, *, take_drills: bool = True) -> tuple[int, int]:
    with role("jiedao_system"):
        found = rows.news(take_drills=take_drills)
        rows.tie_drills()
    return found.drills, found.spoken


def ask_for_drill(_world: World) -> None:
    screen = Screen(Client(headers={"X-Jiedao-CSRF": "1"}))
    screen.post("/drills", kind="fence")
    assert screen.status == 200


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
    assert news(world, rows)[0] == 0
    ask_for_drill(world)
    assert news(world, rows)[0] == 1
    assert news(world, rows)[0] == 0
    with world.platform():
        assert Record.objects.filter(verb="drill.taken").count() == 1


def test_a_drill_waits_while_nobody_films_the_bank(world: World) -> None:
    rows = rows_of(world)
    ask_for_drill(world)
    assert news(world, rows, take_drills=False)[0] == 0
    assert news(world, rows)[0] == 1


def test_a_drill_is_tied_to_the_matter_that_it_became(world: World) -> None:
    rows = rows_of(world)
    ask_for_drill(world)
    news(world, rows)
    assert drills(world)[0].matter_id is None
    world.clock.forward(timedelta(seconds=5))
    seen = world.see()
    news(world, rows)
    assert drills(world)[0].matter_id == seen.matter


def test_a_matter_from_before_the_drill_is_not_its_own(world: World) -> None:
    rows = rows_of(world)
    world.see()
    world.clock.forward(timedelta(seconds=5))
    ask_for_drill(world)
    news(world, rows)
    assert drills(world)[0].matter_id is None


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
    assert news(world, rows)[1] == 0
    world.clock.forward(timedelta(seconds=1))
    with world.platform() as tx:
        Announcement.objects.filter(id=asked.id).update(first_packet_at=tx.now, state="playing")
    assert news(world, rows)[1] == 1
    assert news(world, rows)[1] == 0


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
        assert is_watched(tell_cameras(port, {"status": True}))
    assert not is_watched({"mounts": {"bridge": {"sessions": 0}}})


def test_a_camera_elsewhere_is_taken_to_be_watched() -> None:
    assert is_watched({"mounts": {"market": {"sessions": 0}}})


def test_a_line_that_gives_no_answer_is_an_error_of_the_line() -> None:
    with a_camera_line(b"") as port, pytest.raises(ConnectionError):
        tell_cameras(port, {"status": True})
