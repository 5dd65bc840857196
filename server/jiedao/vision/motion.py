# SPDX-License-Identifier: Apache-2.0
"""Moving objects from a background model on the luma plane.

The model never waits for a quiet picture. Every pixel keeps what it believes to be background,
how noisy that is, and a rival value that is trying to replace it. The rival wins when it has
been steady for longer than the belief was ever confirmed, so a start in the middle of a busy
street clears itself, object by object.
"""

from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np

from jiedao.vision.planes import (
    Area,
    FloatPlane,
    Mask,
    above,
    average_where,
    below,
    blurred,
    bridged,
    clear_where,
    column_fill,
    copy_where,
    count,
    difference,
    grown,
    mean,
    opened,
    outline,
    raise_where,
    raised,
    regions,
    rounded,
    shrink,
    tidied,
)
from jiedao.vision.values import Luma

WORK_SIDE_PX: Final = 320  # Longest side of the picture that is judged.
LEARN_S: Final = 4.0  # Time constant of the running average where nothing stands.
CONFIRM_MAX_S: Final = 20.0  # Longest a belief must be outlived before it is replaced.
OUTLIVE_S: Final = 0.3  # How much longer than the belief the rival must have been steady.
RESTLESS_S: Final = 1.0  # Between edges that moved this lately lies an object, however even.
BODY_PX: Final = 25  # Farthest apart such edges may be, at working size.
TICK_S: Final = 0.1  # The unit in which beliefs age; a uint8 holds 25 s.
GAP_S: Final = 10.0  # After a longer gap the light may be anything: start afresh.
STEADY_DIFF: Final = 9  # Luma steps within which two looks at a pixel are the same thing.
WEAK_DIFF: Final = 5  # An object's extent: at least this far above the noise ...
STRONG_DIFF: Final = 17  # ... and somewhere in it this far.
NOISE_GAIN: Final = 3.5  # Mean deviations that count as noise.
NOISE_START: Final = 2.0  # Mean deviation assumed of a camera before it is measured.
GLOBAL_SHARE: Final = 0.5  # More of the picture changing at once is light, not objects.
EXPOSURE_STEP: Final = 1.5  # Luma steps of the whole picture worth following at once.
EXPOSURE_FIT: Final = 10.0  # A pixel follows the camera's exposure if it is off by less.
EXPOSURE_SHARE: Final = 0.5  # The least share of pixels that must.
MIN_AREA_PX: Final = 12  # At working size; far pedestrians are some 4 x 9 pixels.
MIN_STRONG_PX: Final = 4
MAX_REGIONS: Final = 200  # The largest ones are looked at; rain makes thousands.
TRUNK_SHARE: Final = 0.3  # Columns filled less than this share of the fullest are no trunk.
VACATED_S: Final = 5.0  # A place is held to be left, after something left it, for this long;
SETTLED_S: Final = 0.8  # there a pixel is ground once it has been steady for so long.
STEADY_S: Final = 0.3  # A pixel that has not changed for this long may be a ghost's.
GHOST_RATIO: Final = 1.5  # How much clearer a ghost's outline is in the background.
GHOST_SHARE: Final = 0.6  # A region that is ghost to this share is no object.


@dataclass(frozen=True, slots=True)
class Blob:
    """A connected moving region, in working pixels.

    Attributes:
        box: left, top, right, bottom (exclusive).
        area: how many of its pixels differ from the background.
    """

    box: tuple[float, float, float, float]
    area: int


@dataclass(frozen=True, slots=True)
class Motion:
    """What the background model says about one frame.

    Attributes:
        small: the picture at working size.
        foreground: 255 where it differs from the background.
        changed: 255 where it differs from the frame before.
        unsettled: the whole picture changed at once, or there is nothing to compare with yet.
    """

    small: Luma
    foreground: Mask
    changed: Mask
    blobs: tuple[Blob, ...]
    unsettled: bool


