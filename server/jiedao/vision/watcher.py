# SPDX-License-Identifier: Apache-2.0
"""One camera's watch: frames go in, sightings come out."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from jiedao.vision.attention import Attention
from jiedao.vision.boxes import PixelBox, area_of, as_array, shares
from jiedao.vision.motion import Background, Motion
from jiedao.vision.naming import Detector, Namer
from jiedao.vision.planes import Mask, count
from jiedao.vision.rules import CountRule, LineRule, Subject, ZoneRule
from jiedao.vision.tracks import Look, Track, Tracker
from jiedao.vision.values import Box, Event, Frame, Seen, Sighting
from jiedao.vision.zones import TARGETS, ZonePlan

SURE_LOOKS: Final = 2  # An object is believed from its second sighting on.
STAND_MAX_S: Final = 600.0  # An object that stands still becomes background after this long.
STIR_SHARE: Final = 0.03  # A living body changes at least this share of its pixels now and then.
DOUBLE_SHARE: Final = 0.5  # An unnamed region that lies in another to this share is part of it.
NEAR_S: Final = 0.8  # A rule is near if the object may reach it within this time ...
NEAR_HEIGHTS: Final = 0.5  # ... or is no farther from it than this many of its own heights.


class Watcher:
    """Watches one camera for one plan. Feed it frames in order of their capture time.

    The pace may be any, and may change: everything goes by capture time. About 5 frames a second
    are enough; a frame costs about a millisecond, and some more with a detector.
    """

    def __init__(self, plan: ZonePlan, detector: Detector | None = None) -> None:
        self.plan = plan
        self._detector = detector
        self._shape: tuple[int, int] | None = None
        self._keep: Mask | None = None
        self._blind_frames = 0
        self._frames = 0

    @property
    def blind_share(self) -> float:
        """Share of all frames so far that could not be judged, 0..1."""
        return self._blind_frames / self._frames if self._frames else 0.0

    def see(self, frame: Frame) -> Sighting:
        """Judge one frame.

        Raises:
            ValueError: the luma plane is not a two-dimensional uint8 picture.
        """
        luma = frame.luma
        if luma.ndim != 2 or luma.dtype != np.uint8 or not luma.size:
            raise ValueError("luma must be uint8, (height, width), and not empty")
        self._frames += 1
        motion = self._background_of(luma.shape[0], luma.shape[1]).see(luma, frame.t_s, self._keep)
        if self._small != motion.small.shape:
            self._size_up(motion, luma.shape[1])
        self._follow(frame, motion)
        if motion.unsettled:
            self._blind_frames += 1
            return Sighting(frame.t_s, boxes=self._boxes(frame.t_s), blind=True)
        self._keep = self._standing(motion, frame.t_s)
        return self._judge(frame.t_s)

    def _background_of(self, height: int, width: int) -> Background:
        """The background; a new one for a first picture, or one of another size."""
        if self._shape != (height, width):
            self._shape = (height, width)
            aspect = width / height
            self._background = Background()
            self._tracker = Tracker()
            self._keep = None
            self._small: tuple[int, ...] = ()
            self._namer: Namer | None = None
            self._lines = [LineRule(line, aspect) for line in self.plan.lines]
            self._zones = [ZoneRule(zone, aspect) for zone in self.plan.zones]
            every_s = self.plan.count_every_s
            self._counts = [] if every_s is None else [CountRule(every_s, self.plan.target)]
        return self._background

    def _size_up(self, motion: Motion, width: int) -> None:
        self._small = motion.small.shape
        if self._detector is not None:
            scale = width / self._small[1]
            attention = Attention(scale, self._small[1], self._small[0], bool(self._counts))
            self._namer = Namer(self._detector, attention, _KINDS)

    def _follow(self, frame: Frame, motion: Motion) -> None:
        """Join what moves, and what a detector says of it, with what was there before."""
        regions = [blob.box for blob in motion.blobs]
        looks = [Look(box) for box in regions]
        t_s = frame.t_s
        if self._namer is not None and frame.bgr is not None:
            near = {track.number for track in self._tracker.tracks if self._is_near(track)}
            looks = self._namer.looks(frame, regions, self._tracker.tracks, near)
        if motion.unsettled:
            looks = [look for look in looks if look.label]
        self._tracker.see(looks, t_s, motion.small, regions)
        for place in self._tracker.vacated:
            self._background.vacate(place, t_s)
        for track in self._tracker.tracks:
            if not track.stirred and track.seen_s == t_s:
                track.stirred = _stirs(track, motion)

    def _judge(self, t_s: float) -> Sighting:
        subjects = self._subjects(t_s)
        events: list[Event] = []
        for line in self._lines:
            events.extend(line.see(subjects, t_s))
        for rule in self._zones:
            events.extend(rule.see(subjects, t_s))
        ended = [track.number for track in self._tracker.ended]
        for line in self._lines:
            line.forget(ended)
        for rule in self._zones:
            rule.forget(ended)
        for counting in self._counts:
            events.extend(counting.see(subjects, t_s))
        presence = {
            zone.name: rule.presence()
            for zone, rule in zip(self.plan.zones, self._zones, strict=True)
        }
        stays = {
            zone.name: rule.stays() for zone, rule in zip(self.plan.zones, self._zones, strict=True)
        }
        return Sighting(t_s, tuple(events), presence, stays, self._boxes(t_s))

    def _is_near(self, track: Track) -> bool:
        """Whether a rule may soon have something to say about a track."""
        height = track.size[1] / self._small[0]
        speed = track.speed / self._small[0]
        reach = NEAR_HEIGHTS * height + NEAR_S * speed
        box = self._normalised(track.box)
        rules: Sequence[LineRule | ZoneRule] = (*self._lines, *self._zones)
        return any(rule.distance(box) < reach for rule in rules)

    def _sure(self, track: Track) -> bool:
        """Whether a track is believed to be an object.

        From its second sighting on if it moves, or the first if a detector knows what moves
        there. What a detector has named may also stand, but a body that never stirs is a picture
        of one.
        """
        if track.looks < SURE_LOOKS and not track.vouched:
            return False
        if self._namer is None:
            return track.moves
        return self._namer.believes(track)

    def _subjects(self, t_s: float) -> list[Subject]:
        """What the rules see: everything seen now, each object once."""
        seen = [track for track in self._tracker.tracks if track.seen_s == t_s]
        boxes = as_array([track.box for track in seen])
        inside = shares(boxes, boxes) > DOUBLE_SHARE
        return [
            Subject(
                track.number,
                self._normalised(track.box),
                track.label,
                self._sure(track),
                _is_double(track, (seen[j] for j in np.flatnonzero(inside[i]))),
                track.heir_of,
            )
            for i, track in enumerate(seen)
        ]

    def _boxes(self, t_s: float) -> tuple[Seen, ...]:
        return tuple(
            Seen(track.number, self._normalised(track.box), track.label, _score(track))
            for track in self._tracker.tracks
            if track.seen_s == t_s and self._sure(track)
        )

    def _normalised(self, box: PixelBox) -> Box:
        height, width = self._small
        return (
            min(1.0, max(0.0, box[0] / width)),
            min(1.0, max(0.0, box[1] / height)),
            min(1.0, max(0.0, box[2] / width)),
            min(1.0, max(0.0, box[3] / height)),
        )

    def _standing(self, motion: Motion, t_s: float) -> Mask:
        """Where believed objects stand, so that the background does not learn them."""
        keep = np.zeros_like(motion.small)
        for track in self._tracker.tracks:
            if track.moves and t_s - track.first_s < STAND_MAX_S:
                x0, y0, x1, y1 = (max(0, round(v)) for v in track.box)
                keep[y0:y1, x0:x1] = 255
        return keep


# All classes that can be a target, so that one can be told from another.
_KINDS: Final = frozenset[str]().union(*TARGETS.values())


def _score(track: Track) -> float:
    """The mean of the detector's scores for the track's class."""
    return min(1.0, track.votes[track.label] / max(1, track.named)) if track.votes else 0.0


def _is_double(track: Track, around: Iterable[Track]) -> bool:
    """Whether another object, better known, covers most of this one."""
    if track.named_s is not None:
        return False
    return any(
        other is not track
        and (other.named_s is not None or (other.moves and area_of(other.box) > area_of(track.box)))
        for other in around
    )


def _stirs(track: Track, motion: Motion) -> bool:
    x0, y0, x1, y1 = (max(0, round(v)) for v in track.box)
    part = motion.changed[y0:y1, x0:x1]
    return part.size > 0 and count(np.ascontiguousarray(part)) > STIR_SHARE * part.size
