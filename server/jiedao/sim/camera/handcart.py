# SPDX-License-Identifier: Apache-2.0
"""Drawing a hand cart and who pushes it: closed on its way, under its umbrella where it stands."""

from collections.abc import Callable

import cv2
import numpy as np

from jiedao.sim.camera.encode import Picture
from jiedao.sim.camera.figure import Colour, Look, draw_figure, draw_shadow
from jiedao.sim.camera.ground import PERSON_M
from jiedao.sim.camera.walk import Pose

_SHIFT = 4
WIDTH_M, TABLE_M, WHEEL_M = 1.5, 0.85, 0.25
UMBRELLA_M, RIM_M, TOP_M = 1.05, 1.85, 2.35
WOOD: Colour = (150, 176, 190)
FRONT: Colour = (196, 202, 204)
TYRE: Colour = (34, 34, 36)
CLOTH: tuple[Colour, Colour] = (48, 52, 168), (196, 198, 200)
GOODS: tuple[Colour, ...] = ((40, 60, 176), (60, 150, 196), (66, 136, 84), (110, 60, 120))
_PANELS = 6


def draw_stall(image: Picture, pose: Pose, look: Look) -> None:
    """Draw a cart into a BGR picture; its wheels touch the pose's ground point."""
    rows, columns = image.shape[:2]
    metre = pose.height * rows / PERSON_M
    x, ground = pose.foot[0] * columns, pose.foot[1] * rows
    draw_shadow(image, pose)

    def at(right_m: float, up_m: float) -> tuple[float, float]:
        return x + right_m * metre, ground - up_m * metre

    behind = Pose(
        (pose.foot[0], pose.foot[1] - 0.12 * metre / rows),
        pose.height,
        pose.heading,
        pose.stride_rad,
        pose.walking,
    )
    draw_figure(image, behind, look)
    half = WIDTH_M / 2
    for wheel in (-half * 0.7, half * 0.7):
        centre = at(wheel, WHEEL_M)
        cv2.circle(image, _fixed(*centre), round(WHEEL_M * metre * 16), TYRE, -1, cv2.LINE_AA, 4)
    _fill(
        image, [at(-half, WHEEL_M), at(half, WHEEL_M), at(half, TABLE_M), at(-half, TABLE_M)], FRONT
    )
    table = [at(-half, TABLE_M), at(half, TABLE_M), at(half * 0.92, 1.0), at(-half * 0.92, 1.0)]
    _fill(image, table, WOOD)
    for number in range(8):
        left = -half * 0.86 + number * WIDTH_M * 0.86 / 8
        heap = [at(left, 0.95), at(left + 0.16, 0.95), at(left + 0.08, 1.08)]
        _fill(image, heap, GOODS[number % len(GOODS)])
    if not pose.walking:
        _umbrella(image, at)


def _umbrella(image: Picture, at: Callable[[float, float], tuple[float, float]]) -> None:
    cv2.line(
        image, _fixed(*at(0, 1.0)), _fixed(*at(0, TOP_M)), (90, 92, 92), 1, cv2.LINE_AA, _SHIFT
    )
    for number in range(_PANELS):
        left = -UMBRELLA_M + 2 * UMBRELLA_M * number / _PANELS
        right = left + 2 * UMBRELLA_M / _PANELS
        _fill(image, [at(left, RIM_M), at(right, RIM_M), at(0, TOP_M)], CLOTH[number % 2])


def _fill(image: Picture, outline: list[tuple[float, float]], colour: Colour) -> None:
    points = np.array([_fixed(*point) for point in outline], dtype=np.int32)
    cv2.fillConvexPoly(image, points, colour, cv2.LINE_AA, _SHIFT)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * (1 << _SHIFT)), round(y * (1 << _SHIFT))