class Background:
    """The background of one camera. Feed it frames in order of their capture time."""

    def __init__(self) -> None:
        self._before: Luma | None = None
        self._t_s = 0.0
        self._vacated: list[tuple[float, Area]] = []

    def vacate(self, box: tuple[float, float, float, float], t_s: float) -> None:
        """Something that was taken into the background has left: what is there now is the ground.

        Args:
            box: where it stood, in working pixels.
        """
        self._vacated.append((t_s, _around(box, self._seen.shape)))

    def see(self, luma: Luma, t_s: float, keep: Mask | None = None) -> Motion:
        """Compare a frame with the background, and learn from it.

        Args:
            luma: uint8, (height, width), any size that stays the same.
            t_s: capture time; a step back or a gap of GAP_S starts afresh.
            keep: mask at working size, set where an object is known to stand; the background
                there is left as it is.
        """
        small = shrink(luma, WORK_SIDE_PX)
        now = blurred(small)
        passed_s = t_s - self._t_s
        if self._before is None or self._before.shape != now.shape or not 0 <= passed_s < GAP_S:
            return self._start_over(small, now, t_s)
        self._follow_exposure(now)
        differs = difference(now, self._seen)
        changed = above(difference(now, self._before), STEADY_DIFF)
        if _is_global(differs, changed):
            return self._start_over(small, now, t_s)
        foreground, blobs = self._differing(differs)
        blobs, ghosts = self._without_ghosts(now, blobs, foreground)
        self._average(now, differs, foreground if keep is None else foreground | keep, passed_s)
        self._replace(now, differs, ghosts, keep, passed_s)
        self._before = now
        self._t_s = t_s
        return Motion(small, foreground, changed, blobs, unsettled=False)

    def _start_over(self, small: Luma, now: Luma, t_s: float) -> Motion:
        """Believe this frame, without confidence."""
        self._believed: FloatPlane = now.astype(np.float32)
        self._seen = now.copy()
        self._noise: FloatPlane = np.full(now.shape, NOISE_START, np.float32)
        self._confirmed = np.zeros_like(now)
        self._rival = now.copy()
        self._rival_age = np.zeros_like(now)
        self._owed_s = 0.0
        self._before = now
        self._t_s = t_s
        nothing = np.zeros_like(now)
        return Motion(small, nothing, nothing, (), unsettled=True)

    def _follow_exposure(self, now: Luma) -> None:
        """Turn the background brighter or darker as the camera has done to the whole picture."""
        gain, offset = _exposure(self._seen[::12, ::12], now[::12, ::12])
        if abs(gain * 128 + offset - 128) < EXPOSURE_STEP:
            return
        self._believed = np.clip(self._believed * gain + offset, 0, 255)
        self._seen = rounded(self._believed)
        self._rival = rounded(self._rival.astype(np.float32), gain, offset)

    def _differing(self, differs: Luma) -> tuple[Mask, tuple[Blob, ...]]:
        """Connected regions that are weakly different throughout and strongly somewhere."""
        floor = rounded(self._noise, NOISE_GAIN, WEAK_DIFF)
        weak = tidied(above(differs, floor))
        strong = above(differs, raised(floor, STRONG_DIFF - WEAK_DIFF))
        foreground = np.zeros_like(weak)
        blobs: list[Blob] = []
        for area, own in regions(weak, MIN_AREA_PX, MAX_REGIONS):
            if count(own & strong[area]) >= MIN_STRONG_PX:
                foreground[area] |= own
                box = _trunk(area, own)
                blobs.append(Blob(box, count(own)))
        return foreground, tuple(blobs)

    def _without_ghosts(
        self, now: Luma, blobs: tuple[Blob, ...], foreground: Mask
    ) -> tuple[tuple[Blob, ...], Mask]:
        """Part real blobs from the holes that objects left in a background seen too early.

        An object's outline is drawn in the picture; a ghost's outline is drawn in the
        background. Only what has stopped changing can be a ghost, so a ghost that still hangs
        on to its object is found as well.

        Returns:
            the real blobs, and a mask of the ghosts.
        """
        ghosts = np.zeros_like(foreground)
        steady = above(self._rival_age, int(STEADY_S / TICK_S) - 1) & foreground
        real: list[Blob] = []
        for blob in blobs:
            area = _around(blob.box, now.shape)
            still = steady[area]
            ghost_px = 0
            if count(still) >= max(MIN_AREA_PX, 0.05 * blob.area):
                still = opened(still)
                rim = outline(foreground[area])
                here, there = outline(now[area]), outline(self._seen[area])
                for where, piece in regions(still, MIN_AREA_PX, MAX_REGIONS):
                    whole = np.zeros_like(still)
                    whole[where] = piece
                    if _is_ghost(rim & grown(whole), here, there):
                        ghosts[area] |= whole
                        ghost_px += count(piece)
            if ghost_px < GHOST_SHARE * blob.area:
                real.append(blob)
        self._vacated = [(t_s, area) for t_s, area in self._vacated if self._t_s - t_s < VACATED_S]
        if self._vacated:
            settled = above(self._rival_age, round(SETTLED_S / TICK_S)) & foreground
            for _, area in self._vacated:
                ghosts[area] |= settled[area]
        return tuple(real), ghosts

    def _average(self, now: Luma, differs: Luma, held: Mask, passed_s: float) -> None:
        """Follow slow change where nothing stands."""
        gain = 1 - exp(-passed_s / LEARN_S)
        free = ~held
        average_where(self._believed, now, gain, free)
        average_where(self._noise, differs, gain, free)

    def _replace(
        self, now: Luma, differs: Luma, ghosts: Mask, keep: Mask | None, passed_s: float
    ) -> None:
        """Let rivals age, and give their pixels to those that have outlived the belief."""
        self._owed_s += passed_s
        ticks = int(self._owed_s / TICK_S)
        self._owed_s -= ticks * TICK_S
        disagrees = above(differs, STEADY_DIFF)
        raise_where(self._confirmed, ticks, ~disagrees, round(CONFIRM_MAX_S / TICK_S))
        changed = above(difference(now, self._rival), STEADY_DIFF)
        raise_where(self._rival_age, ticks, ~changed, 255)
        clear_where(self._rival_age, changed)
        copy_where(now, changed, self._rival)
        wins = above(self._rival_age, raised(self._confirmed, round(OUTLIVE_S / TICK_S)))
        wins &= disagrees
        wins &= ~bridged(below(self._rival_age, round(RESTLESS_S / TICK_S)) & disagrees, BODY_PX)
        if keep is not None:
            wins &= ~keep
        wins |= ghosts
        if count(wins):
            chosen = wins > 0
            self._believed[chosen] = now[chosen]
            self._noise[chosen] = NOISE_START
            copy_where(self._rival_age, wins, self._confirmed)
        self._seen = rounded(self._believed)


