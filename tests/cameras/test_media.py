# SPDX-License-Identifier: Apache-2.0
"""The media process as a whole: real RTSP in, rows and live pictures out, faults contained."""

import hashlib
import json
import os
import signal
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.cameras.fake_camera import FakeCamera
from tests.cameras.test_live import read
from tests.cameras.town import CameraTown, MediaProcess, wait_for

Media = Callable[..., MediaProcess]

LINE = {"lines": [{"name": "edge", "points": [[0.5, 0.05], [0.5, 0.95]]}]}
ZONE = {
    "zones": [{"name": "bank", "polygon": [[0.4, 0.3], [0.8, 0.3], [0.8, 0.98], [0.4, 0.98]]}],
    **LINE,
}


@pytest.fixture
def camera() -> Iterator[FakeCamera]:
    with FakeCamera() as one:
        yield one


def view(media: MediaProcess, camera: UUID) -> socket.socket:
    viewer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    viewer.settimeout(10)
    viewer.connect(str(media.socket_path))
    viewer.sendall(json.dumps({"camera": str(camera)}).encode() + b"\n")
    return viewer


def kinds(viewer: socket.socket, count: int) -> str:
    return "".join(read(viewer)[0] for _ in range(count))


def kept(media: MediaProcess) -> set[str]:
    """What kinds of blobs lie in the store."""
    blobs = [path for path in (media.data_dir / "blobs").rglob("*") if len(path.name) == 64]
    return {"picture" if blob.read_bytes()[:2] == b"\xff\xd8" else "clip" for blob in blobs}


def test_a_crossing_becomes_a_signal_with_picture_clip_and_the_epoch_of_the_lease(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, zones=ZONE)
    process = media()
    wait_for(lambda: bool(town.signals(watched)))
    _, kind, zone, _, late, epoch = town.signals(watched)[0]
    assert (kind, zone, late, epoch) in {
        ("fence.crossing", "edge", False, 1),
        ("fence.enter", "bank", False, 1),
    }
    wait_for(lambda: kept(process) == {"picture", "clip"})
    wait_for(lambda: town.health(watched) == ("live", ""))
    assert town.rows("select count(*) from signals_zone_presence where zone = 'bank'") == [(1,)]
    still = process.data_dir / "run" / "stills" / f"{watched}.jpg"
    assert still.read_bytes()[:2] == b"\xff\xd8"
    assert process.end() == 0


