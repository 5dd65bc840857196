# SPDX-License-Identifier: Apache-2.0
"""People on the ground of a scene: where they walk, and which lines and zones they cross.

Points are normalised picture units: x right, y down, 0..1. A person is where the feet are.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

Point = tuple[float, float]
HeightAt = Callable[[float], float]

ASPECT = 16 / 9
STEP_S = 0.02
# A person walks about 0.8 of the own height a second, and depth looks shorter than width.
PACE_HEIGHTS_PER_S = 0.8
FORESHORTENING = 0.55


@dataclass(frozen=True, slots=True)
class Pose:
    """One person at one moment.

    Attributes:
        foot: the ground point under the body.
        height: body height as a share of the picture's height.
        heading: unit vector of the walk in picture pixels' proportions; the last one when standing.
        stride_rad: phase of the steps.
        walking: False while the person stands.
    """

    foot: Point
    height: float
    heading: Point
    stride_rad: float
    walking: bool


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of a way, and how long to stand there."""

    at: Point
    stand_s: float = 0.0


class Walk:
    """A way through the picture, worked out once in steps of 20 ms."""

    def __init__(self, stops: Sequence[Stop], height_at: HeightAt, pace: float = 1.0) -> None:
        """At least one stop; pace 1.0 is an ordinary walk."""
        self._height_at = height_at
        self._poses = list(_steps(stops, height_at, pace))

    @property
    def duration_s(self) -> float:
        return len(self._poses) * STEP_S

    def pose(self, t_s: float) -> Pose | None:
        """Where the person is after so many seconds; None before the start and after the end."""
        index = int(t_s / STEP_S)
        return self._poses[index] if t_s >= 0 and index < len(self._poses) else None


def _steps(stops: Sequence[Stop], height_at: HeightAt, pace: float) -> "list[Pose]":
    poses: list[Pose] = []
    (x, y), heading, stride = stops[0].at, (1.0, 0.0), 0.0
    for stop in stops:
        while True:
            dx, dy = (stop.at[0] - x) * ASPECT, stop.at[1] - y
            left = math.hypot(dx, dy / FORESHORTENING)
            reach = PACE_HEIGHTS_PER_S * height_at(y) * pace * STEP_S
            if left <= reach:
                break
            share = reach / left
            x, y = x + (stop.at[0] - x) * share, y + dy * share
            length = math.hypot(dx, dy)
            heading = (dx / length, dy / length)
            stride += 2.1 * math.pi * pace * STEP_S
            poses.append(Pose((x, y), height_at(y), heading, stride, walking=True))
        stand = Pose((x, y), height_at(y), heading, stride, walking=False)
        poses += [stand] * round(stop.stand_s / STEP_S)
    return poses


def _side(point: Point, start: Point, end: Point) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def crosses(before: Point, after: Point, line: Sequence[Point]) -> bool:
    """True if the step from one point to the other passes over any segment of the line."""
    for start, end in pairwise(line):
        left = (_side(before, start, end) > 0) != (_side(after, start, end) > 0)
        right = (_side(start, before, after) > 0) != (_side(end, before, after) > 0)
        if left and right:
            return True
    return False


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """True if the point lies in the polygon (even-odd rule)."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd
