# SPDX-License-Identifier: Apache-2.0
"""Whether a picture can be trusted: frozen, black, covered, or of another view. Pure.

It is told brightness planes and capture times, and works on a thumbnail once a second. A fault is
told after it held for some seconds and taken back after it was gone for some, so that a passing
lorry is none. Nothing here looks at people: the thumbnail knows of edges and light alone.
"""

from dataclasses import dataclass, field
from typing import Any, Final, cast

import cv2
import numpy as np
import numpy.typing as npt

from jiedao.vision.values import Luma

FROZEN, BLACK, COVERED, MOVED = (
    "camera.frozen",
    "camera.black",
    "camera.covered",
    "camera.moved",
)

JUDGED_EVERY_S: Final = 0.9
FROZEN_AFTER_S: Final = 6.0
"""With key frames every two seconds, a picture that stands is found within ten."""
HELD_S: Final = 5.0
GONE_S: Final = 2.0
LEARNT_AFTER: Final = 5
"""So many good thumbnails make a view that later ones are measured by."""
FOLLOW: Final = 1 / 120
"""How much of each good thumbnail enters the view: light and leaves change it in minutes."""

_WIDTH, _HEIGHT = 160, 90
_DARK, _DARK_PEAK = 34.0, 52.0
_FLAT = 1.2
"""Mean slope, grey levels a thumbnail pixel, below which a picture shows nothing at all."""
_DETAIL_LEFT = 0.25
_LIKENESS = 0.4
"""Another scene is alike by 0.1 at most, one turned by a twentieth of its width by 0.3, the same
scene over an hour by 0.75 and more (the clips of the vision bench)."""
_STILL, _REFINED = (0.25, 0.6), (3.0, 8.0)
"""Grey levels, on average and in the most different block, by which pictures of what does not live
are apart at most: two key frames; a key frame and one that the coder refined after it."""

Thumb = npt.NDArray[np.uint8]
Edges = npt.NDArray[np.float32]


@dataclass(slots=True)
class View:
    """What a camera is known to look at: how strong the edges are, and where.

    Attributes:
        edges: mean edge strength, float32 (45, 80); None before anything is known.
        seen: how many thumbnails it was learnt from.
    """

    edges: Edges | None = None
    seen: int = 0

    @property
    def is_known(self) -> bool:
        return self.edges is not None and self.seen >= LEARNT_AFTER

    def learn(self, edges: Edges) -> None:
        """Take in one more good thumbnail."""
        self.seen += 1
        share = max(FOLLOW, 1 / self.seen)
        known = edges if self.edges is None else self.edges
        self.edges = known + (edges - known) * np.float32(share)


