# SPDX-License-Identifier: Apache-2.0
"""Any video file as a camera: real time, its own truth, a still before and after."""

import json
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from jiedao.sim.camera.clip import BadClip, ClipPlan, ClipSource
from jiedao.sim.camera.truth import Happening, clip_happenings
from tests.sim.camera_process import frames_until, running_cameras

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def a_clip(folder: Path, frames: int = 60, fps: int = 20, codec: str = "mpeg4") -> Path:
    """A small film that grows brighter; its coding is not one a street camera would choose."""
    path = folder / "film.mp4"
    container: Any = av.open(str(path), "w")
    stream = container.add_stream(codec, rate=fps)
    stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
    stream.codec_context.time_base = Fraction(1, fps)
    for number in range(frames):
        picture = np.full((64, 96, 3), 40 + number * 2, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts = number
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
    container.close()
    return path


def shots(source: ClipSource, count: int) -> list[Any]:
    return [source.shoot(number, NOON, frozen=False) for number in range(count)]


def pictures(source: ClipSource, found: list[Any]) -> list[Any]:
    """The brightness planes that a viewer decodes."""
    decoder: Any = av.CodecContext.create("h264", "r")
    shown = []
    for shot in found:
        nals = (source.sps, source.pps, *shot.nals) if shot.key else shot.nals
        packet = av.Packet(b"".join(b"\0\0\0\1" + nal for nal in nals))
        shown += [frame.to_ndarray()[:64] for frame in decoder.decode(packet)]
    return shown + [frame.to_ndarray()[:64] for frame in decoder.decode(None)]


def test_a_clip_is_served_with_a_key_frame_every_two_seconds(tmp_path: Path) -> None:
    source = ClipSource(a_clip(tmp_path, frames=90), ClipPlan(loop=True))
    source.open()
    found = shots(source, 95)
    assert [number for number, shot in enumerate(found) if shot.key] == [0, 40, 80, 90]
    assert {shot.ticks for shot in found} == {4500}
    assert source.fps == 20


def test_a_clip_that_plays_once_stands_still_at_its_end(tmp_path: Path) -> None:
    source = ClipSource(a_clip(tmp_path), ClipPlan(loop=False))
    source.open()
    found = shots(source, 150)
    assert [number for number, shot in enumerate(found) if shot.key] == [0, 40, 60, 100, 140]
    shown = pictures(source, found)
    moving, still = (np.ptp([p.mean() for p in part]) for part in (shown[:60], shown[60:]))
    assert moving > 80
    assert still < 1


def test_what_stands_still_before_a_lens_is_never_twice_the_same_picture(tmp_path: Path) -> None:
    source = ClipSource(a_clip(tmp_path), ClipPlan(on_cue=True))
    source.open()
    shown = pictures(source, shots(source, 100))
    assert not any(np.array_equal(one, other) for one, other in pairwise(shown))
    frozen = [source.shoot(number, NOON, frozen=True) for number in range(100)]
    keys = [p for p, shot in zip(pictures(source, frozen), frozen, strict=True) if shot.key]
    assert all(np.array_equal(one, other) for one, other in pairwise(keys))


def test_a_clip_waits_for_its_cue_and_starts_with_a_key_frame(tmp_path: Path) -> None:
    crossing = Happening("crossing", "line", t_s=0.5)
    source = ClipSource(a_clip(tmp_path), ClipPlan(on_cue=True, happenings=[crossing]))
    source.open()
    assert not any(shot.happenings for shot in shots(source, 55))
    source.cue({"cue": "play"})
    found = shots(source, 20)
    assert found[0].key
    assert [number for number, shot in enumerate(found) if shot.happenings] == [10]


def test_a_frozen_clip_goes_on_at_a_picture_that_can_be_decoded(tmp_path: Path) -> None:
    source = ClipSource(a_clip(tmp_path), ClipPlan())
    source.open()
    shots(source, 5)
    frozen = [source.shoot(0, NOON, frozen=True) for _ in range(3)]
    assert frozen[0].key
    assert source.shoot(0, NOON, frozen=False).key


def test_a_file_that_is_no_video_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a film")
    for path in (broken, tmp_path / "missing.mp4"):
        with pytest.raises(BadClip, match=path.name):
            ClipSource(path, ClipPlan())


def test_the_truth_of_a_clip_is_read_from_its_own_file() -> None:
    text = json.dumps(
        {
            "lines": [{"name": "stripe", "crossings": [{"t_s": 2.5}, {"t_s": 9.0}]}],
            "zones": [{"name": "z", "events": [{"enter_s": 0, "leave_s": 4.0}]}],
        }
    )
    rows = [(row.kind, row.where, row.t_s) for row in clip_happenings(text)]
    assert rows == [("crossing", "stripe", 2.5), ("leave", "z", 4.0), ("crossing", "stripe", 9.0)]


def test_a_zone_file_without_times_knows_nothing_and_other_json_is_refused() -> None:
    assert clip_happenings('{"lines": [{"name": "stripe", "points": []}], "zones": []}') == []
    for wrong in ("[]", '{"lines": [1]}', '{"zones": [{"events": [{}]}]}', "no JSON"):
        with pytest.raises(ValueError, match=r"."):
            clip_happenings(wrong)


def test_a_viewer_of_a_file_sees_time_run_on_over_the_loop(tmp_path: Path) -> None:
    film = a_clip(tmp_path, frames=20)
    truth = tmp_path / "film.truth.json"
    truth.write_text(json.dumps({"lines": [{"name": "stripe", "crossings": [{"t_s": 0.5}]}]}))
    arguments = ("--file", f"clip={film}", "--truth-of", f"clip={truth}")
    with running_cameras(tmp_path, *arguments) as cameras:
        with cameras.watch("clip") as container:
            frames = frames_until(container, lambda _: len(cameras.rows()) >= 2)
        times = [frame.pts for frame in frames if frame.pts is not None]
        rows = cameras.rows()
    assert all(after > before for before, after in pairwise(times))
    assert {(row["line"], row["scene_t_s"]) for row in rows} == {("stripe", 0.5)}
