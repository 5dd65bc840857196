# SPDX-License-Identifier: Apache-2.0
"""The one door for sound and video: the sound stays as it was, words and places do not."""

import io
import random
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.resampler import AudioResampler

from jiedao.base import recordings
from jiedao.base.recordings import RecordingUnreadable

pytestmark = pytest.mark.slow

MARKER = "MARKER-7f3a"
RATE = 16_000
MADE = {
    "audio/aac": ("adts", "aac"),
    "audio/amr": ("amr", "libopencore_amrnb"),
    "audio/flac": ("flac", "flac"),
    "audio/mp4": ("mp4", "aac"),
    "audio/mpeg": ("mp3", "libmp3lame"),
    "audio/ogg": ("ogg", "libopus"),
    "audio/wav": ("wav", "pcm_s16le"),
    "audio/webm": ("webm", "libopus"),
    "audio/x-wav": ("wav", "pcm_s16le"),
    "video/mp4": ("mp4", "aac"),
}


def a_recording(media_type: str, seconds: float = 1.0) -> bytes:
    """A tone, with a picture if it is a video, and words wherever the container has room."""
    container, codec = MADE[media_type]
    rate = 8_000 if "amr" in codec else 48_000 if "opus" in codec else RATE
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        for name in ("title", "comment", "artist", "location", "creation_time"):
            out.metadata[name] = MARKER if name != "creation_time" else "2026-03-02T12:00:00Z"
        sound = out.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(sound, av.AudioStream)
        sound.metadata["language"] = "eng"
        sound.metadata["title"] = MARKER
        picture = _picture_track(out) if media_type.startswith("video") else None
        _write_tone(out, sound, rate, seconds)
        if picture is not None:
            _write_picture(out, picture)
    return file.getvalue()


def _write_tone(
    out: "av.container.OutputContainer", sound: "av.AudioStream", rate: int, s: float
) -> None:
    times = np.arange(int(rate * s)) / rate
    tone = (np.sin(times * 2764) * 12_000).astype(np.int16)[None, :]
    frame = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
    frame.sample_rate, frame.time_base, frame.pts = rate, Fraction(1, rate), 0
    context = sound.codec_context
    resampler = AudioResampler(context.format, "mono", rate, frame_size=context.frame_size or 0)
    for piece in [*resampler.resample(frame), *resampler.resample(None)]:
        out.mux(sound.encode(piece))
    out.mux(sound.encode(None))


def _picture_track(out: "av.container.OutputContainer") -> "av.VideoStream":
    picture = out.add_stream("libx264", rate=10)
    assert isinstance(picture, av.VideoStream)
    picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
    return picture


def _write_picture(out: "av.container.OutputContainer", picture: "av.VideoStream") -> None:
    for _ in range(10):
        grey = np.full((48, 64, 3), 90, np.uint8)
        out.mux(picture.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
    out.mux(picture.encode(None))


def repacked(media_type: str, data: bytes, folder: Path) -> bytes:
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    recordings.repack(media_type, source, target)
    return target.read_bytes()


def packets(data: bytes) -> list[bytes]:
    """The coded sound and pictures, as they are."""
    with av.open(io.BytesIO(data), "r") as file:
        return [bytes(packet) for packet in file.demux() if packet.size]


@pytest.mark.parametrize("media_type", sorted(recordings.TYPES))
def test_the_sound_is_kept_bit_by_bit_and_the_words_are_not(
    media_type: str, tmp_path: Path
) -> None:
    data = a_recording(media_type)
    kept = repacked(media_type, data, tmp_path)
    assert b"MARKER" not in kept
    assert sorted(packets(kept)) == sorted(packets(data))


def test_most_containers_of_the_test_do_carry_planted_words() -> None:
    marked = [kind for kind in MADE if MARKER.encode() in a_recording(kind)]
    assert len(marked) >= 5


def test_how_long_a_recording_is(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(a_recording("video/mp4", seconds=1.0))
    facts = recordings.repack("video/mp4", tmp_path / "in", tmp_path / "out")
    assert facts.has_picture
    assert facts.length_s == pytest.approx(1.0, abs=0.2)


@pytest.mark.parametrize("media_type", ["audio/mp4", "audio/ogg", "audio/webm", "video/mp4"])
def test_what_comes_behind_a_recording_is_dropped(media_type: str, tmp_path: Path) -> None:
    data = a_recording(media_type) + b"<script>" + MARKER.encode() + b"</script>"
    assert b"script" not in repacked(media_type, data, tmp_path)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"OggS",
        b"OggS" + bytes(3000),
        random.Random(5).randbytes(4000),  # noqa: S311
        b"<!doctype html><script>1</script>",
        b"#EXTM3U\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
)
@pytest.mark.parametrize("media_type", ["audio/mpeg", "audio/ogg", "video/mp4"])
def test_what_is_no_recording_is_refused(media_type: str, data: bytes, tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable):
        repacked(media_type, data, tmp_path)


def test_a_picture_without_sound_is_no_sound(tmp_path: Path) -> None:
    with pytest.raises(RecordingUnreadable):
        repacked("audio/ogg", a_recording("audio/mp4"), tmp_path)
    with pytest.raises(RecordingUnreadable):
        repacked("video/mp4", a_recording("audio/mp4"), tmp_path)