def _exposure(before: Luma, now: Luma) -> tuple[float, float]:
    """The gain and offset that turn most of one picture into another; (1, 0) if none does."""
    x, y = before.astype(np.float32).ravel(), now.astype(np.float32).ravel()
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(2):
        fits = np.abs(y - gain * x - offset) < EXPOSURE_FIT
        if np.count_nonzero(fits) < EXPOSURE_SHARE * x.size:
            return 1.0, 0.0
        mean_x, mean_y = float(x[fits].mean()), float(y[fits].mean())
        spread = x[fits] - mean_x
        variance = float(spread @ spread)
        if variance > np.count_nonzero(fits):  # Else the picture is too even to tell a gain.
            gain = min(1.6, max(0.6, float(spread @ (y[fits] - mean_y)) / variance))
        offset = mean_y - gain * mean_x
    return gain, offset


def _is_global(differs: Luma, changed: Mask) -> bool:
    """Whether the light or the view changed, all at once, over most of the picture."""
    if count(changed) < GLOBAL_SHARE * changed.size:
        return False
    return count(above(differs, STRONG_DIFF)) > 0.5 * GLOBAL_SHARE * differs.size


def _around(box: tuple[float, float, float, float], shape: tuple[int, ...]) -> Area:
    """The box with a border of two pixels, as far as the picture goes."""
    left, top, right, bottom = (int(v) for v in box)
    return (
        slice(max(0, top - 2), min(shape[0], bottom + 2)),
        slice(max(0, left - 2), min(shape[1], right + 2)),
    )


def _trunk(area: Area, own: Mask) -> tuple[float, float, float, float]:
    """The box of a region without what sticks out thinly at its sides: arms, stride, shadow."""
    rows, columns = area
    filled = column_fill(own)
    wide = np.flatnonzero(filled >= TRUNK_SHARE * filled.max())
    left, right = int(wide[0]), int(wide[-1]) + 1
    tall = np.flatnonzero(own[:, left:right].any(axis=1))
    return (
        columns.start + left,
        rows.start + int(tall[0]),
        columns.start + right,
        rows.start + int(tall[-1]) + 1,
    )


def _is_ghost(rim: Mask, here: Luma, there: Luma) -> bool:
    """Whether the rim is drawn in the background (there) rather than in the picture (here)."""
    return count(rim) >= 4 and mean(there, rim) > GHOST_RATIO * mean(here, rim) + 2
