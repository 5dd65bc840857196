# SPDX-License-Identifier: Apache-2.0
"""Joins what is seen from frame to frame into objects, within one camera and for a while only.

Boxes are in working pixels (see ``motion``). An object has a number, a place and a velocity; it
has no identity, and nothing of it is known to any other camera.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jiedao.vision.planes import best_match
from jiedao.vision.values import Luma

PixelBox = tuple[float, float, float, float]

LOST_MOVING_S: Final = 0.9  # An unseen object is waited for this long ...
LOST_NAMED_S: Final = 2.0  # ... or this long, once a detector has named it.
VELOCITY_GAIN: Final = 0.5
SMOOTHING_S: Final = 0.12  # How far an edge of a box trails behind what is measured.
GATE: Final = 1.2  # Farthest a centre may jump beyond the prediction, in box diagonals.


@dataclass(frozen=True, slots=True)
class Look:
    """One thing seen in one frame, by motion or by a detector.

    Attributes:
        box: left, top, right, bottom.
        label: a detector's class; empty from motion.
        score: a detector's score; 0 from motion.
    """

    box: PixelBox
    label: str = ""
    score: float = 0.0


@dataclass(slots=True)
class Track:
    """An object that is being followed through one camera's picture.

    Attributes:
        looks: in how many frames it was seen.
        way_px: farthest its centre ever was from where it was first seen.
        named_s: when a detector last agreed; None if never.
        votes: summed detector scores by class.
    """

    number: int
    box: PixelBox
    first_s: float
    seen_s: float
    looks: int = 1
    vx: float = 0.0
    vy: float = 0.0
    way_px: float = 0.0
    named_s: float | None = None
    votes: dict[str, float] = field(default_factory=dict)
    asked: int = 0
    born: tuple[float, float] = (0.0, 0.0)
    patch: Luma | None = None

    @property
    def label(self) -> str:
        return max(self.votes, key=lambda name: self.votes[name]) if self.votes else ""

    @property
    def size(self) -> tuple[float, float]:
        return self.box[2] - self.box[0], self.box[3] - self.box[1]

    @property
    def centre(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def moves(self) -> bool:
        """Whether it has gone far enough for its own size to be more than a flicker."""
        width, height = self.size
        return self.way_px > 0.35 * min(width, height) + 1.5

    def ahead(self, t_s: float) -> PixelBox:
        """Where the box should be at a time."""
        span = min(1.0, t_s - self.seen_s)
        dx, dy = self.vx * span, self.vy * span
        return self.box[0] + dx, self.box[1] + dy, self.box[2] + dx, self.box[3] + dy


class Tracker:
    """Follows objects. Feed it the looks of each frame in order."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.ended: list[Track] = []
        self._next = 1

    def see(self, looks: Sequence[Look], t_s: float, small: Luma | None = None) -> None:
        """Give every look to the track it continues, or start one.

        Args:
            looks: what was seen in this frame.
            t_s: capture time, not before the last call's.
            small: the frame at working size; with it, objects that melt into one region are
                followed apart by their own pattern.
        """
        ahead = [track.ahead(t_s) for track in self.tracks]
        pairs, left_tracks, left_looks = assign(ahead, [look.box for look in looks])
        shared = self._shared(ahead, looks, pairs)
        fresh: list[int] = []
        for i, j in pairs:
            track = self.tracks[i]
            box = looks[j].box
            if i in shared and small is not None:
                box = _match(track, ahead[i], small, looks[j].box) or ahead[i]
            _advance(track, box, t_s, looks[j])
            fresh.append(i)
        for i in left_tracks:
            # Swallowed by a region that continues another object: its pattern still shows.
            host = _host(ahead[i], looks)
            if host is None or small is None:
                continue
            found = _match(self.tracks[i], ahead[i], small, looks[host].box)
            if found is not None:
                _advance(self.tracks[i], found, t_s, looks[host])
                fresh.append(i)
        for j in left_looks:
            if not _is_part(looks[j].box, [self.tracks[i].box for i in fresh]):
                self._start(looks[j], t_s)
        self._end(t_s)
        if small is not None:
            for track in self.tracks:
                if track.seen_s == t_s:
                    track.patch = _cut(small, track.box)

    def _shared(
        self, ahead: list[PixelBox], looks: Sequence[Look], pairs: list[tuple[int, int]]
    ) -> set[int]:
        """Tracks whose look also covers another track, so its box is not theirs alone."""
        shared: set[int] = set()
        if len(ahead) < 2 or not looks:
            return shared
        boxes = np.asarray(ahead, np.float32)
        for i, j in pairs:
            if looks[j].score > 0:
                continue
            inside = _covered(boxes, looks[j].box) > 0.6
            others = int(inside.sum()) - int(inside[i])
            if others and inside[i]:
                shared.add(i)
        return shared

    def _start(self, look: Look, t_s: float) -> None:
        track = Track(self._next, look.box, t_s, t_s)
        track.born = track.centre
        if look.label:
            track.votes[look.label] = look.score
            track.named_s = t_s
        self._next += 1
        self.tracks.append(track)

    def _end(self, t_s: float) -> None:
        self.ended = [track for track in self.tracks if t_s - track.seen_s > _patience_s(track)]
        if self.ended:
            gone = {track.number for track in self.ended}
            self.tracks = [track for track in self.tracks if track.number not in gone]


def _patience_s(track: Track) -> float:
    return LOST_NAMED_S if track.named_s is not None else LOST_MOVING_S


