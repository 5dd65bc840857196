# SPDX-License-Identifier: Apache-2.0
"""Recordings in the rows: kept as long as they may be, seen for a purpose, handed out on record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from jiedao.base.blobs import BlobStore
from jiedao.base.errors import NotAllowed
from jiedao.cameras import disk, footage, footage_actions, intake, store
from jiedao.cameras.errors import ForeignCamera, LeaseLost
from jiedao.cameras.exports import Exports
from jiedao.cameras.housekeeping import RECORDER, Housekeeping
from jiedao.cameras.messages import FromShard, GapSeen, Recorded
from jiedao.cameras.models import Camera, Gap, Retention, Segment
from jiedao.cameras.recording import CameraRecording, Recorder
from jiedao.desk import recordings_api
from jiedao.matters.models import Matter
from jiedao.trace.models import Record
from tests.cameras.movies import a_stream
from tests.world import World, role

TEN = timedelta(seconds=10)


@dataclass
class Footage:
    """The bridge camera's recording."""

    world: World
    folder: Path

    @property
    def camera(self) -> UUID:
        return self.world.camera.id

    def keep(self, from_at: datetime, size: int = 100, *, first: bool = False) -> Segment:
        """A segment of ten seconds with its file."""
        name = f"{self.camera}/{uuid4()}.mp4"
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_bytes(b"x" * size)
        told = Recorded(
            uuid4(), self.camera, 1, from_at, from_at + TEN, name, "a" * 64, size, first=first
        )
        with self.world.platform():
            footage.keep_segment(told)
            return Segment.objects.get(id=told.id)

    def gap(self, from_at: datetime, to_at: datetime, code: str = "camera.silent") -> None:
        with self.world.platform():
            footage.keep_gap(GapSeen(self.camera, 1, from_at, to_at, code))

    def files(self) -> int:
        return sum(1 for _ in self.folder.rglob("*.mp4"))

    def house(self, used: Callable[[Path], float] = lambda _folder: 10.0) -> Housekeeping:
        return Housekeeping(self.folder, self.world.clock, used)

    def left(self) -> list[datetime]:
        with self.world.platform():
            return list(Segment.objects.order_by("from_at").values_list("from_at", flat=True))


