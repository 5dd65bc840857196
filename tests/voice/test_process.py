# SPDX-License-Identifier: Apache-2.0
"""The voice process on a real database, with loudspeakers in a process of their own."""

import json
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import SystemClock
from jiedao.base.database import transact
from jiedao.trace.models import Record
from jiedao.voice.match import likeness
from jiedao.voice.wav import read_wav
from tests.voice.conftest import LEAVE, SYSTEM, Station
from tests.voice.horns import Horns, running_horns


@pytest.fixture(scope="module")
def horns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Horns]:
    with running_horns(tmp_path_factory.mktemp("horns")) as bank:
        yield bank


def test_what_is_asked_for_is_heard_and_proved(speaking: Station, horns: Horns) -> None:
    speaker = speaking.a_loudspeaker("speaker-001", horns.port)
    asked = speaking.ask(speaker, LEAVE)

    row = speaking.wait_over(asked)

    assert (row.state, row.failure, row.packets_lost) == ("played", "", 0)
    assert row.is_end_confirmed
    assert row.heard_match is not None
    assert row.heard_match > 0.99
    blobs = BlobStore(speaking.folder / "blobs")
    rendered, heard = (
        read_wav(blobs.path(str(name)).read_bytes()) for name in (row.rendered_blob, row.heard_blob)
    )
    assert likeness(rendered, heard) > 0.99
    (ended,) = horns.wait_for("ended", account="speaker-001")
    assert ended["packets"] == row.packets
    assert likeness(rendered, read_wav(Path(ended["wav"]).read_bytes())) > 0.99
    voiced = datetime.fromisoformat(ended["first_voiced_at"])
    assert row.first_packet_at is not None
    assert row.asked_at < row.first_packet_at < voiced
    with transact(SYSTEM, SystemClock()):
        rows = Record.objects.filter(subject_id=asked).order_by("at", "id")
        assert [r.verb for r in rows] == [
            "announcement.asked",
            "announcement.playing",
            "announcement.played",
        ]
        assert rows[2].payload["heard"] == row.heard_blob


def test_announcements_of_one_loudspeaker_queue(speaking: Station, horns: Horns) -> None:
    speaker = speaking.a_loudspeaker("speaker-002", horns.port)
    first, second = speaking.ask(speaker), speaking.ask(speaker)
    one, two = speaking.wait_over(first), speaking.wait_over(second)
    assert (one.state, two.state) == ("played", "played")
    assert one.finished_at is not None
    assert two.started_at is not None
    assert one.finished_at <= two.started_at


def test_a_notice_gives_way_to_words_that_save_lives_and_is_said_after_them(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-007", horns.port)
    notice = speaking.ask(speaker, LEAVE, life_safety=False)
    speaking.wait(notice, lambda row: row.state == "playing")
    urgent = speaking.wait_over(speaking.ask(speaker))
    whole = speaking.wait_over(notice)
    assert (urgent.state, whole.state, whole.attempts) == ("played", "played", 1)
    assert urgent.finished_at is not None
    assert whole.started_at is not None
    assert urgent.finished_at <= whole.started_at
    assert whole.packets > 200


def test_a_batch_begins_together(speaking: Station, horns: Horns) -> None:
    speakers = [speaking.a_loudspeaker(f"speaker-{n:03d}", horns.port) for n in range(20, 26)]
    asked = speaking.ask_all(speakers, batch=uuid4())
    begun = [speaking.wait_over(one).first_packet_at for one in asked]
    times = [at.timestamp() for at in begun if at is not None]
    assert len(times) == 6
    assert max(times) - min(times) < 0.3, "they share one clock, whatever the machine's load"


def test_an_announcement_under_way_is_stopped_and_says_how_far_it_came(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-003", horns.port)
    asked = speaking.ask(speaker, LEAVE)
    speaking.wait(asked, lambda row: row.state == "playing")
    speaking.stop(asked)
    row = speaking.wait_over(asked)
    assert row.state == "stopped"
    assert 0 < row.packets < 200


def test_what_a_killed_process_was_saying_is_said_again_by_the_next_but_nothing_finished(
    station: Station, horns: Horns
) -> None:
    speaker = station.a_loudspeaker("speaker-004", horns.port)
    first_process = station.start()
    finished = station.wait_over(station.ask(speaker))
    cut = station.ask(speaker, LEAVE)
    station.wait(cut, lambda row: row.state == "playing")
    first_process.kill()
    first_process.wait()
    station.start()

    row = station.wait_over(cut)

    assert (row.state, row.attempts) == ("played", 2)
    assert station.row(finished.id).attempts == 1
    voiced = horns.lines("voiced", "speaker-004")
    assert len(voiced) in (2, 3), "the cut one may not have been voiced before the kill"


def test_two_processes_never_say_the_same_thing(station: Station, horns: Horns) -> None:
    speakers = [station.a_loudspeaker(f"speaker-{n:03d}", horns.port) for n in range(30, 40)]
    station.start()
    station.start()
    rows = [station.wait_over(asked) for asked in [station.ask(one) for one in speakers]]
    assert all((row.state, row.attempts) == ("played", 1) for row in rows)
    for number in range(30, 40):
        assert len(horns.wait_for("ended", account=f"speaker-{number:03d}")) == 1


def test_a_busy_loudspeaker_is_tried_again_and_an_unknown_one_is_not(
    speaking: Station, horns: Horns
) -> None:
    busy = speaking.a_loudspeaker("speaker-005", horns.port)
    unknown = speaking.a_loudspeaker("speaker-777", horns.port)
    horns.fault("speaker-005", "busy")
    waits, fails = speaking.ask(busy), speaking.ask(unknown)
    failed = speaking.wait_over(fails)
    assert (failed.state, failed.failure, failed.attempts) == ("failed", "voice.unknown_account", 1)
    speaking.wait(waits, lambda row: row.attempts >= 2)
    horns.fault("speaker-005", None)
    assert speaking.wait_over(waits).state == "played"


def test_a_database_that_goes_away_does_not_interrupt_the_words_nor_lose_the_proof(
    speaking: Station, horns: Horns
) -> None:
    speaker = speaking.a_loudspeaker("speaker-008", horns.port)
    asked = speaking.ask(speaker, LEAVE)
    speaking.wait(asked, lambda row: row.state == "playing")
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    row = speaking.wait_over(asked)
    assert (row.state, row.attempts, row.packets_lost) == ("played", 1, 0)


def test_words_that_cannot_be_spoken_fail_by_name(station: Station, horns: Horns) -> None:
    speaker = station.a_loudspeaker("speaker-006", horns.port)
    station.start(JIEDAO_TTS="clips")
    row = station.wait_over(station.ask(speaker, "没有录过的话"))
    assert (row.state, row.failure) == ("failed", "voice.no_speech")


def test_without_a_database_the_process_lives_and_says_it_is_not_ready(tmp_path: Path) -> None:
    station = Station("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    process = station.start()
    file = tmp_path / "run" / "voice.ready"
    try:
        while not (file.exists() and json.loads(file.read_text())["why"] == "database.away"):
            assert process.poll() is None
            time.sleep(0.05)
        assert json.loads(file.read_text())["state"] == "not_ready"
    finally:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
