# SPDX-License-Identifier: Apache-2.0
"""One camera's watch: frames go in, sightings come out."""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from jiedao.vision.motion import Background, Motion
from jiedao.vision.planes import Mask
from jiedao.vision.rules import CountRule, LineRule, Subject, ZoneRule
from jiedao.vision.tracks import Look, PixelBox, Track, Tracker
from jiedao.vision.values import Box, Detection, Event, Frame, Image, Seen, Sighting
from jiedao.vision.zones import ZonePlan

SURE_LOOKS: Final = 2  # An object is believed from its second sighting on.
STAND_MAX_S: Final = 600.0  # An object that stands still becomes background after this long.


class Detector(Protocol):
    """Names the things in a picture."""

    def find(self, image: Image, /) -> Sequence[Detection]:
        """Boxes in pixels of the image, with class and score."""


class Watcher:
    """Watches one camera for one plan. Feed it frames in order of their capture time.

    The pace may be any, and may change: everything goes by capture time. About 5 frames a second
    are enough; a frame costs about a millisecond without a detector.
    """

    def __init__(self, plan: ZonePlan, detector: Detector | None = None) -> None:
        self.plan = plan
        self._detector = detector
        self._background = Background()
        self._tracker = Tracker()
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
        if self._shape != luma.shape:
            self._start_over(luma.shape[0], luma.shape[1])
        self._frames += 1
        motion = self._background.see(luma, frame.t_s, self._keep)
        if motion.unsettled:
            self._blind_frames += 1
            return Sighting(frame.t_s, boxes=self._boxes(frame.t_s), blind=True)
        self._follow(frame, motion)
        subjects = [
            self._subject(track) for track in self._tracker.tracks if self._fresh(track, frame.t_s)
        ]
        events: list[Event] = []
        for line in self._lines:
            events.extend(line.see(subjects, frame.t_s))
            line.forget(track.number for track in self._tracker.ended)
        for rule in self._zones:
            events.extend(rule.see(subjects, frame.t_s))
        for count in self._counts:
            events.extend(count.see(subjects, frame.t_s))
        presence = {
            zone.name: rule.presence()
            for zone, rule in zip(self.plan.zones, self._zones, strict=True)
        }
        self._keep = self._standing(motion, frame.t_s)
        return Sighting(frame.t_s, tuple(events), presence, self._boxes(frame.t_s))

    def _start_over(self, height: int, width: int) -> None:
        """A first picture, or one of another size: nothing known about the last holds."""
        self._shape = (height, width)
        aspect = width / height
        self._background = Background()
        self._tracker = Tracker()
        self._keep = None
        self._small = (1, 1)
        self._lines = [LineRule(line, aspect) for line in self.plan.lines]
        self._zones = [ZoneRule(zone, aspect) for zone in self.plan.zones]
        every_s = self.plan.count_every_s
        self._counts = [] if every_s is None else [CountRule(every_s, self.plan.target)]

    def _follow(self, frame: Frame, motion: Motion) -> None:
        self._small = motion.small.shape[:2]
        looks = [Look(blob.box) for blob in motion.blobs]
        self._tracker.see(looks, frame.t_s, motion.small)

    def _fresh(self, track: Track, t_s: float) -> bool:
        return track.seen_s == t_s

    def _subject(self, track: Track) -> Subject:
        sure = track.looks >= SURE_LOOKS and track.moves
        return Subject(track.number, self._normalised(track.box), track.label, sure)

    def _boxes(self, t_s: float) -> tuple[Seen, ...]:
        return tuple(
            Seen(track.number, self._normalised(track.box), track.label)
            for track in self._tracker.tracks
            if self._fresh(track, t_s) and track.looks >= SURE_LOOKS and track.moves
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
