# SPDX-License-Identifier: Apache-2.0
"""Where a detector is worth asking: few small crops, where an answer can change an event.

A detector costs ten times all else, so it gets an allowance of input pixels by capture time and
spends it on the most urgent questions: who is that near the line, is that one body or two, is
the one who stood there still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from jiedao.vision.boxes import PixelBox
from jiedao.vision.tracks import EDGE_PX, Track

ALLOWANCE_PX_S: Final = 60_000.0  # Input pixels a second; some 4 ms of one core for YOLOX-nano.
SAVINGS_PX: Final = 140_000.0  # Unspent allowance is kept up to one run on a whole picture.
AGAIN_MOVING_S: Final = 1.2  # A named object near a rule is looked at again after this long,
AGAIN_CROWDED_S: Final = 0.5  # or this long if its region may hold another,
AGAIN_JOINED_S: Final = 0.19  # or in the next frame if one has just joined it,
AGAIN_STANDING_S: Final = 2.5  # or this long if it stands,
AGAIN_COUNTED_S: Final = 3.0  # or this long if it only counts,
AGAIN_FAR_S: Final = 6.0  # or this long if no rule is near.
HIDDEN_S: Final = 1.0  # What was named and is hidden near a rule is looked for so soon.
JOINED: Final = 1.2  # A region that has grown by so much may have been joined by somebody.
RETRY_S: Final = 0.4  # What was not known is asked again after this long, then twice that ...
# A nano detector knows 94 of 100 walkers shown 36 px tall and no more of them shown at 110,
# measured on hand-checked boxes; time goes with the square.
SHOWN_PX: Final = 52.0  # The longer side at which an object is shown.
SHOWN_AGAIN: Final = 1.4
ZOOM_MOST: Final = 2.5
BORDER: Final = 0.4  # Surroundings shown with an object, in its own sizes.
CROP_MOST_PX: Final = 256
WHOLE_PX: Final = 416.0  # A whole picture is shown with its longest side at most this.
CELL_PX: Final = 32  # Inputs are whole cells of this size,
LEAST_PX: Final = 96  # and not smaller than this.


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the picture to be shown to the detector.

    Attributes:
        box: in working pixels.
        zoom: detector pixels per picture pixel.
    """

    box: PixelBox
    zoom: float


