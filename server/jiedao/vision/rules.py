# SPDX-License-Identifier: Apache-2.0
"""Lines crossed, zones entered and left, stays and counts: from places and times to events.

Everything here goes by capture time and by the foot point (bottom centre). Distances are in
picture heights, so that a margin means the same along x and y.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import hypot
from typing import Final

from jiedao.vision.geometry import (
    Point,
    beyond_picture,
    depth_in_polygon,
    distance_to_segment,
    segments_meet,
    side_of,
)
from jiedao.vision.values import Box, Event, Kind
from jiedao.vision.zones import TARGETS, Line, Zone

MARGIN: Final = 0.08  # Width of an edge's dead band, in box heights ...
MARGIN_LEAST: Final = 0.006  # ... but at least and at most this much of the picture.
MARGIN_MOST: Final = 0.025
HEADING_S: Final = 1.0  # A heading is taken over this much of the way.
ACROSS_LEAST: Final = 0.5  # The least part of a crossing's heading that leads across the line.
DEEP: Final = 0.6  # So many margins inside the edge, one sighting is enough to have entered,
SHALLOW: Final = 0.15  # and from here two in a row.
FAR_OUT: Final = 3.0  # So many margins beyond the edge, one sighting is enough to have left.
SAME_CROSSING_S: Final = 0.6  # Crossings this close in time and place are one body's.
SAME_BODY: Final = 0.5  # Boxes that share so much of the smaller are one body's.
HIDDEN_S: Final = 10.0  # What stood still is held to stand there, unseen, for this long.
STANDING_S: Final = 1.5  # What has been in one place for this long stands still.
PLACE: Final = 0.35  # One place is so many of its own heights wide.
PIECE: Final = 0.4  # What is less tall than this share of another is a piece, no body like it.
BEHIND_S: Final = 3.0  # What moved, and is hidden by another, is held to go along this long.
LOST_S: Final = 3.0  # The same once it is not followed any more, though nothing hides its place.
LEAVE_S: Final = 1.0  # An object that is no longer seen is held to be in its zone this long.


@dataclass(frozen=True, slots=True)
class Subject:
    """What the rules see of an object in one frame.

    Attributes:
        box: normalised; its bottom centre is the foot point.
        sure: it has been seen often or gone far enough to be believed.
        double: it is probably a part of another object, for which that one speaks.
        heir_of: other tracks that turned out to be of this object.
    """

    track: int
    box: Box
    label: str
    sure: bool
    double: bool = False
    heir_of: tuple[int, ...] = ()


def concerns(target: str, label: str) -> bool:
    """Whether a rule looks for such a thing. What has no name concerns every rule."""
    return target == "any" or not label or label in TARGETS[target]


def _foot(box: Box, aspect: float) -> Point:
    return (box[0] + box[2]) / 2 * aspect, box[3]


def overlap(a: Box, b: Box) -> float:
    """What two boxes share, as a part of the smaller one."""
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    smaller = min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
    return max(0.0, w) * max(0.0, h) / max(smaller, 1e-9)


def _margin(box: Box) -> float:
    return min(MARGIN_MOST, max(MARGIN_LEAST, MARGIN * (box[3] - box[1])))


@dataclass(slots=True)
class _Side:
    """On which side of a line a track was last.

    Attributes:
        foot: where, on that side, its way across begins.
        clear: it was clear of the line there, so that the first sighting beyond it decides.
    """

    sign: int
    foot: Point
    clear: bool


class LineRule:
    """Tells who crosses one directed segment, on the first sighting beyond it.

    A track must have been clearly on one side; the way from there to where it is now decides.
    """

    def __init__(self, line: Line, aspect: float) -> None:
        self._line = line
        self._a = (line.start[0] * aspect, line.start[1])
        self._b = (line.end[0] * aspect, line.end[1])
        self._length = hypot(self._b[0] - self._a[0], self._b[1] - self._a[1])
        self._aspect = aspect
        self._sides: dict[int, _Side] = {}
        self._ways: dict[int, deque[tuple[float, Point]]] = {}
        self._told: list[tuple[float, int, Subject]] = []

    def see(self, subjects: Sequence[Subject], t_s: float) -> list[Event]:
        """The crossings of one frame."""
        events: list[Event] = []
        now = {subject.track: subject.box for subject in subjects}
        self._told = [told for told in self._told if t_s - told[0] <= SAME_CROSSING_S]
        for subject in subjects:
            if not concerns(self._line.target, subject.label):
                self._sides.pop(subject.track, None)
                continue
            foot = _foot(subject.box, self._aspect)
            self._walked(subject.track, foot, t_s)
            distance = side_of(self._a, self._b, foot) / self._length
            sign = 1 if distance > 0 else -1
            margin = _margin(subject.box)
            clear = abs(distance) > margin
            here = _Side(sign, foot, clear)
            side = self._sides.setdefault(subject.track, here)
            if side.sign == sign:
                if clear:
                    self._sides[subject.track] = here
                continue
            # Who was clear of the line has crossed it at once; who sways on it must come clear.
            if abs(distance) < (margin / 3 if side.clear else margin):
                continue
            across = segments_meet(side.foot, foot, self._a, self._b)
            if not across or subject.double:
                self._sides[subject.track] = here  # Went round its end, or is another's part.
            elif subject.sure:
                self._sides[subject.track] = here
                if not self._was_told(subject, sign, now):
                    self._told.append((t_s, sign, subject))
                    events.append(self._crossing(subject, sign, t_s))
        return events

    def distance(self, box: Box) -> float:
        """How far a foot point is from the line, in picture heights."""
        return distance_to_segment(self._a, self._b, _foot(box, self._aspect))

    def forget(self, tracks: Iterable[int]) -> None:
        for track in tracks:
            self._sides.pop(track, None)
            self._ways.pop(track, None)

    def _was_told(self, subject: Subject, sign: int, now: dict[int, Box]) -> bool:
        """Whether this body has just crossed already, under another track's number."""
        return any(
            sign == way
            and other.track != subject.track
            and overlap(subject.box, now.get(other.track, other.box)) > SAME_BODY
            for _, way, other in self._told
        )

    def _walked(self, track: int, foot: Point, t_s: float) -> None:
        """Remember the last HEADING_S of a track's way."""
        way = self._ways.setdefault(track, deque())
        way.append((t_s, foot))
        while way[0][0] < t_s - HEADING_S:
            way.popleft()

    def _crossing(self, subject: Subject, sign: int, t_s: float) -> Event:
        return Event(
            Kind.CROSSING,
            t_s,
            self._line.name,
            heading=self._heading(subject.track, sign),
            box=subject.box,
            track=subject.track,
        )

    def _heading(self, track: int, sign: int) -> tuple[float, float]:
        """The way of the last moment as a unit vector in picture units.

        One step is mostly stride and shadow, so it is taken over HEADING_S; and since the line
        was crossed, at least a part of it leads across.
        """
        way = self._ways[track]
        dx, dy = way[-1][1][0] - way[0][1][0], way[-1][1][1] - way[0][1][1]
        length = hypot(dx, dy) or 1.0
        dx, dy = dx / length, dy / length
        across_x = -sign * (self._b[1] - self._a[1]) / self._length
        across_y = sign * (self._b[0] - self._a[0]) / self._length
        lacking = ACROSS_LEAST - (dx * across_x + dy * across_y)
        if lacking > 0:
            dx, dy = dx + lacking * across_x, dy + lacking * across_y
        dx /= self._aspect
        length = hypot(dx, dy) or 1.0
        return dx / length, dy / length


