# SPDX-License-Identifier: Apache-2.0
"""Joins what is seen from frame to frame into objects, within one camera and for a while only.

Boxes are in working pixels (see ``motion``). An object has a number, a place and a velocity; it
has no identity, and nothing of it is known to any other camera.

Two kinds of looks come together here. Motion sees every change but not where one body ends and
the next begins; a detector names and bounds bodies but is asked seldom. So a detector's box is
remembered as a correction of the moving region it was seen with, and carried along by motion.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import exp, hypot
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jiedao.vision.boxes import (
    Boxes,
    PixelBox,
    area_of,
    areas,
    as_array,
    assign,
    common_px,
    iou,
    likeness,
    moved_by,
    shares,
    shift_into,
)
from jiedao.vision.planes import best_match
from jiedao.vision.values import Luma

LOST_MOVING_S: Final = 0.9  # An unseen object is waited for this long ...
LOST_NAMED_S: Final = 2.0  # ... or this long, once a detector has named it.
LOST_HIDDEN_S: Final = 10.0  # ... or this long, while something moves before its place.
STARTING: Final = 0.4  # What begins to move fills a region that lies in its place to this share.
COVERED: Final = 0.3  # It may be hidden where this share of its place moves.
REST_IOU: Final = 0.6  # An object is in one place while its boxes are this alike,
REST_S: Final = 1.0  # and stands when it has been there for so long.
MOVED_SHARE: Final = 0.35  # Having gone this share of its lesser side is more than a flicker,
MOVED_MOST_PX: Final = 15.0  # counting at most so many pixels of it.
THIN: Final = 0.2  # No body's box is so thin.
EDGE_PX: Final = 2.0  # A box this near to the picture's edge is cut by it.
YOUNG_SLACK: Final = 2.0  # How much farther an object may be whose velocity is not known.
VELOCITY_GAIN: Final = 0.5
SMOOTHING_S: Final = 0.07  # How far an edge of a box trails behind what is measured.
HOSTED: Final = 0.6  # An object lies in a region if this share of it does.
SAME_PLACE: Final = 0.7  # A track that lies in another to this share may be on its object.
SAME_STANDING: Final = 0.5  # The same for what stands, of which a part may be hidden.
DOUBLE_S: Final = 0.6  # How long it must, unless a detector saw one object only.
TOGETHER: Final = 0.6  # Velocities that differ by less than so many own sizes a second.
RIM: Final = 0.3  # How far around an object its loose pieces are found, in its own sizes.
PIECE_OF: Final = 3.0  # How many times larger the object with that rim is, at least.
CROWDED: Final = 1.5  # A region this many times larger than an object may hold another.
SIMILAR: Final = 1.3  # Regions that differ less than by this factor are of one shape.
SAME_PATTERN: Final = 0.5  # Least correlation of an object's pixels from one look to the next.
STILL_PATTERN: Final = 0.8  # The same for something that stands and is told by nothing else.


@dataclass(frozen=True, slots=True)
class Look:
    """One thing seen in one frame, by motion or by a detector.

    Attributes:
        box: left, top, right, bottom.
        label: a detector's class; empty from motion.
        score: a detector's score; 0 from motion.
        vouched: a detector is sure of it, and it moves: two witnesses in one frame.
    """

    box: PixelBox
    label: str = ""
    score: float = 0.0
    vouched: bool = False


@dataclass(slots=True)
class Track:
    """An object that is being followed through one camera's picture.

    Attributes:
        looks: in how many frames it was seen.
        vouched: a detector and motion both told of it in one frame.
        own_s: when something was last seen that is its own.
        way_px: farthest its centre ever was from where it was first seen.
        gone_px: farthest that opposite edges have gone alike; what grows or shrinks goes nowhere.
        named_s: when a detector last agreed; None if never.
        named: how often a detector knew it.
        votes: summed detector scores by class.
        asked: how often a detector looked and did not know it, since it last did.
        asked_s: when a detector last looked.
        asked_cut: the picture's edge cut it when a detector last looked.
        region_px, asked_px: area of its region now, and when a detector last looked.
        stirred: something within it was seen to change.
        crowded: its region is too large for it alone.
        double_s: since when it runs along with another track over the same pixels.
        rest, rest_s: the place where it has been since then.
        anchor: its pattern there, once it has stood for a while.
        grounded: the background model has taken it in, so that only its pattern tells of it.
        held_s: when it last looked as its anchor does.
        heir_of: numbers of tracks that turned out to be of the same object.
        lean: what to add to its region's edges to get its own, in shares of the region's size.
        leans_on: that region's width and height when it was last seen.
    """

    number: int
    box: PixelBox
    first_s: float
    seen_s: float
    looks: int = 1
    vouched: bool = False
    vx: float = 0.0
    vy: float = 0.0
    way_px: float = 0.0
    gone_px: float = 0.0
    born: PixelBox = (0.0, 0.0, 0.0, 0.0)
    own_s: float | None = None
    named_s: float | None = None
    votes: dict[str, float] = field(default_factory=dict)
    named: int = 0
    asked: int = 0
    asked_s: float | None = None
    asked_cut: bool = False
    region_px: float = 0.0
    asked_px: float = 0.0
    stirred: bool = False
    crowded: bool = False
    lean: PixelBox | None = None
    leans_on: tuple[float, float] = (0.0, 0.0)
    patch: Luma | None = None
    double_s: float | None = None
    rest: PixelBox | None = None
    rest_s: float = 0.0
    anchor: Luma | None = None
    grounded: bool = False
    held_s: float | None = None
    heir_of: tuple[int, ...] = ()

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
    def speed(self) -> float:
        """Working pixels a second."""
        return hypot(self.vx, self.vy)

    @property
    def moves(self) -> bool:
        """Whether it has gone far enough for its own size to be more than a flicker."""
        width, height = self.size
        if min(width, height) < THIN * max(width, height) and self.named_s is None:
            return False  # The edge of something that the light plays on.
        return self.way_px > MOVED_SHARE * min(width, height, MOVED_MOST_PX) + 1.0

    def forget_name(self) -> None:
        """Begin again as something that only moves, and has to show that it does."""
        self.votes.clear()
        self.anchor = None
        self.named_s, self.named, self.lean = None, 0, None
        self.born, self.way_px, self.gone_px, self.looks = self.box, 0.0, 0.0, 1

    @property
    def stands(self) -> bool:
        """Whether it has been in one place for a while, and is known there by its pattern."""
        return self.anchor is not None and self.seen_s - self.rest_s >= REST_S

    def ahead(self, t_s: float) -> PixelBox:
        """Where the box should be at a time."""
        span = min(1.0, t_s - self.seen_s)
        return moved_by(self.box, self.vx * span, self.vy * span)


class Tracker:
    """Follows objects. Feed it the looks of each frame in order."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self.ended: list[Track] = []
        self.vacated: list[PixelBox] = []  # Where something of the background is hidden or gone.
        self._next = 1

    def see(
        self,
        looks: Sequence[Look],
        t_s: float,
        small: Luma | None = None,
        regions: Sequence[PixelBox] | None = None,
    ) -> None:
        """Give every look to the track it continues, or start one.

        Args:
            looks: what was seen in this frame.
            t_s: capture time, not before the last call's.
            small: the frame at working size; with it, objects that melt into one region are
                followed apart by their own pattern.
            regions: all moving regions of this frame, if looks leaves out some of them.
        """
        if regions is None:
            regions = [look.box for look in looks if not look.label]
        hosts = as_array(regions)
        held = self._hold(small, t_s, hosts)
        ahead = [track.ahead(t_s) for track in self.tracks]
        slack = [YOUNG_SLACK if track.looks < 2 else 1.0 for track in self.tracks]
        boxes = [look.box for look in looks]
        moving = np.array([not look.label for look in looks], bool)
        barred = self._passing(as_array(boxes), held) & moving
        pairs, left_tracks, left_looks = assign(ahead, boxes, slack, barred)
        swallowed = self._swallowed(left_tracks, left_looks, ahead, looks, barred)
        pairs += swallowed
        left_tracks = [i for i in left_tracks if i not in dict(swallowed)]
        left_looks = [j for j in left_looks if j not in dict(swallowed).values()]
        shared = _shared(as_array(ahead), as_array(boxes), pairs)
        for i, j in pairs:
            self._continue(self.tracks[i], ahead[i], looks[j], t_s, small, i in shared)
            if looks[j].label:
                _remember_lean(self.tracks[i], looks[j].box, hosts)
        left_looks = self._partly_seen(left_tracks, left_looks, ahead, looks, t_s)
        left_looks = self._known_to_stand(left_looks, looks, t_s)
        for i in left_tracks:
            self._search(self.tracks[i], ahead[i], t_s, small, hosts)
        seen = as_array([_with_rim(track) for track in self.tracks if track.seen_s == t_s])
        standing = as_array([_with_rim(track) for track in self.tracks if track.stands])
        for j in left_looks:
            look = looks[j]
            stirring = covered_by_any(look.box, standing) > HOSTED
            if look.label or not (stirring or _is_piece(look.box, seen)):
                self._start(look, t_s)
                if look.label:
                    _remember_lean(self.tracks[-1], look.box, hosts)
        self._end(t_s, hosts)
        self._drop_doubles(t_s)
        if small is not None:
            for track in self.tracks:
                if track.seen_s == t_s:
                    if track.own_s == t_s:
                        _went(track, small.shape[1], small.shape[0])
                    track.patch = _cut(small, track.box)
                    _rest(track, small, t_s, hosts)

    def _hold(self, small: Luma | None, t_s: float, regions: Boxes) -> NDArray[np.bool_]:
        """Continue what stands and looks as it did, whatever moves before or behind it."""
        held = np.zeros(len(self.tracks), bool)
        self.vacated = []
        if small is None:
            return held
        for i, track in enumerate(self.tracks):
            if track.anchor is None or track.rest is None:
                continue
            if not (track.grounded or covered_by_any(track.rest, regions) > COVERED):
                continue
            if _likeness(track.anchor, small, track.rest) > STILL_PATTERN:
                _advance(track, track.rest, t_s)
                track.held_s, held[i] = t_s, True
            elif track.grounded:
                self.vacated.append(track.rest)
        return held

    def _continue(
        self,
        track: Track,
        ahead: PixelBox,
        look: Look,
        t_s: float,
        small: Luma | None,
        shared: bool,
    ) -> None:
        """Move a track to the look that continues it."""
        box = look.box
        if not look.label:
            alone = not shared
            track.region_px = area_of(box)
            fitted = None if shared else _fitted(track, box)
            track.crowded = shared or area_of(box) > CROWDED * area_of(track.box)
            if fitted is None and alone and _is_grown(track, box):
                fitted = box  # It came nearer, or shows more of itself.
            if fitted is None and small is not None:
                track.crowded = True
                fitted = _match(track, ahead, small)
            if fitted is None and alone:
                fitted = box  # Its shape has changed; the region is the better guess.
            box = fitted or (ahead if shared else shift_into(ahead, box))
        _advance(track, box, t_s, alone=bool(look.label) or not shared)
        if look.label:
            track.votes[look.label] = track.votes.get(look.label, 0.0) + look.score
            track.named_s = t_s
            track.named += 1
            track.asked = 0
            track.vouched |= look.vouched

    def _passing(self, looks: Boxes, held: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which looks (columns) only pass before or behind which standing tracks (rows).

        What begins to move does so in its own place.
        """
        barred = np.zeros((len(self.tracks), len(looks)), bool)
        for i, track in enumerate(self.tracks):
            if held[i]:
                barred[i] = True
            elif track.stands and track.rest is not None and len(looks):
                barred[i] = shares(looks, as_array([track.rest]))[:, 0] < STARTING
        return barred

    def _swallowed(
        self,
        left_tracks: Sequence[int],
        left_looks: Sequence[int],
        ahead: Sequence[PixelBox],
        looks: Sequence[Look],
        barred: NDArray[np.bool_],
    ) -> list[tuple[int, int]]:
        """Pair tracks with regions that grew around them, each at most once."""
        pairs: list[tuple[int, int]] = []
        for j in left_looks:
            if looks[j].label:
                continue
            inside = {
                i: common_px(ahead[i], looks[j].box) / max(1e-6, area_of(ahead[i]))
                for i in left_tracks
                if not barred[i, j] and i not in dict(pairs)
            }
            best = max(inside, key=lambda i: inside[i], default=None)
            if best is not None and inside[best] > HOSTED:
                pairs.append((best, j))
        return pairs

    def _partly_seen(
        self,
        left_tracks: Sequence[int],
        left_looks: Sequence[int],
        ahead: Sequence[PixelBox],
        looks: Sequence[Look],
        t_s: float,
    ) -> list[int]:
        """Give a detector's box that lies within a waiting track to it: a part was hidden.

        Returns:
            the looks that remain.
        """
        remain: list[int] = []
        waiting = [i for i in left_tracks if self.tracks[i].named_s is not None]
        places = as_array([ahead[i] for i in waiting])
        for j in left_looks:
            within = share_in(looks[j].box, places) if looks[j].label and waiting else None
            if within is None or within.max() < SAME_PLACE:
                remain.append(j)
                continue
            i = waiting[int(within.argmax())]
            track = self.tracks[i]
            if track.seen_s < t_s:
                _advance(track, ahead[i], t_s)
                track.asked, track.named_s = 0, t_s
        return remain

    def _known_to_stand(
        self, left_looks: Sequence[int], looks: Sequence[Look], t_s: float
    ) -> list[int]:
        """Give a detector's box on something that stands to it: what passes hides a part of it.

        Returns:
            the looks that remain.
        """
        standing = [track for track in self.tracks if track.stands or track.seen_s == t_s]
        standing = [track for track in standing if track.named_s is not None]
        places = as_array([track.box for track in standing])
        remain: list[int] = []
        for j in left_looks:
            box = as_array([looks[j].box])
            if not looks[j].label or not standing:
                remain.append(j)
                continue
            least = np.array([SAME_STANDING if k.stands else SAME_PLACE for k in standing])
            common = np.maximum(shares(box, places)[0], shares(places, box)[:, 0]) / least
            if common.max() < 1:
                remain.append(j)
                continue
            track = standing[int(common.argmax())]
            track.asked, track.named_s = 0, t_s
            if track.seen_s < t_s:
                _advance(track, track.box, t_s)
        return remain

    def _search(
        self, track: Track, ahead: PixelBox, t_s: float, small: Luma | None, hosts: Boxes
    ) -> None:
        """Look for a track that no look continues: swallowed by a region, or standing still."""
        if small is None or track.seen_s == t_s or (track.stands and track.grounded):
            return
        swallowed = covered_by_any(ahead, hosts) > HOSTED
        if swallowed:
            found = _match(track, ahead, small)
            if found is not None:
                _advance(track, found, t_s, alone=False)

    def _start(self, look: Look, t_s: float) -> None:
        track = Track(self._next, look.box, t_s, t_s)
        track.born = track.box
        if look.label:
            track.votes[look.label] = look.score
            track.named_s = track.asked_s = t_s
            track.named, track.vouched = 1, look.vouched
        self._next += 1
        self.tracks.append(track)

    def _end(self, t_s: float, hosts: Boxes) -> None:
        self.ended = [
            track for track in self.tracks if t_s - track.seen_s > _patience_s(track, hosts)
        ]
        self._remove(self.ended)

    def _drop_doubles(self, t_s: float) -> None:
        """End tracks that have run along with another over the same pixels for a while."""
        seen = [track for track in self.tracks if track.seen_s == t_s]
        boxes = as_array([track.box for track in seen])
        covers = shares(boxes, boxes) > SAME_PLACE
        np.fill_diagonal(covers, val=False)
        others = dict(np.argwhere(covers)[::-1].tolist())
        doubles: list[Track] = []
        for i, track in enumerate(seen):
            other = seen[others[i]] if i in others else None
            if other is None or not _same_way(track, other) or _rank(other) < _rank(track):
                track.double_s = None
            elif track.double_s is None:
                track.double_s = t_s
            elif t_s - track.double_s >= (DOUBLE_S if track.asked == 0 else 0.0):
                doubles.append(track)
                other.heir_of = (*other.heir_of, track.number, *track.heir_of)
        self.ended.extend(doubles)
        self._remove(doubles)

    def _remove(self, gone: Sequence[Track]) -> None:
        if gone:
            numbers = {track.number for track in gone}
            self.tracks = [track for track in self.tracks if track.number not in numbers]


def _shared(ahead: Boxes, looks: Boxes, pairs: Sequence[tuple[int, int]]) -> set[int]:
    """Tracks whose look also covers another of like size, so that its box is not theirs alone."""
    if len(ahead) < 2 or not pairs:
        return set()
    inside = shares(ahead, looks) > HOSTED
    crowd = inside.sum(axis=0)
    size = areas(ahead)
    shared: set[int] = set()
    for i, j in pairs:
        if crowd[j] > 1 and inside[i, j]:
            # A flicker beside an object does not make its region two objects'.
            like = inside[:, j] & (size * PIECE_OF > size[i])
            if np.count_nonzero(like) > 1:
                shared.add(i)
    return shared


def _rank(track: Track) -> tuple[float, int]:
    """Which of two tracks on one object is kept: the better named, then the older."""
    return sum(track.votes.values()), -track.number


def _same_way(a: Track, b: Track) -> bool:
    """Whether two tracks move together; people who pass each other do not."""
    apart = hypot(a.vx - b.vx, a.vy - b.vy)
    return apart < TOGETHER * max(*a.size, *b.size)


def _with_rim(track: Track) -> PixelBox:
    """The box of an object with the margin in which its loose pieces are found."""
    x0, y0, x1, y1 = track.box
    dx, dy = RIM * max(x1 - x0, 0.4 * (y1 - y0)), RIM * (y1 - y0)
    return x0 - dx, y0 - dy, x1 + dx, y1 + dy


def _is_piece(box: PixelBox, seen: Boxes) -> bool:
    """Whether a region is a loose piece of something that was seen in this frame already."""
    if not len(seen):
        return False
    larger = (seen[:, 2] - seen[:, 0]) * (seen[:, 3] - seen[:, 1]) > PIECE_OF * area_of(box)
    return bool(((share_in(box, seen) > 0.7) & larger).any())


def covered_by_any(box: PixelBox, others: Boxes) -> float:
    """The largest share of a box that lies within one of the others."""
    return float(share_in(box, others).max()) if len(others) else 0.0


def share_in(box: PixelBox, others: Boxes) -> Boxes:
    """The share of one box that lies within each of the others."""
    within: Boxes = shares(as_array([box]), others)[0]
    return within


def _patience_s(track: Track, regions: Boxes) -> float:
    if track.rest is not None and track.stands and covered_by_any(track.rest, regions) > COVERED:
        return LOST_HIDDEN_S
    return LOST_NAMED_S if track.named_s is not None else LOST_MOVING_S


def _remember_lean(track: Track, box: PixelBox, regions: Boxes) -> None:
    """Keep how a detector's box lies to the region that moves with it, if one does alone."""
    track.lean = None
    if not len(regions):
        return
    overlaps = iou(box, regions)
    best = int(overlaps.argmax())
    if overlaps[best] < 0.3:
        return
    left, top, right, bottom = (float(v) for v in regions[best])
    wide, tall = right - left, bottom - top
    track.lean = (
        (box[0] - left) / wide,
        (box[1] - top) / tall,
        (box[2] - right) / wide,
        (box[3] - bottom) / tall,
    )
    track.leans_on = (wide, tall)


def _fitted(track: Track, region: PixelBox) -> PixelBox | None:
    """A track's own box within the region that continues it; None if the shape has changed."""
    if track.named_s is None:
        return region
    if track.lean is None:
        return None
    wide, tall = region[2] - region[0], region[3] - region[1]
    if not (_similar(wide, track.leans_on[0]) and _similar(tall, track.leans_on[1])):
        return None
    track.leans_on = (wide, tall)  # It may grow as it comes nearer.
    left, top, right, bottom = track.lean
    return (
        region[0] + left * wide,
        region[1] + top * tall,
        region[2] + right * wide,
        region[3] + bottom * tall,
    )


def _is_grown(track: Track, region: PixelBox) -> bool:
    """Whether a region has the proportions of the one that its track's object was seen with."""
    wide, tall = track.leans_on if track.lean is not None else track.size
    proportion = (region[2] - region[0]) * tall / max(1e-6, wide * (region[3] - region[1]))
    return 1 / SIMILAR < proportion < SIMILAR


def _similar(a: float, b: float) -> bool:
    return a < SIMILAR * b + 1 and b < SIMILAR * a + 1


def _advance(track: Track, box: PixelBox, t_s: float, *, alone: bool = True) -> None:
    """Move a track to where it was seen.

    Args:
        alone: something was seen there that is its own. Else its place is only likely, and
            proves nothing of a track that has no name.
    """
    span = t_s - track.seen_s
    if span > 0:
        keep = exp(-span / SMOOTHING_S)
        x0, y0, x1, y1 = (
            keep * expected + (1 - keep) * measured
            for expected, measured in zip(track.ahead(t_s), box, strict=True)
        )
        vx = _common((x0 - track.box[0]) / span, (x1 - track.box[2]) / span)
        vy = _common((y0 - track.box[1]) / span, (y1 - track.box[3]) / span)
        gain = 1.0 if track.looks == 1 else VELOCITY_GAIN
        track.vx += gain * (vx - track.vx)
        track.vy += gain * (vy - track.vy)
        track.box = (x0, y0, x1, y1)
    track.seen_s = t_s
    if alone or track.named_s is not None:
        track.looks += 1
        track.own_s = t_s


def _went(track: Track, width: int, height: int) -> None:
    """Note how far a track has gone; an edge that the picture cuts says nothing of it."""
    dx = [
        track.box[k] - track.born[k]
        for k in (0, 2)
        if EDGE_PX < track.box[k] < width - EDGE_PX and EDGE_PX < track.born[k] < width - EDGE_PX
    ]
    dy = [
        track.box[k] - track.born[k]
        for k in (1, 3)
        if EDGE_PX < track.box[k] < height - EDGE_PX and EDGE_PX < track.born[k] < height - EDGE_PX
    ]
    track.way_px = max(track.way_px, hypot(_mean(dx), _mean(dy)))
    track.gone_px = max(track.gone_px, hypot(_least(dx), _least(dy)))


def _mean(ways: Sequence[float]) -> float:
    return sum(ways) / len(ways) if ways else 0.0


def _least(ways: Sequence[float]) -> float:
    """What all edges moved alike."""
    return _common(ways[0], ways[-1]) if ways else 0.0


def _common(a: float, b: float) -> float:
    """What two edges move alike; a box that only grows or shrinks goes nowhere."""
    if a * b <= 0:
        return 0.0
    return a if abs(a) < abs(b) else b


def _cut(small: Luma, box: PixelBox) -> Luma | None:
    """The object's own pixels, or None where it is too small or cut off to be told by them."""
    x0, y0, x1, y1 = (round(v) for v in box)
    x0, y0 = max(0, x0), max(0, y0)
    x1, y1 = min(small.shape[1], x1), min(small.shape[0], y1)
    if x1 - x0 < 4 or y1 - y0 < 6 or (x1 - x0) * (y1 - y0) > 8000:
        return None
    return small[y0:y1, x0:x1].copy()


def _match(track: Track, expected: PixelBox, small: Luma) -> PixelBox | None:
    """Find a track's pattern near where it should be; None if it does not show."""
    patch = track.patch
    if patch is None:
        return None
    height, width = patch.shape
    reach = 4 + int(0.25 * width)
    left, top = max(0, round(expected[0])), max(0, round(expected[1]))
    x0, y0 = max(0, left - reach), max(0, top - reach)
    around = small[y0 : top + height + reach, x0 : left + width + reach]
    if around.shape[0] < height or around.shape[1] < width:
        return None
    likeness, px, py = best_match(around, patch)
    if likeness < SAME_PATTERN:
        return None
    x, y = float(x0 + px), float(y0 + py)
    return x, y, x + width, y + height


def _likeness(pattern: Luma, small: Luma, box: PixelBox) -> float:
    """How much a place looks like a pattern of its size, -1..1."""
    now = _cut(small, box)
    if now is None or pattern.shape != now.shape:
        return -1.0
    return best_match(now, pattern)[0]


def _rest(track: Track, small: Luma, t_s: float, regions: Boxes) -> None:
    """Note where a track stands, and since when."""
    if track.rest is None or likeness(track.rest, track.box) < REST_IOU:
        track.rest, track.rest_s, track.anchor = track.box, t_s, None
    if track.anchor is not None:
        return
    moves_there = covered_by_any(track.box, regions) > COVERED
    # What a detector knows where nothing moves was there before: the background has it.
    # Where neither shows anything there is nothing.
    if t_s - track.rest_s >= REST_S if moves_there else track.named_s == t_s:
        track.rest, track.anchor = track.box, _cut(small, track.box)
        track.grounded = not moves_there
