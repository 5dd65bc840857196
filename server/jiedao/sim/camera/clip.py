# SPDX-License-Identifier: Apache-2.0
"""Any video file as a camera: made ready once at the start, then served in real time.

The file is coded anew, whatever it is, the way a street camera codes (no B-frames, a key frame
every 2 s). The still pictures before and after the clip are then part of the same stream, so that
no viewer sees its stream's parameters change.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from jiedao.sim.camera.encode import GOP_S, Encoder, Picture
from jiedao.sim.camera.rtp import CLOCK_HZ
from jiedao.sim.camera.sources import BadCue, Shot
from jiedao.sim.camera.truth import Happening

CRF = 22
LONGEST_S = 30 * 60
_GOP_TICKS = int(GOP_S * CLOCK_HZ)
_STANDING_GROUPS, _GRAIN, _GRAIN_SEED = 3, 3, 5


class BadClip(Exception):
    """The file cannot be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """How a clip is shown.

    Attributes:
        loop: begin again at the end; otherwise the last picture stands.
        on_cue: the first picture stands until the cue; otherwise the first viewer starts the clip.
        happenings: what the clip shows, in the order of its time.
    """

    loop: bool = True
    on_cue: bool = False
    happenings: Sequence[Happening] = ()


class _Part(Enum):
    FIRST_STANDS = "first"
    CLIP = "clip"
    LAST_STANDS = "last"
    FROZEN = "frozen"


class ClipSource:
    """A video file, shown to everyone from the same place in time."""

    def __init__(self, path: Path, plan: ClipPlan) -> None:
        """Read and code the whole file.

        Raises:
            BadClip: no file, no video in it, or longer than LONGEST_S.
        """
        self.kind = f"file {path.name}"
        self._plan = plan
        pictures = _read(path)
        first, _ = pictures[0]
        height, width = first.shape[0] * 2 // 3, first.shape[1]
        span = pictures[-1][1] / CLOCK_HZ
        rate = Fraction(len(pictures) - 1) / Fraction(span) if span else Fraction(10)
        self.fps = round(float(rate), 2)
        encoder = Encoder(width, height, rate.limit_denominator(1000), CRF)
        self.sps, self.pps = encoder.sps, encoder.pps
        self._units = {_Part.CLIP: list(_coded(encoder, pictures, round(CLOCK_HZ / rate)))}
        step, last = round(CLOCK_HZ / rate), pictures[-1][0]
        grain = np.random.default_rng(_GRAIN_SEED)
        for part, still, groups in (
            (_Part.FIRST_STANDS, first, _STANDING_GROUPS),
            (_Part.LAST_STANDS, last, _STANDING_GROUPS),
            (_Part.FROZEN, first, 0),
        ):
            same = Encoder(width, height, rate.limit_denominator(1000), CRF)
            # A lens that looks at something that stands still never gives the same picture twice.
            standing = [
                (_grained(still, grain, height) if groups else still, at)
                for at in range(0, _GOP_TICKS * max(1, groups), step)
            ]
            self._units[part] = list(_coded(same, standing, step))
        self._part, self._next, self._told = _Part.CLIP, 0, 0
        self._was_frozen, self._still = False, 0

    def open(self) -> None:
        self._go_to(_Part.FIRST_STANDS if self._plan.on_cue else _Part.CLIP)

    def shoot(self, ticks: int, at: datetime, frozen: bool) -> Shot:  # noqa: ARG002
        part = _Part.FROZEN if frozen else self._part
        if frozen != self._was_frozen:
            self._was_frozen = frozen
            self._still = 0
            self._seek_key()
        units = self._units[part]
        if frozen:
            unit = units[self._still % len(units)]
            self._still += 1
            return unit.shot
        if self._next >= len(units):
            over = part is _Part.CLIP and not self._plan.loop
            self._go_to(_Part.LAST_STANDS if over else part)
            units = self._units[self._part]
        unit = units[self._next]
        self._next += 1
        if self._part is not _Part.CLIP:
            return unit.shot
        return Shot(unit.shot.nals, unit.shot.key, unit.shot.ticks, self._happenings(unit.at))

    def cue(self, command: Mapping[str, object]) -> dict[str, object]:
        if command.get("cue") not in ("play", "crossing"):
            raise BadCue("cues: play")
        self._go_to(_Part.CLIP)
        return {"cue": "play", "duration_s": round(self._units[_Part.CLIP][-1].at / CLOCK_HZ, 3)}

    def _go_to(self, part: _Part) -> None:
        self._part, self._next, self._told = part, 0, 0
        self._was_frozen, self._still = False, 0

    def _seek_key(self) -> None:
        """Go on at the next picture that can be decoded without those before it."""
        units = self._units[self._part]
        while self._next < len(units) and not units[self._next].shot.key:
            self._next += 1

    def _happenings(self, at: int) -> tuple[Happening, ...]:
        begun = self._told
        while (
            self._told < len(self._plan.happenings)
            and self._plan.happenings[self._told].t_s * CLOCK_HZ <= at + 1
        ):
            self._told += 1
        return tuple(self._plan.happenings[begun : self._told])


@dataclass(frozen=True, slots=True)
class _Unit:
    shot: Shot
    at: int


def _read(path: Path) -> list[tuple[Picture, int]]:
    """Every picture as I420 with its time in ticks from the clip's start."""
    try:
        # PyAV's containers carry no useful types.
        container: Any = av.open(str(path))
    except (av.FFmpegError, OSError) as error:
        raise BadClip(f"{path}: {error}") from error
    pictures: list[tuple[Picture, int]] = []
    with container:
        if not container.streams.video:
            raise BadClip(f"{path}: no video in it")
        start = None
        try:
            for frame in container.decode(video=0):
                start = frame.time if start is None else start
                at = round((frame.time - start) * CLOCK_HZ)
                if at > LONGEST_S * CLOCK_HZ:
                    raise BadClip(f"{path}: longer than {LONGEST_S} s")
                pictures.append((_even(frame), at))
        except av.FFmpegError as error:
            raise BadClip(f"{path}: {error}") from error
    if not pictures:
        raise BadClip(f"{path}: no pictures in it")
    return pictures


def _even(frame: Any) -> Picture:
    """I420 with both sides even, as H.264 wants them; at most one row or column is squeezed."""
    width, height = frame.width // 2 * 2, frame.height // 2 * 2
    made: Picture = frame.reformat(width=width, height=height, format="yuv420p").to_ndarray()
    return np.ascontiguousarray(made)


def _grained(picture: Picture, random: np.random.Generator, height: int) -> Picture:
    """The I420 picture with a lens's grain on its brightness."""
    made = picture.astype(np.int16)
    made[:height] += random.integers(-_GRAIN, _GRAIN + 1, made[:height].shape, np.int16)
    return np.clip(made, 0, 255).astype(np.uint8)


def _coded(
    encoder: Encoder, pictures: Sequence[tuple[Picture, int]], last_ticks: int
) -> Iterator[_Unit]:
    due = 0
    for number, (picture, at) in enumerate(pictures):
        key = at >= due
        if key:
            due += _GOP_TICKS
        following = pictures[number + 1][1] if number + 1 < len(pictures) else at + last_ticks
        yield _Unit(Shot(encoder.encode(picture, at, key), key, following - at), at)