@dataclass(slots=True)
class _Stay:
    """Somebody's or something's time in a zone. It belongs to the place, not to a track.

    Attributes:
        track: who holds it now, or held it last.
        tall: the greatest height of its boxes.
        behind: who hides the holder, who is not seen; box is then where that one is.
        lost: the holder is no longer followed, and was not hidden.
        former: who held it before, and was not seen to leave.
        told: an enter was reported.
        place: where its foot point has been since place_s, within PLACE.
        out_s: since when the holder is seen beyond the edge; None while inside.
    """

    track: int
    since_s: float
    seen_s: float
    box: Box
    place: Point
    place_s: float
    told: bool = False
    out_s: float | None = None
    tall: float = 0.0
    behind: int | None = None
    lost: bool = False
    former: set[int] = field(default_factory=set)
    reached: set[float] = field(default_factory=set)

    @property
    def stood(self) -> bool:
        """Whether it was in one place for long enough to be standing when last seen."""
        return self.seen_s - self.place_s >= STANDING_S


class ZoneRule:
    """Tells who enters, leaves and stays in one polygon."""

    def __init__(self, zone: Zone, aspect: float) -> None:
        self._zone = zone
        self._polygon = tuple((x * aspect, y) for x, y in beyond_picture(zone.polygon))
        self._aspect = aspect
        self._stays: list[_Stay] = []
        self._at_edge: set[int] = set()
        self._came_from_outside: set[int] = set()

    def see(self, subjects: Sequence[Subject], t_s: float) -> list[Event]:
        """Events of one frame; an object that was lost leaves once it is not waited for."""
        events: list[Event] = []
        self._inherit(subjects)
        self._hide(subjects)
        held = {stay.track: stay for stay in self._stays}
        for subject in subjects:
            stay = held.get(subject.track)
            if stay is not None and stay.track != subject.track:
                stay = None  # Its earlier holder has just taken it back.
            if subject.double:
                continue  # The object that it is a part of may take the stay over.
            depth = -self.distance(subject.box)
            if not concerns(self._zone.target, subject.label):
                depth = -1.0
            margin = _margin(subject.box)
            if stay is not None and depth < -margin:
                if self._is_out(stay, depth < -FAR_OUT * margin, t_s):
                    events.extend(self._left(stay))
                continue
            if stay is None:
                if not self._is_in(subject.track, depth, margin):
                    continue
                if self._stands_there(subject, t_s):
                    continue
                stay = self._taken_back(subject)
                if stay is None:
                    earlier = self._left_behind(subject, t_s)
                    if earlier is not None and not subject.sure:
                        continue  # It may be the same again, or nothing.
                    stay = self._taken_over(earlier, subject) or self._begun(subject, t_s)
            events.extend(self._stayed(stay, subject, t_s))
        events.extend(self._given_up(t_s))
        return events

    def _inherit(self, subjects: Sequence[Subject]) -> None:
        """Pass stays on from tracks that turned out to be of another track's object."""
        heirs = {number: s.track for s in subjects for number in s.heir_of}
        if not heirs:
            return
        for stay in list(self._stays):
            heir = heirs.get(stay.track)
            if heir is None:
                continue
            if any(other.track == heir for other in self._stays):
                stay.behind = heir  # Two were told; one may stand behind the other.
            else:
                stay.track = heir

    def _hide(self, subjects: Sequence[Subject]) -> None:
        """Let stays whose holders are not seen go along with who hides them."""
        boxes = {subject.track: subject.box for subject in subjects}
        for stay in self._stays:
            if stay.track in boxes:
                stay.behind = None
            elif stay.behind is None:
                stay.behind = next(
                    (track for track, box in boxes.items() if overlap(box, stay.box) > SAME_BODY),
                    None,
                )
            # What stood still stays in its place, whoever passes or stops before it.
            if stay.behind in boxes and not stay.stood:
                stay.box = boxes[stay.behind]
                if self.distance(stay.box) > _margin(stay.box):
                    stay.behind, stay.lost = None, True  # They have left together.

    def distance(self, box: Box) -> float:
        """How far a foot point is from the zone, in picture heights; negative inside."""
        return -depth_in_polygon(self._polygon, _foot(box, self._aspect))

    def presence(self) -> int:
        """How many believed objects are in the zone."""
        return sum(stay.told for stay in self._stays)

    def stays(self) -> tuple[Box, ...]:
        """Where in the picture they are, or were when last seen."""
        return tuple(stay.box for stay in self._stays if stay.told)

    def forget(self, tracks: Iterable[int]) -> None:
        """No more is known of these tracks. Nothing hid them at the end, or not for long."""
        ended = set(tracks)
        self._at_edge -= ended
        self._came_from_outside -= ended
        for stay in self._stays:
            stay.lost |= stay.track in ended

    def _is_in(self, track: int, depth: float, margin: float) -> bool:
        """Whether a track without a stay is clearly inside: deep enough, or twice in a row."""
        if depth < -margin:
            self._came_from_outside.add(track)
        if depth >= DEEP * margin or (depth >= SHALLOW * margin and track in self._at_edge):
            self._at_edge.discard(track)
            return True
        if depth >= SHALLOW * margin:
            self._at_edge.add(track)
        else:
            self._at_edge.discard(track)
        return False

    def _is_out(self, stay: _Stay, far: bool, t_s: float) -> bool:
        """Whether a stay has ended: its holder is far out, or was out a sighting ago as well."""
        stay.seen_s = t_s
        if stay.out_s is None:
            stay.out_s = t_s
            return far
        return True

    def _left(self, stay: _Stay) -> list[Event]:
        self._stays.remove(stay)
        self._came_from_outside.add(stay.track)
        ended_s = stay.seen_s if stay.out_s is None else stay.out_s
        return [self._event(Kind.LEAVE, ended_s, stay)] if stay.told else []

    def _stayed(self, stay: _Stay, subject: Subject, t_s: float) -> list[Event]:
        stay.seen_s, stay.out_s, stay.box, stay.lost = t_s, None, subject.box, False
        stay.tall = max(stay.tall, subject.box[3] - subject.box[1])
        foot = _foot(subject.box, self._aspect)
        if not _is_one_place(foot, stay.place, subject.box):
            stay.place, stay.place_s = foot, t_s
        events: list[Event] = []
        if not stay.told and subject.sure:
            stay.told = True
            events.append(self._event(Kind.ENTER, t_s, stay))
        events.extend(self._reached(stay, t_s))
        return events

    def _stands_there(self, subject: Subject, t_s: float) -> bool:
        """Whether the subject is only another look at what stands in its place already."""
        foot = _foot(subject.box, self._aspect)
        return any(
            stay.seen_s == t_s and stay.stood and _is_one_place(foot, stay.place, stay.box)
            for stay in self._stays
        )

    def _begun(self, subject: Subject, t_s: float) -> _Stay:
        foot = _foot(subject.box, self._aspect)
        stay = _Stay(subject.track, t_s, t_s, subject.box, foot, t_s)
        self._stays.append(stay)
        return stay

    def _taken_back(self, subject: Subject) -> _Stay | None:
        """The stay that the subject held before another seemed to be in its place."""
        for stay in self._stays:
            if subject.track in stay.former:
                stay.former.discard(subject.track)
                stay.track = subject.track
                return stay
        return None

    def _left_behind(self, subject: Subject, t_s: float) -> _Stay | None:
        """The stay of an object that was lost where this one appears, if it came from nowhere."""
        if subject.track in self._came_from_outside:
            return None
        best: _Stay | None = None
        nearest = 1.0
        its = subject.box[3] - subject.box[1]
        for stay in self._stays:
            if stay.seen_s >= t_s or its < PIECE * stay.tall:
                continue
            a, b = _foot(stay.box, self._aspect), _foot(subject.box, self._aspect)
            reach = max(stay.box[3] - stay.box[1], its) * (0.6 + min(1.0, t_s - stay.seen_s))
            far = hypot(a[0] - b[0], a[1] - b[1]) / max(reach, 1e-6)
            if far < nearest:
                best, nearest = stay, far
        return best

    def _taken_over(self, stay: _Stay | None, subject: Subject) -> _Stay | None:
        if stay is not None:
            stay.former.add(stay.track)
            stay.track = subject.track
        return stay

    def _reached(self, stay: _Stay, t_s: float) -> list[Event]:
        events: list[Event] = []
        for threshold_s in self._zone.loitering_s:
            if stay.told and threshold_s not in stay.reached and t_s - stay.since_s >= threshold_s:
                stay.reached.add(threshold_s)
                events.append(
                    Event(
                        Kind.LOITERING,
                        t_s,
                        self._zone.name,
                        box=stay.box,
                        track=stay.track,
                        threshold_s=threshold_s,
                    )
                )
        return events

    def _given_up(self, t_s: float) -> list[Event]:
        gone = [stay for stay in self._stays if t_s - stay.seen_s > _patience_s(stay)]
        return [event for stay in gone for event in self._left(stay)]

    def _event(self, kind: Kind, t_s: float, stay: _Stay) -> Event:
        return Event(kind, t_s, self._zone.name, box=stay.box, track=stay.track)


def _patience_s(stay: _Stay) -> float:
    """How long a stay is held although nothing is seen of it."""
    if not stay.stood:
        return LEAVE_S if stay.behind is None else BEHIND_S
    return LOST_S if stay.lost else HIDDEN_S


def _is_one_place(a: Point, b: Point, box: Box) -> bool:
    return hypot(a[0] - b[0], a[1] - b[1]) <= PLACE * (box[3] - box[1])


class CountRule:
    """Tells at a steady pace how many targets are in the whole picture."""

    def __init__(self, every_s: float, target: str) -> None:
        self._every_s = every_s
        self._target = target
        self._due_s: float | None = None

    def see(self, subjects: Iterable[Subject], t_s: float) -> list[Event]:
        if self._due_s is not None and t_s < self._due_s - 1e-6:
            return []
        self._due_s = (t_s if self._due_s is None else self._due_s) + self._every_s
        if self._due_s <= t_s:  # After a gap the pace starts afresh.
            self._due_s = t_s + self._every_s
        n = sum(1 for s in subjects if s.sure and not s.double and concerns(self._target, s.label))
        return [Event(Kind.COUNT, t_s, n=n)]