@dataclass(slots=True)
class Tamper:
    """Judges the pictures of one camera, in the order of their capture.

    Attributes:
        fault: the code of what is wrong with the picture now, or "".
        since_s: capture time at which that began, seconds since the epoch.
    """

    view: View = field(default_factory=View)
    fault: str = ""
    since_s: float = 0.0
    _last: bytes = b""
    _last_s: float = float("-inf")
    _same_since_s: float = 0.0
    _key: Thumb | None = None
    _key_since_s: float = 0.0
    _judged_s: float = float("-inf")
    _suspect: str = ""
    _suspect_since_s: float = 0.0
    _good_since_s: float | None = None

    def look(self, luma: Luma, at_s: float, *, key: bool) -> None:
        """Take the next picture.

        Args:
            luma: uint8 (height, width).
            at_s: when it was taken.
            key: it is a key frame, coded without looking at others.
        """
        frozen_since_s = self._frozen_since(luma, at_s, key=key)
        if frozen_since_s is not None:
            self.fault, self.since_s = FROZEN, frozen_since_s
            self._suspect = ""
            return
        if self.fault == FROZEN:
            self.fault = ""
        if at_s - self._judged_s >= JUDGED_EVERY_S or at_s < self._judged_s:
            self._judged_s = at_s
            self._hold(self._judge(luma), at_s)

    def _frozen_since(self, luma: Luma, at_s: float, *, key: bool) -> float | None:
        """Since when the picture stands still as no lens does; None if it lives.

        The very same picture again means a device that is stuck. One that codes its stuck picture
        anew shows only in key frames, which are then alike to a hair.
        """
        thumb = np.ascontiguousarray(luma[:: _step(luma, 0), :: _step(luma, 1)])
        data = thumb.tobytes()
        # After a time without pictures nothing is known of what they were meanwhile.
        if data != self._last or not 0 <= at_s - self._last_s < FROZEN_AFTER_S:
            self._last, self._same_since_s = data, at_s
        self._last_s = at_s
        if self._key is None or not _alike(self._key, thumb, _STILL if key else _REFINED):
            self._key, self._key_since_s = thumb, at_s
        # Key frames tell only where the pictures between them are not simply the same.
        is_same = self._same_since_s < at_s
        since_s = self._key_since_s if key and not is_same else self._same_since_s
        if at_s - since_s >= FROZEN_AFTER_S:
            return since_s
        # Between key frames a picture that is coded anew is refined; the next key frame tells.
        if self.fault == FROZEN and not key and self.since_s == self._key_since_s:
            return self.since_s
        return None

    def _judge(self, luma: Luma) -> str:
        small = cv2.resize(luma, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
        grey: Thumb = small.astype(np.uint8, copy=False)
        if float(grey.mean()) < _DARK and float(np.percentile(grey, 98)) < _DARK_PEAK:
            return BLACK
        edges = _edges(grey)
        detail = float(edges.mean())
        if detail < _FLAT:
            return COVERED
        known = self.view.edges
        if known is None or not self.view.is_known:
            self.view.learn(edges)
            return ""
        if detail < _DETAIL_LEFT * float(known.mean()):
            return COVERED
        if _likeness(edges, known) < _LIKENESS:
            return MOVED
        self.view.learn(edges)
        return ""

    def _hold(self, verdict: str, at_s: float) -> None:
        """Tell a verdict only after it held, and take it back only after it was gone."""
        if verdict != self._suspect:
            self._suspect, self._suspect_since_s = verdict, at_s
        held_s = at_s - self._suspect_since_s
        if verdict and verdict != self.fault and held_s >= HELD_S:
            self.fault, self.since_s = verdict, self._suspect_since_s
        elif not verdict and self.fault and held_s >= GONE_S:
            self.fault = ""


def _step(luma: Luma, axis: int) -> int:
    return max(1, int(luma.shape[axis]) // (_HEIGHT if axis == 0 else _WIDTH))


def _edges(grey: Thumb) -> Edges:
    """How steep the brightness is in each cell of 2 x 2, grey levels a pixel."""
    soft = cv2.GaussianBlur(grey, (3, 3), 0).astype(np.float32)
    across, down = np.abs(soft[:, 2:] - soft[:, :-2]), np.abs(soft[2:] - soft[:-2])
    steep = across[1:-1] + down[:, 1:-1]
    small: Any = cv2.resize(steep, (_WIDTH // 2, _HEIGHT // 2), interpolation=cv2.INTER_AREA)
    return cast("Edges", small)


def _likeness(one: Edges, other: Edges) -> float:
    """Correlation of where edges lie, -1..1, whatever the light on each part."""
    first, second = (_levelled(edges) for edges in (one, other))
    size = float(np.linalg.norm(first)) * float(np.linalg.norm(second))
    return float((first * second).sum()) / size if size else 0.0


def _levelled(edges: Edges) -> Edges:
    around = cv2.blur(edges, (15, 15))
    level = edges / (around + np.float32(1.0))
    return cast("Edges", level - level.mean())


def _alike(one: Thumb, other: Thumb, apart_most: tuple[float, float]) -> bool:
    """Whether two pictures show nothing that lives: no grain, no clock, nothing that moved."""
    if one.shape != other.shape:
        return False
    apart = np.abs(one.astype(np.int16) - other.astype(np.int16))
    if float(apart.mean()) > apart_most[0]:
        return False
    blocks: Any = cv2.resize(apart.astype(np.float32), (16, 9), interpolation=cv2.INTER_AREA)
    return float(blocks.max()) < apart_most[1]
