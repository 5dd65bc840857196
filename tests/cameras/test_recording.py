# SPDX-License-Identifier: Apache-2.0
"""Pieces become segments and gaps; segments become files that any player opens."""

import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import av
import pytest

from jiedao.cameras.exporting import Order, Part, code_anew, copy
from jiedao.cameras.messages import FromShard, GapSeen, Recorded
from jiedao.cameras.recording import CameraRecording, Gaps, Recorder, Segmenter
from jiedao.cameras.relay import Head, Piece
from tests.cameras.movies import a_stream

CAMERA = UUID(int=3)
HEAD, OTHER = Head("m", 2, 2, b"head", 0.0), Head("m", 4, 4, b"other", 0.0)


def piece(number: int, *, key_every: int = 10) -> Piece:
    """Fifths of a second, a key frame every two seconds."""
    return Piece(number, number % key_every == 0, 1000 + number / 5, b"x")


def test_a_segment_ends_at_the_first_key_frame_after_ten_seconds() -> None:
    segmenter = Segmenter()
    done = [s for n in range(155) if (s := segmenter.add(HEAD, piece(n))) is not None]
    spans = [(s.from_s - 1000, s.to_s - 1000, len(s.pieces)) for s in done]
    assert spans == [(0, 10, 50), (10, 20, 50), (20, 30, 50)]


def test_a_stream_that_ends_gives_what_it_has_and_another_begins_a_new_segment() -> None:
    segmenter = Segmenter()
    for number in range(12):
        assert segmenter.add(HEAD, piece(number)) is None
    ended = segmenter.add(OTHER, piece(20))
    assert ended is not None
    assert (ended.head, round(ended.to_s - 1000, 1)) == (HEAD, 2.4)
    last = segmenter.end()
    assert last is not None
    assert last.head is OTHER
    assert segmenter.end() is None


def test_what_does_not_begin_with_a_key_frame_is_not_kept() -> None:
    segmenter = Segmenter()
    assert segmenter.add(HEAD, piece(3)) is None
    assert segmenter.end() is None


def test_a_gap_reaches_from_the_last_good_picture_to_the_next_with_its_first_reason() -> None:
    gaps = Gaps()
    assert gaps.good(1000.0, 1000.2) is None
    gaps.bad("camera.silent")
    assert gaps.good(1012.5, 1012.7) == (1000.2, 1012.5, "camera.silent")
    assert gaps.good(1012.7, 1012.9) is None


def test_a_gap_that_is_found_late_begins_when_it_began() -> None:
    gaps = Gaps()
    for number in range(50):
        gaps.good(1000 + number / 5, 1000 + (number + 1) / 5)
    gaps.bad("camera.frozen", since_s=1003.0)
    assert gaps.good(1020.0, 1020.2) == (1003.0, 1020.0, "camera.frozen")


def test_a_hole_of_less_than_a_second_is_no_gap() -> None:
    gaps = Gaps()
    gaps.good(1000.0, 1000.2)
    gaps.bad("camera.changed")
    assert gaps.good(1001.0, 1001.2) is None


@pytest.fixture
def told() -> list[FromShard]:
    return []


@pytest.fixture
def recorder(tmp_path: Path, told: list[FromShard]) -> Iterator[Recorder]:
    made = Recorder(tmp_path / "recordings", told.append)
    yield made
    made.close()


def play(recording: CameraRecording, head: Head, pieces: list[Piece]) -> None:
    for one in pieces:
        recording.take(head, one, None)


def test_a_recording_is_on_disk_with_its_hash_before_it_is_told_and_can_be_played(
    recorder: Recorder, told: list[FromShard], tmp_path: Path
) -> None:
    head, pieces = a_stream(seconds=24)
    recording = CameraRecording(CAMERA, 4, recorder)
    play(recording, head, pieces)
    recording.broken("camera.hung_up")
    recorder.close()
    rows = [message for message in told if isinstance(message, Recorded)]
    assert [row.first for row in rows] == [True, False, False]
    assert {row.epoch for row in rows} == {4}
    for row, later in pairwise(rows):
        assert row.to_at == later.from_at
    for row in rows:
        data = (tmp_path / "recordings" / row.file).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (row.sha256, row.size_bytes)
        length_s = (row.to_at - row.from_at).total_seconds()
        assert frames(tmp_path / "recordings" / row.file) == pytest.approx(length_s * 25, abs=6)


def test_a_disk_that_refuses_is_told_as_a_gap(tmp_path: Path, told: list[FromShard]) -> None:
    (tmp_path / "file").write_bytes(b"")
    recorder = Recorder(tmp_path / "file", told.append)
    recording = CameraRecording(CAMERA, 1, recorder)
    head, pieces = a_stream(seconds=4)
    play(recording, head, pieces)
    recording.broken("camera.silent")
    recorder.close()
    (gap,) = told
    assert isinstance(gap, GapSeen)
    assert gap.code == "recording.disk"


def frames(file: Path) -> int:
    with av.open(str(file)) as container:
        return sum(1 for _ in container.decode(video=0))


def parts_of(told: list[FromShard], folder: Path) -> list[Part]:
    rows = [message for message in told if isinstance(message, Recorded)]
    zero = rows[0].from_at
    return [Part(str(folder / r.file), (r.from_at - zero).total_seconds()) for r in rows]


def recorded(
    recorder: Recorder, told: list[FromShard], folder: Path, *, gap_s: float = 0.0
) -> list[Part]:
    recording = CameraRecording(CAMERA, 1, recorder)
    for begins_s in (0.0, 12.0 + gap_s):
        head, pieces = a_stream(seconds=12, begins_s=1_700_000_000 + begins_s)
        play(recording, head, pieces)
        recording.broken("camera.silent")
    recorder.close()
    return parts_of(told, folder)


def test_an_export_copies_the_span_into_one_file_that_lasts_as_long_over_gaps(
    recorder: Recorder, told: list[FromShard], tmp_path: Path
) -> None:
    parts = recorded(recorder, told, tmp_path / "recordings", gap_s=5.0)
    target = tmp_path / "out.mp4"
    copy(Order(str(target), parts, 4.0, 25.0, []))
    with av.open(str(target)) as container:
        times = [float(frame.time) for frame in container.decode(video=0)]
    assert times[0] == pytest.approx(0.0, abs=0.1)
    # From the key frame before the span's begin, over five seconds without a picture.
    assert times[-1] == pytest.approx(21.0, abs=2.2)
    assert max(b - a for a, b in pairwise(times)) == pytest.approx(5.0, abs=0.5)


def test_masks_are_burned_in_and_nothing_of_what_lies_under_them_is_left(
    recorder: Recorder, told: list[FromShard], tmp_path: Path
) -> None:
    parts = recorded(recorder, told, tmp_path / "recordings")
    target = tmp_path / "out.mp4"
    left_half = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]
    code_anew(Order(str(target), parts, 1.0, 3.0, [left_half]))
    with av.open(str(target)) as container:
        pictures: list[Any] = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
    assert len(pictures) == pytest.approx(50, abs=2)
    for picture in pictures:
        width = picture.shape[1]
        assert picture[:, : width // 2 - 8].mean() < 24
        assert picture[:, width // 2 + 8 :].mean() > 60
