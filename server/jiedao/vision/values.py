# SPDX-License-Identifier: Apache-2.0
"""The values that go into vision and come out of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Luma = NDArray[np.uint8]
Image = NDArray[np.uint8]
# Normalised 0..1: left, top, right, bottom, y down.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture.

    Attributes:
        luma: uint8, (height, width): the decoder's own plane, only looked at, never kept.
        t_s: capture time in seconds from any fixed origin. It orders and times everything.
        bgr: makes the colour picture, uint8, (height, width, 3). Called only if a detector
            has something to look at; None leaves the work to moving objects alone.
    """

    luma: Luma
    t_s: float
    bgr: Callable[[], Image] | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """Something a detector found: box in pixels of the picture it was given, class, score 0..1."""

    box: tuple[float, float, float, float]
    label: str
    score: float


class Kind(StrEnum):
    """What an event says happened."""

    ENTER = "enter"
    LEAVE = "leave"
    CROSSING = "crossing"
    LOITERING = "loitering"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Event:
    """Something a rule saw.

    Attributes:
        t_s: when it happened, in capture time. A stay that ends unseen is dated to the last
            sighting, so it may be earlier than the sighting that reports it.
        place: name of the zone or line; empty for a count of the whole picture.
        heading: for a crossing, the unit vector of the way, x right, y down.
        box: where the object was; None for a count.
        track: number of the object within this camera and run; it means nothing elsewhere.
        threshold_s: for loitering, the length of stay that was reached.
        n: for a count, how many.
    """

    kind: Kind
    t_s: float
    place: str = ""
    heading: tuple[float, float] | None = None
    box: Box | None = None
    track: int | None = None
    threshold_s: float | None = None
    n: int | None = None

    def as_json(self) -> dict[str, object]:
        """The event as one line of ``jiedao watch`` says it."""
        line: dict[str, object] = {"t_s": round(self.t_s, 3), "kind": self.kind.value}
        match self.kind:
            case Kind.ENTER | Kind.LEAVE:
                line["zone"] = self.place
            case Kind.CROSSING:
                line["line"] = self.place
                dx, dy = self.heading or (0.0, 0.0)
                line["heading"] = [round(dx, 3), round(dy, 3)]
            case Kind.LOITERING:
                line["zone"] = self.place
                line["threshold_s"] = self.threshold_s
            case Kind.COUNT:
                line["n"] = self.n
        return line


@dataclass(frozen=True, slots=True)
class Seen:
    """One object as it stands in the picture now.

    Attributes:
        label: the detector's class, or empty for something that moves and has no name.
        score: the detector's score 0..1, or 0.
    """

    track: int
    box: Box
    label: str = ""
    score: float = 0.0

    @property
    def foot(self) -> tuple[float, float]:
        """Bottom centre, where the object stands."""
        return (self.box[0] + self.box[2]) / 2, self.box[3]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one frame told.

    Attributes:
        presence: how many targets are in each zone, by the zone's name. Not known if blind.
        stays: their boxes, by the zone's name.
        blind: the picture could not be judged (first frame, sudden change of the whole picture,
            no contrast at all). Rules say nothing then; they never say "clear".
    """

    t_s: float
    events: tuple[Event, ...] = ()
    presence: Mapping[str, int] = field(default_factory=dict)
    stays: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    boxes: tuple[Seen, ...] = ()
    blind: bool = False