def _advance(track: Track, box: PixelBox, t_s: float, look: Look) -> None:
    """Move a track to where it was seen."""
    span = t_s - track.seen_s
    if span > 0:
        expected = track.ahead(t_s)
        keep = exp(-span / SMOOTHING_S)
        new = (
            keep * expected[0] + (1 - keep) * box[0],
            keep * expected[1] + (1 - keep) * box[1],
            keep * expected[2] + (1 - keep) * box[2],
            keep * expected[3] + (1 - keep) * box[3],
        )
        vx = ((new[0] + new[2]) - (track.box[0] + track.box[2])) / 2 / span
        vy = ((new[1] + new[3]) - (track.box[1] + track.box[3])) / 2 / span
        gain = 1.0 if track.looks == 1 else VELOCITY_GAIN
        track.vx += gain * (vx - track.vx)
        track.vy += gain * (vy - track.vy)
        track.box = new
    track.seen_s = t_s
    track.looks += 1
    x, y = track.centre
    track.way_px = max(track.way_px, hypot(x - track.born[0], y - track.born[1]))
    if look.label:
        track.votes[look.label] = track.votes.get(look.label, 0.0) + look.score
        track.named_s = t_s


def assign(
    ahead: Sequence[PixelBox], looks: Sequence[PixelBox]
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair predicted boxes with seen ones, best first, each at most once.

    Returns:
        pairs (index ahead, index seen), then the unpaired of either.
    """
    if not ahead or not looks:
        return [], list(range(len(ahead))), list(range(len(looks)))
    cost = _cost(np.asarray(ahead, np.float32), np.asarray(looks, np.float32))
    candidates = np.argwhere(cost < 1.0)
    order = np.argsort(cost[candidates[:, 0], candidates[:, 1]], kind="stable")
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for i, j in candidates[order].tolist():
        if i not in taken_a and j not in taken_b:
            taken_a.add(i)
            taken_b.add(j)
            pairs.append((i, j))
    return (
        pairs,
        [i for i in range(len(ahead)) if i not in taken_a],
        [j for j in range(len(looks)) if j not in taken_b],
    )


def _cost(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    """How unlikely each pair is: 0 is the same box, 1 and more is out of reach."""
    overlap_w = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    overlap_h = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    common = np.clip(overlap_w, 0, None) * np.clip(overlap_h, 0, None)
    wa, ha = a[:, 2] - a[:, 0], a[:, 3] - a[:, 1]
    wb, hb = b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]
    iou = common / np.maximum((wa * ha)[:, None] + (wb * hb)[None, :] - common, 1e-6)
    dx = (a[:, None, 0] + a[:, None, 2] - b[None, :, 0] - b[None, :, 2]) / 2
    dy = (a[:, None, 1] + a[:, None, 3] - b[None, :, 1] - b[None, :, 3]) / 2
    reach = np.minimum(np.hypot(wa, ha)[:, None], np.hypot(wb, hb)[None, :]) + 3
    far = np.hypot(dx, dy) / (GATE * reach)
    unlike = np.abs(np.log(np.maximum(ha, 1)[:, None] / np.maximum(hb, 1)[None, :]))
    cost = 0.5 * far + 0.4 * (1 - iou) + 0.15 * unlike
    return np.asarray(np.where((far < 1) | (iou > 0.2), np.minimum(cost, 0.99), 2.0), np.float32)


def _covered(boxes: NDArray[np.float32], by: PixelBox) -> NDArray[np.float32]:
    """The share of each box that lies within one other."""
    w = np.minimum(boxes[:, 2], by[2]) - np.maximum(boxes[:, 0], by[0])
    h = np.minimum(boxes[:, 3], by[3]) - np.maximum(boxes[:, 1], by[1])
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return np.asarray(np.clip(w, 0, None) * np.clip(h, 0, None) / np.maximum(area, 1e-6))


def _host(box: PixelBox, looks: Sequence[Look]) -> int | None:
    """The region that a box lies in, if any does."""
    if not looks:
        return None
    one = np.asarray([box], np.float32)
    shares = [float(_covered(one, look.box)[0]) for look in looks]
    best = int(np.argmax(shares))
    return best if shares[best] > 0.6 else None


def _is_part(box: PixelBox, seen: Sequence[PixelBox]) -> bool:
    """Whether a region is a loose piece of something already seen in this frame."""
    one = np.asarray([box], np.float32)
    return any(float(_covered(one, other)[0]) > 0.7 for other in seen)


def _cut(small: Luma, box: PixelBox) -> Luma | None:
    """The object's own pixels, or None where it is too small or cut off to be told by them."""
    x0, y0, x1, y1 = (round(v) for v in box)
    if x0 < 0 or y0 < 0 or x1 > small.shape[1] or y1 > small.shape[0]:
        return None
    if x1 - x0 < 4 or y1 - y0 < 6 or (x1 - x0) * (y1 - y0) > 8000:
        return None
    return small[y0:y1, x0:x1].copy()


def _match(track: Track, expected: PixelBox, small: Luma, within: PixelBox) -> PixelBox | None:
    """Find a track's pattern near where it should be; None if it does not show."""
    patch = track.patch
    if patch is None:
        return None
    height, width = patch.shape
    reach = 4 + int(0.25 * width)
    left, top = round(expected[0]), round(expected[1])
    x0, y0 = max(0, left - reach), max(0, top - reach)
    field_ = small[y0 : top + height + reach, x0 : left + width + reach]
    if field_.shape[0] < height or field_.shape[1] < width:
        return None
    likeness, px, py = best_match(field_, patch)
    if likeness < 0.5:
        return None
    x, y = float(x0 + px), float(y0 + py)
    return x, y, x + width, min(y + height, max(within[3], y + 0.8 * height))