class Attention:
    """Chooses crops within an allowance.

    Args:
        scale: picture pixels per working pixel.
        width, height: size of the working picture.
        everywhere: objects count wherever they are, not only near a rule.
    """

    def __init__(self, scale: float, width: int, height: int, everywhere: bool = False) -> None:
        self.scale = scale
        self._again_far_s = AGAIN_COUNTED_S if everywhere else AGAIN_FAR_S
        self._width, self._height = width, height
        self._saved_px = SAVINGS_PX
        self._t_s: float | None = None
        self._before_s = 0.0

    def earn(self, t_s: float) -> None:
        """Let the allowance grow with capture time."""
        if self._t_s is not None:
            passed_s = max(0.0, t_s - self._t_s)
            self._saved_px = min(SAVINGS_PX, self._saved_px + passed_s * ALLOWANCE_PX_S)
            self._before_s = self._t_s
        self._t_s = t_s

    def is_cut(self, box: PixelBox) -> bool:
        """Whether the picture's edge hides a part of the object, so that it may not be known."""
        return (
            box[0] < EDGE_PX
            or box[1] < EDGE_PX
            or box[2] > self._width - EDGE_PX
            or box[3] > self._height - EDGE_PX
        )

    def spend(self, px: int) -> None:
        self._saved_px -= px

    def can_afford(self, px: float) -> bool:
        return self._saved_px >= px

    def everything(self) -> Crop:
        """The whole picture, for a first look."""
        longest = max(self._width, self._height) * self.scale
        return Crop((0.0, 0.0, self._width, self._height), min(1.0, WHOLE_PX / longest))

    def choose(self, tracks: Sequence[Track], near: set[int]) -> Crop | None:
        """The most urgent crop that can be afforded, with all the questions that fit in it.

        Args:
            near: numbers of the tracks that a rule may soon speak of.
        """
        urgent = [(self._urgency(track, track.number in near), track) for track in tracks]
        urgent = sorted((pair for pair in urgent if pair[0] >= 1.0), key=lambda pair: -pair[0])
        if not urgent:
            return None
        first = urgent[0][1]
        zoom = self._zoom(first)
        box = self._around(first)
        if not self.can_afford(self._cost_px(box, zoom)):
            return None
        for _, other in urgent[1:]:
            its = self._around(other)
            wider = _union(box, its)
            cost = self._cost_px(wider, zoom)
            apart = self._cost_px(box, zoom) + self._cost_px(its, self._zoom(other))
            if cost <= apart and self._side_px(wider, zoom) <= CROP_MOST_PX:
                box = wider
        return Crop(self._inside(box, zoom), zoom)

    def _urgency(self, track: Track, near: bool) -> float:
        """How much an answer about a track is wanted; from 1 on it is worth asking."""
        t_s = self._t_s or 0.0
        waited_s = t_s - (track.asked_s if track.asked_s is not None else track.first_s - 1e3)
        if track.seen_s < self._before_s:
            # Hidden or lost: only a detector may find it again where it should be.
            if not near or track.named_s is None:
                return 0.0
            return 0.9 * waited_s / (HIDDEN_S * float(1 << min(track.asked, 6)))
        if track.named_s is None:
            if track.looks < 2 and not near:
                return 0.0
            if near and track.asked_cut and not self.is_cut(track.box):
                return 3.0  # It has come in, and shows all of itself.
            patience_s = RETRY_S * float(1 << min(track.asked, 6))
            value = min(3.0, waited_s / patience_s) if near else min(1.5, waited_s / 8 / patience_s)
            return value + (0.5 if track.moves else 0.0)
        again_s = self._again_far_s
        if near and track.crowded:
            joined = track.region_px > JOINED * track.asked_px
            again_s = AGAIN_JOINED_S if joined else AGAIN_CROWDED_S
        elif near:
            again_s = AGAIN_STANDING_S if not track.moves or track.speed < 2 else AGAIN_MOVING_S
        return waited_s / again_s

    def _zoom(self, track: Track) -> float:
        tall = max(1.0, max(track.size) * self.scale)
        larger = SHOWN_AGAIN ** min(track.asked, 2)  # What was not known is shown larger.
        return min(ZOOM_MOST, SHOWN_PX * larger / tall)

    def _around(self, track: Track) -> PixelBox:
        width, height = track.size
        dx, dy = BORDER * max(width, height * 0.6), BORDER * max(height, width * 0.6)
        x0, y0, x1, y1 = track.box
        return x0 - dx, y0 - dy, x1 + dx, y1 + dy

    def _inside(self, box: PixelBox, zoom: float) -> PixelBox:
        """The box grown to whole cells of input, as far as the picture goes."""
        per_px = zoom * self.scale
        x0, x1 = _at_least(box[0], box[2], _cells(box[2] - box[0], per_px) / per_px, self._width)
        y0, y1 = _at_least(box[1], box[3], _cells(box[3] - box[1], per_px) / per_px, self._height)
        return x0, y0, x1, y1

    def _cost_px(self, box: PixelBox, zoom: float) -> float:
        per_px = self.scale * zoom
        return _cells(box[2] - box[0], per_px) * _cells(box[3] - box[1], per_px)

    def _side_px(self, box: PixelBox, zoom: float) -> float:
        side = max(box[2] - box[0], box[3] - box[1])
        px: float = side * self.scale * zoom
        return px


def _cells(side: float, per_px: float) -> float:
    """How many input pixels a side of so many working pixels takes."""
    return max(LEAST_PX, ceil(side * per_px / CELL_PX - 1e-6) * CELL_PX)


def _union(a: PixelBox, b: PixelBox) -> PixelBox:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _at_least(low: float, high: float, least: float, end: int) -> tuple[float, float]:
    """The span, widened to `least` and moved to lie within 0..end."""
    grow = max(0.0, least - (high - low)) / 2
    low, high = low - grow, high + grow
    if low < 0:
        low, high = 0.0, high - low
    if high > end:
        low, high = low - (high - end), float(end)
    return max(0.0, low), high
