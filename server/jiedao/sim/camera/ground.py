# SPDX-License-Identifier: Apache-2.0
"""A camera over flat ground: metres in the scene to points in the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from jiedao.sim.camera.walk import ASPECT, Point, Stop

PERSON_M = 1.7


@dataclass(frozen=True, slots=True)
class Ground:
    """How the camera stands.

    Attributes:
        horizon: height of the horizon in the picture, 0..1; below 0 when the camera looks down.
        middle: where the line of sight meets the picture from left to right, 0..1.
        camera_m: height of the camera over the ground.
        zoom: picture heights per metre at one metre's distance.
    """

    horizon: float
    middle: float
    camera_m: float
    zoom: float

    def at(self, right_m: float, away_m: float, up_m: float = 0.0) -> Point:
        """The picture's point of a place: to the right, away from the camera, over the ground."""
        scale = self.zoom / away_m
        return (
            self.middle + right_m * scale / ASPECT,
            self.horizon + (self.camera_m - up_m) * scale,
        )

    def height_at(self, y: float) -> float:
        """Body height of a person who stands at y."""
        return max(0.02, (y - self.horizon) * PERSON_M / self.camera_m)

    def flat(
        self, left_m: float, right_m: float, near_m: float, far_m: float, up_m: float = 0.0
    ) -> list[Point]:
        """A level rectangle, such as a field of paving or a roof."""
        return [
            self.at(left_m, far_m, up_m),
            self.at(right_m, far_m, up_m),
            self.at(right_m, near_m, up_m),
            self.at(left_m, near_m, up_m),
        ]

    def front(
        self, left_m: float, right_m: float, away_m: float, low_m: float, high_m: float
    ) -> list[Point]:
        """An upright rectangle that faces the camera."""
        return [
            self.at(left_m, away_m, high_m),
            self.at(right_m, away_m, high_m),
            self.at(right_m, away_m, low_m),
            self.at(left_m, away_m, low_m),
        ]

    def side(
        self, right_m: float, near_m: float, far_m: float, low_m: float, high_m: float
    ) -> list[Point]:
        """An upright rectangle along the line of sight."""
        return [
            self.at(right_m, far_m, high_m),
            self.at(right_m, near_m, high_m),
            self.at(right_m, near_m, low_m),
            self.at(right_m, far_m, low_m),
        ]

    def way(self, *places: tuple[float, float]) -> list[Stop]:
        """A way through places given as metres to the right and away."""
        return [Stop(self.at(*place)) for place in places]

    def pause(self, right_m: float, away_m: float, stand_s: float) -> Stop:
        """A place on a way where somebody stands for a while."""
        return Stop(self.at(right_m, away_m), stand_s)


def middle_of(points: Sequence[Point]) -> Point:
    """The average of some points."""
    return (
        sum(point[0] for point in points) / len(points),
        sum(point[1] for point in points) / len(points),
    )