@pytest.fixture
def kept(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Footage:
    class Settings:
        recording_dir, blob_dir = tmp_path / "recordings", tmp_path / "blobs"

    monkeypatch.setattr(recordings_api, "load_settings", Settings)
    (tmp_path / "recordings").mkdir()
    return Footage(world, tmp_path / "recordings")


def swept(kept: Footage, house: Housekeeping) -> None:
    with role("jiedao_system"):
        house.sweep()
        house.keep()


def span(of: datetime, seconds: float = 60) -> dict[str, Any]:
    return {"from": of.isoformat(), "to": (of + timedelta(seconds=seconds)).isoformat()}


def test_recordings_beyond_their_ceiling_go_with_their_files_on_record_and_others_stay(
    kept: Footage,
) -> None:
    now = kept.world.clock.now()
    old, young = now - timedelta(days=91), now - timedelta(days=89)
    kept.keep(old)
    kept.keep(young)
    swept(kept, kept.house())
    assert (kept.left(), kept.files()) == ([young], 1)
    with kept.world.platform():
        payload = Record.objects.get(verb="recordings.forgotten").payload
    assert (payload["cause"], payload["segments"], payload["bytes"]) == ("ceiling", 1, 100)


def test_how_long_is_kept_is_data(kept: Footage) -> None:
    now = kept.world.clock.now()
    kept.keep(now - timedelta(days=3))
    with connection.cursor() as cursor:
        cursor.execute("update cameras_retention set floor_days = 1, ceiling_days = 2")
    swept(kept, kept.house())
    assert kept.left() == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Retention.objects.update(floor_days=9, ceiling_days=2)


def test_what_lies_around_an_alarm_belongs_to_its_matter_and_is_kept_longer(kept: Footage) -> None:
    now = kept.world.clock.now()
    near, far = now - timedelta(seconds=25), now - timedelta(seconds=90)
    kept.keep(near)
    kept.keep(far)
    matter = kept.world.see().matter
    swept(kept, kept.house())
    with kept.world.platform():
        rows = dict(Segment.objects.values_list("from_at", "matter_id"))
    assert rows == {near: matter, far: None}
    kept.world.clock.forward(timedelta(days=100))
    swept(kept, kept.house())
    assert kept.left() == [near]


def test_a_held_span_outlives_its_ceiling_until_the_hold_is_lifted(kept: Footage) -> None:
    old = kept.world.clock.now() - timedelta(days=400)
    kept.keep(old)
    desk = kept.world.phone("lin", seat="desk")
    hold = desk.post(f"/cameras/{kept.camera}/holds", **span(old), reason="法院调取")["hold"]
    swept(kept, kept.house())
    assert kept.left() == [old]
    assert desk.post(f"/holds/{hold}/lift") == {"lifted": True}
    swept(kept, kept.house())
    assert kept.left() == []
    with kept.world.platform():
        verbs = set(Record.objects.values_list("verb", flat=True))
    assert {"recording.held", "recording.released"} <= verbs


def test_only_the_duty_lead_holds_and_only_for_a_reason(kept: Footage) -> None:
    old = kept.world.clock.now() - TEN
    operator, lead = kept.world.phone("chen", seat="desk"), kept.world.phone("lin", seat="desk")
    assert operator.post(f"/cameras/{kept.camera}/holds", **span(old), reason="x")["code"] == (
        "session.not_allowed"
    )
    lead.post(f"/cameras/{kept.camera}/holds", **span(old), reason=" ")
    assert lead.status == 422


def test_at_ninety_percent_the_oldest_beyond_the_floor_goes_and_nothing_within_it(
    kept: Footage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = kept.world.clock.now()
    oldest, older, young = (now - timedelta(days=days) for days in (60, 50, 20))
    for at in (young, older, oldest):
        kept.keep(at)
    monkeypatch.setattr(disk, "bytes_to_free", lambda _folder: 50)
    house = kept.house(lambda _folder: 91.0)
    with role("jiedao_system"):
        house.sweep()
    assert kept.left() == [older, young]
    monkeypatch.setattr(disk, "bytes_to_free", lambda _folder: 10_000)
    with role("jiedao_system"):
        house.sweep()
        house.sweep()
    assert kept.left() == [young]


def test_each_threshold_of_the_disk_is_one_matter_and_ends_when_it_is_over(kept: Footage) -> None:
    used = [86.0]
    house = kept.house(lambda _folder: used[0])
    told = []
    for percent in (86.0, 91.0, 96.0, 94.0, 92.0, 70.0):
        used[0] = percent
        swept(kept, house)
        with kept.world.platform():
            rows = Matter.objects.filter(source_id=RECORDER, state="reported")
            told.append((house.is_full, [row.item for row in rows]))
    assert told == [
        (False, ["recorder_85"]),
        (False, ["recorder_90"]),
        (True, ["recorder_95"]),
        (True, ["recorder_95"]),
        (False, ["recorder_90"]),
        (False, []),
    ]


def test_a_clock_that_jumps_makes_nothing_forgotten(kept: Footage) -> None:
    house = kept.house()
    kept.keep(kept.world.clock.now())

    class Jumped:
        def now(self) -> datetime:
            return kept.world.clock.now() + timedelta(days=400)

        def monotonic_s(self) -> float:
            return kept.world.clock.monotonic_s()

    house._clock = Jumped()
    with role("jiedao_system"):
        house.keep()
    assert len(kept.left()) == 1


def test_a_recorder_that_begins_anew_leaves_a_gap_behind_it(kept: Footage) -> None:
    now = kept.world.clock.now()
    kept.keep(now, first=True)
    kept.keep(now + timedelta(minutes=3), first=True)
    with kept.world.platform():
        (gap,) = Gap.objects.all()
    assert (gap.from_at, gap.to_at) == (now + TEN, now + timedelta(minutes=3))
    assert gap.code == "recording.stopped"


def test_what_is_told_twice_is_kept_once(kept: Footage) -> None:
    now = kept.world.clock.now()
    kept.gap(now, now + TEN)
    kept.gap(now, now + TEN)
    told = Recorded(uuid4(), kept.camera, 1, now, now + TEN, "f", "a" * 64, 1)
    with kept.world.platform():
        footage.keep_segment(told)
        footage.keep_segment(told)
        assert (Gap.objects.count(), Segment.objects.count()) == (1, 1)


def test_a_segment_of_a_dead_epoch_is_refused_and_its_file_goes(kept: Footage) -> None:
    with kept.world.platform():
        store.take_leases([kept.camera], "here")
        store.take_leases([kept.camera], "here")
        with connection.cursor() as cursor:
            cursor.execute("select taken_at from cameras_lease")
            (taken_at,) = cursor.fetchone()
    file = kept.folder / "late.mp4"
    file.write_bytes(b"x")
    deliver = intake.deliver_to(kept.world.clock, kept.folder)
    late = Recorded(uuid4(), kept.camera, 1, taken_at, taken_at + TEN, "late.mp4", "a" * 64, 1)
    with role("jiedao_system"), pytest.raises(LeaseLost):
        deliver(late)
    assert not file.exists()


def test_the_list_of_a_span_shows_segments_gaps_in_words_and_what_lasts_now(kept: Footage) -> None:
    now = kept.world.clock.now()
    kept.keep(now - timedelta(minutes=10))
    kept.gap(now - timedelta(minutes=9), now - timedelta(minutes=8), "camera.frozen")
    desk = kept.world.phone("chen", seat="desk")
    query = "&".join(
        f"{k}={v.isoformat().replace('+', '%2B')}"
        for k, v in {"from": now - timedelta(hours=1), "to": now}.items()
    )
    found = desk.get(f"/cameras/{kept.camera}/recordings?{query}")
    assert [s["kept_as"] for s in found["segments"]] == ["continuous"]
    assert [(g["why"], g["to"] is None) for g in found["gaps"]] == [
        ("camera.frozen", False),
        ("recording.stopped", True),
    ]
    assert "停" in found["gaps"][0]["reason"]["zh-CN"]
    assert found["retention"]["continuous"] == [30, 90]


def test_a_segment_is_read_only_in_an_opened_span_and_the_opening_is_on_record(
    kept: Footage,
) -> None:
    now = kept.world.clock.now()
    segment = kept.keep(now - timedelta(minutes=5))
    desk = kept.world.phone("chen", seat="desk")
    path = f"/cameras/{kept.camera}/recordings/{segment.id}"
    assert desk.client.get(f"/api{path}").status_code == 403
    desk.post(f"/cameras/{kept.camera}/replays", **span(now, 60), purpose="事件")
    assert desk.client.get(f"/api{path}").status_code == 403
    desk.post(f"/cameras/{kept.camera}/replays", **span(segment.from_at), purpose="好奇")
    assert desk.status == 422
    desk.post(f"/cameras/{kept.camera}/replays", **span(segment.from_at), purpose="事件")
    answer = desk.client.get(f"/api{path}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "video/mp4")
    assert b"".join(answer.streaming_content) == b"x" * 100  # type: ignore[attr-defined]
    kept.world.clock.forward(timedelta(minutes=16))
    assert desk.client.get(f"/api{path}").status_code == 403
    with kept.world.platform():
        assert Record.objects.filter(verb="camera.replayed").count() == 2


def test_a_segment_that_one_person_opened_is_closed_to_another(kept: Footage) -> None:
    segment = kept.keep(kept.world.clock.now() - timedelta(minutes=5))
    desk, lead = kept.world.phone("chen", seat="desk"), kept.world.phone("lin", seat="desk")
    desk.post(f"/cameras/{kept.camera}/replays", **span(segment.from_at), purpose="事件")
    path = f"/api/cameras/{kept.camera}/recordings/{segment.id}"
    assert lead.client.get(path).status_code == 403


def test_an_export_is_one_file_with_its_hash_its_masks_and_its_record(
    kept: Footage, tmp_path: Path
) -> None:
    began = kept.world.clock.now() - timedelta(minutes=5)
    told: list[FromShard] = []
    recorder = Recorder(kept.folder, told.append)
    recording = CameraRecording(kept.camera, 1, recorder)
    head, pieces = a_stream(seconds=22, begins_s=began.timestamp())
    for piece in pieces:
        recording.take(head, piece, None)
    recording.broken("camera.silent")
    recorder.close()
    with kept.world.platform():
        Camera.objects.update(masks=[[[0, 0], [1, 0], [1, 0.5], [0, 0.5]]])
        for message in told:
            assert isinstance(message, Recorded)
            footage.keep_segment(message)
    desk = kept.world.phone("chen", seat="desk")
    asked = desk.post(
        f"/cameras/{kept.camera}/exports",
        **span(began + timedelta(seconds=5), 10),
        purpose="事件",
    )["export"]
    exports = Exports(kept.folder, BlobStore(tmp_path / "blobs"), kept.world.clock)
    with role("jiedao_system"):
        assert exports.make_next()
        assert not exports.make_next()
    found = desk.get(f"/exports/{asked}")
    assert (found["state"], found["masked"], found["why"]) == ("done", True, "")
    with kept.world.platform():
        payload = Record.objects.get(id=found["record"]).payload
    assert payload["sha256"] == found["sha256"]
    answer = desk.client.get(f"/api/exports/{asked}/file")
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert len(data) == found["size_bytes"]
    with kept.world.platform():
        assert Record.objects.filter(verb="recording.taken").count() == 1


def test_an_export_of_a_file_that_is_broken_fails_and_says_so(
    kept: Footage, tmp_path: Path
) -> None:
    segment = kept.keep(kept.world.clock.now() - timedelta(minutes=5))
    desk = kept.world.phone("chen", seat="desk")
    path = f"/cameras/{kept.camera}/exports"
    asked = desk.post(path, **span(segment.from_at), purpose="事件")["export"]
    with role("jiedao_system"):
        Exports(kept.folder, BlobStore(tmp_path / "blobs"), kept.world.clock).make_next()
    found = desk.get(f"/exports/{asked}")
    assert (found["state"], found["why"]) == ("failed", "recording.unreadable")
    assert desk.client.get(f"/api/exports/{asked}/file").status_code == 404


def test_nothing_can_be_exported_where_nothing_was_recorded(kept: Footage) -> None:
    desk = kept.world.phone("chen", seat="desk")
    path = f"/cameras/{kept.camera}/exports"
    desk.post(path, **span(kept.world.clock.now()), purpose="事件")
    assert desk.status == 404


@pytest.mark.parametrize("what", ["armed", "recorded"])
@pytest.mark.parametrize("whose", [{"kind": Camera.POLICE}, {"external": True}])
def test_the_rows_themselves_refuse_to_record_or_watch_a_foreign_camera_without_its_order(
    kept: Footage, what: str, whose: dict[str, Any]
) -> None:
    with kept.world.platform():
        Camera.objects.update(armed=False, recorded=False, **whose)
        with pytest.raises(IntegrityError), transaction.atomic():
            Camera.objects.update(**{what: True})
        with pytest.raises(IntegrityError), transaction.atomic():
            Camera.objects.update(**{what: True}, order_sha256="x")
        Camera.objects.update(**{what: True}, order_sha256="x", order_on=date(2026, 1, 2))


def test_a_foreign_camera_is_recorded_only_with_its_order(kept: Footage) -> None:
    with kept.world.platform() as tx:
        Camera.objects.update(armed=False, external=True)
        with pytest.raises(ForeignCamera):
            footage_actions.set_recording(tx, kept.camera, recorded=True)
        footage_actions.attach_order(tx, kept.camera, "c" * 64, date(2026, 11, 1))
        footage_actions.set_recording(tx, kept.camera, recorded=True)
        assert Camera.objects.get().recorded
    with kept.world.acting("chen") as tx, pytest.raises(NotAllowed):
        footage_actions.set_recording(tx, kept.camera, recorded=False)