def test_an_unarmed_camera_is_pulled_only_while_somebody_looks_and_once_for_all(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    idle = town.add_camera(camera.port, armed=False)
    process = media()
    wait_for(process.socket_path.exists)
    with view(process, idle) as first:
        assert kinds(first, 3) == "CIK"
        assert camera.plays == 1
        with view(process, idle) as second:
            assert kinds(second, 3) == "CIK"
            assert camera.plays == 1


def test_what_a_person_just_saw_is_kept_as_a_clip(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    looked_at = town.add_camera(camera.port, armed=False)
    process = media()
    wait_for(process.socket_path.exists)
    with view(process, looked_at) as viewer:
        assert kinds(viewer, 8).startswith("CIK")
        town.link.execute(
            "insert into cameras_clip_asked (id, camera_id, matter_id, asked_at)"
            " values (%s, %s, %s, now())",
            [uuid4(), looked_at, uuid4()],
        )
        wait_for(lambda: kept(process) == {"clip"})


@pytest.mark.parametrize("habit", ["bare", "resize"])
def test_a_camera_that_says_nothing_of_its_pictures_or_changes_them_is_shown_all_the_same(
    town: CameraTown, media: Media, camera: FakeCamera, habit: str
) -> None:
    camera.habit = habit
    odd = town.add_camera(camera.port, armed=False)
    process = media()
    wait_for(process.socket_path.exists)
    with view(process, odd) as viewer:
        assert kinds(viewer, 3) == "CIK"
        if habit == "resize":
            wait_for(lambda: read(viewer)[0] == "C")


def test_a_camera_that_may_not_be_pulled_is_unknown_to_viewers(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    police = town.add_camera(camera.port, armed=False)
    town.link.execute("update cameras_camera set registered_only = true")
    process = media()
    wait_for(process.socket_path.exists)
    with view(process, police) as viewer:
        assert read(viewer) == ("E", b'{"code":"camera.unknown"}')
    assert camera.plays == 0


def test_a_lost_camera_is_put_on_record_and_so_is_its_return(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, zones=LINE)
    media()
    wait_for(lambda: town.health(watched) == ("live", ""))
    camera.habit = "silent"
    camera.cut()
    wait_for(lambda: town.health(watched)[0] == "offline")
    recorded = "select verb from trace_record where subject_kind = 'camera' order by at"
    wait_for(lambda: town.rows(recorded) == [("camera.lost",)])
    camera.habit = "good"
    camera.cut()
    wait_for(lambda: town.health(watched) == ("live", ""))
    wait_for(lambda: town.rows(recorded) == [("camera.lost",), ("camera.back",)])


def test_damaged_pictures_are_named_and_the_camera_is_back_once_they_are_whole(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    camera.habit = "garbled"
    watched = town.add_camera(camera.port, zones=LINE)
    media()
    wait_for(lambda: town.health(watched)[1] == "camera.garbled")
    assert town.health(watched)[0] in {"stale", "offline"}
    camera.habit = "good"
    camera.cut()
    wait_for(lambda: town.health(watched) == ("live", ""))


def test_a_frozen_picture_is_found_and_filed_as_a_signal_and_nobody_counts_as_absent_in_it(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, zones={"zones": ZONE["zones"]})
    media()
    wait_for(lambda: town.health(watched) == ("live", ""))
    camera.habit = "freeze"
    wait_for(lambda: town.health(watched) == ("stale", "camera.frozen"))
    wait_for(lambda: any(kind == "device.camera_frozen" for _, kind, *_ in town.signals(watched)))
    known = "select count, blind from signals_zone_presence where camera_id = %s"
    wait_for(lambda: town.rows(known, watched) == [(None, True)])
    camera.habit = "good"
    wait_for(lambda: town.health(watched) == ("live", ""))
    wait_for(lambda: town.rows(known, watched)[0][1] is False)


def test_a_recorded_camera_is_kept_in_segments_and_its_outage_as_a_gap(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, armed=False, recorded=True)
    process = media()
    segments = "select file, sha256, to_at - from_at from cameras_segment where camera_id = %s"
    wait_for(lambda: bool(town.rows(segments, watched)))
    camera.habit = "silent"
    camera.cut()
    wait_for(lambda: town.health(watched)[0] == "offline")
    camera.habit = "good"
    camera.cut()
    gaps = "select code, to_at - from_at > '1 second' from cameras_gap where camera_id = %s"
    wait_for(lambda: bool(town.rows(gaps, watched)))
    assert town.rows(gaps, watched)[0][1]
    wait_for(lambda: len(town.rows(segments, watched)) >= 2)
    for file, sha256, length in town.rows(segments, watched):
        data = (process.data_dir / "recordings" / file).read_bytes()
        assert hashlib.sha256(data).hexdigest() == sha256
        assert timedelta(0) < length < timedelta(seconds=14)


def test_a_stream_that_kills_its_decoder_is_kept_apart_and_the_others_go_on(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    good = town.add_camera(camera.port, zones=LINE)
    with FakeCamera("deadly") as killer:
        bad = town.add_camera(killer.port, zones=LINE)
        process = media(CAMERAS_TEST_DEADLY_WIDTH="64")
        wait_for(lambda: town.health(bad) == ("offline", "camera.kills_decoder"), 90)
        wait_for(lambda: town.health(good) == ("live", ""))
        with view(process, good) as viewer:
            assert kinds(viewer, 3) == "CIK"


def test_a_killed_shard_is_replaced(town: CameraTown, media: Media, camera: FakeCamera) -> None:
    watched = town.add_camera(camera.port, zones=LINE)
    process = media()
    wait_for(lambda: town.health(watched) == ("live", ""))
    (shard,) = process.shards()
    os.kill(shard, signal.SIGKILL)
    wait_for(lambda: bool(process.shards()) and process.shards() != {shard})
    seen = len(town.signals(watched))
    wait_for(lambda: len(town.signals(watched)) > seen)


def test_what_was_seen_while_the_database_was_away_is_taken_in_late_and_once(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, zones=LINE)
    process = media()
    wait_for(lambda: bool(town.signals(watched)))
    spool = process.data_dir / "spool" / "observations.jsonl"
    with town.away():
        wait_for(lambda: spool.exists() and spool.read_bytes().count(b"observed") >= 2)
    wait_for(lambda: not spool.exists())
    rows = town.signals(watched)
    assert sum(late for *_, late, _ in rows) >= 2
    assert len({row[0] for row in rows}) == len(rows)


def test_after_a_kill_the_lease_is_taken_again_at_once_with_a_new_epoch(
    town: CameraTown, media: Media, camera: FakeCamera, tmp_path: Path
) -> None:
    watched = town.add_camera(camera.port, zones=LINE)
    epoch = "select epoch from cameras_lease where camera_id = %s"
    first = media()
    wait_for(lambda: town.rows(epoch, watched) == [(1,)])
    first.kill()
    media()
    wait_for(lambda: town.rows(epoch, watched) == [(2,)])


def test_another_holder_is_not_disturbed_while_its_lease_runs(
    town: CameraTown, media: Media, camera: FakeCamera
) -> None:
    watched = town.add_camera(camera.port, zones=LINE)
    town.link.execute(
        "insert into cameras_lease values (%s, 'other', 7, now(), now() + interval '1 hour')",
        [watched],
    )
    process = media()
    wait_for((process.data_dir / "run" / "media.ready").exists)
    with view(process, watched) as viewer:
        assert kinds(viewer, 3) == "CIK"
    assert town.signals(watched) == []
