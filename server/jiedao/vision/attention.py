# SPDX-License-Identifier: Apache-2.0
"""Where a detector is worth asking: few small crops, where an answer can change an event.

A detector costs ten times all else, so it gets an allowance of input pixels by capture time and
spends it on the most urgent questions: who is that near the line, is that one body or two, is
the one who stood there still there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jiedao.vision.boxes import PixelBox
from jiedao.vision.tracks import Track

ALLOWANCE_PX_S: Final = 100_000.0  # Input pixels a second; some 6 ms of one core for YOLOX-nano.
SAVINGS_PX: Final = 180_000.0  # Unspent allowance is kept up to one run on a whole picture.
AGAIN_MOVING_S: Final = 0.5  # A named object near a rule is looked at again after this long,
AGAIN_CROWDED_S: Final = 0.4  # or this long if its region may hold another,
AGAIN_STANDING_S: Final = 2.0  # or this long if it stands,
AGAIN_FAR_S: Final = 6.0  # or this long if no rule is near.
RETRY_S: Final = 0.4  # What was not known is asked again after this long, then twice that ...
SHOWN_LEAST_PX: Final = 56.0  # The height at which an object is shown when allowance is short,
SHOWN_MOST_PX: Final = 120.0  # and when there is plenty: then its foot is found more exactly.
ZOOM_MOST: Final = 2.5
BORDER: Final = 0.35  # Surroundings shown with an object, in its own sizes.
CROP_LEAST_PX: Final = 96
CROP_MOST_PX: Final = 256
EDGE_PX: Final = 2.0  # A box this near to the picture's edge is cut by it.
WHOLE_PX: Final = 416.0  # A whole picture is shown with its longest side at most this.


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
    """

    def __init__(self, scale: float, width: int, height: int) -> None:
        self.scale = scale
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
        t_s = self._t_s or 0.0
        urgent = [
            (urgency(track, track.number in near, track.seen_s < self._before_s, t_s), track)
            for track in tracks
        ]
        urgent = sorted((pair for pair in urgent if pair[0] >= 1.0), key=lambda pair: -pair[0])
        if not urgent:
            return None
        first = urgent[0][1]
        zoom = self._zoom(first)
        box = self._around(first)
        if not self.can_afford(self._cost_px(box, zoom)):
            return None
        for _, other in urgent[1:]:
            wider = _union(box, self._around(other))
            cost = self._cost_px(wider, zoom)
            if self._side_px(wider, zoom) <= CROP_MOST_PX and self.can_afford(cost):
                box = wider
        return Crop(self._inside(box, zoom), zoom)

    def _zoom(self, track: Track) -> float:
        tall = max(1.0, max(track.size) * self.scale)
        wealth = max(0.0, self._saved_px / SAVINGS_PX)
        shown = SHOWN_LEAST_PX + (SHOWN_MOST_PX - SHOWN_LEAST_PX) * wealth
        # Nothing is gained by enlarging what is already large enough to be known.
        zoom: float = min(ZOOM_MOST, max(SHOWN_LEAST_PX / tall, min(1.0, shown / tall)))
        return zoom

    def _around(self, track: Track) -> PixelBox:
        width, height = track.size
        dx, dy = BORDER * max(width, height * 0.6), BORDER * max(height, width * 0.6)
        x0, y0, x1, y1 = track.box
        return x0 - dx, y0 - dy, x1 + dx, y1 + dy

    def _inside(self, box: PixelBox, zoom: float) -> PixelBox:
        """The box grown to the least crop, as far as the picture goes."""
        least = CROP_LEAST_PX / zoom / self.scale
        x0, x1 = _at_least(box[0], box[2], least, self._width)
        y0, y1 = _at_least(box[1], box[3], least, self._height)
        return x0, y0, x1, y1

    def _cost_px(self, box: PixelBox, zoom: float) -> float:
        per_px = self.scale * zoom
        wide = max(CROP_LEAST_PX, (box[2] - box[0]) * per_px)
        tall = max(CROP_LEAST_PX, (box[3] - box[1]) * per_px)
        side: float = max(wide, tall)
        return side * side

    def _side_px(self, box: PixelBox, zoom: float) -> float:
        side = max(box[2] - box[0], box[3] - box[1])
        px: float = side * self.scale * zoom
        return px


def urgency(track: Track, near: bool, hidden: bool, t_s: float) -> float:
    """How much an answer about a track is wanted; from 1 on it is worth asking.

    Args:
        hidden: it was not seen in the last frame.
    """
    waited_s = t_s - (track.asked_s if track.asked_s is not None else track.first_s - 1e3)
    if hidden:
        # Hidden or lost: only a detector may find it again where it should be.
        return 0.9 * waited_s / AGAIN_MOVING_S if near and track.named_s is not None else 0.0
    if track.named_s is None:
        if track.looks < 2 and not near:
            return 0.0
        patience_s = RETRY_S * float(1 << min(track.asked, 6))
        value = min(3.0, waited_s / patience_s) if near else min(1.5, waited_s / (8 * patience_s))
        return value + (0.5 if track.moves else 0.0)
    again_s = AGAIN_FAR_S
    if near:
        again_s = AGAIN_STANDING_S if not track.moves or track.speed < 2 else AGAIN_MOVING_S
        if track.crowded:
            again_s = AGAIN_CROWDED_S
    return waited_s / again_s


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
