# SPDX-License-Identifier: Apache-2.0
"""The view from a high roof: blocks of houses, streets between them, traffic that keeps moving."""

from dataclasses import dataclass

import cv2
import numpy as np

from jiedao.sim.camera.encode import Picture, as_picture
from jiedao.sim.camera.figure import Colour
from jiedao.sim.camera.ground import Ground
from jiedao.sim.camera.paint import HEIGHT_PX, WIDTH_PX, Canvas
from jiedao.sim.camera.scenes.stage import Set
from jiedao.sim.camera.truth import Rules
from jiedao.sim.camera.walk import Point

GROUND = Ground(horizon=-0.12, middle=0.5, camera_m=75.0, zoom=1.15)
_STREETS_M = (-92.0, -24.0, 42.0, 110.0)
_CROSSINGS_M = (96.0, 152.0, 226.0, 330.0)
_HALF_M = 6.5
_PAINTS: tuple[Colour, ...] = (
    (176, 178, 178),
    (60, 62, 66),
    (70, 68, 140),
    (128, 104, 72),
    (140, 142, 144),
    (80, 150, 176),
)


@dataclass(frozen=True, slots=True)
class _Car:
    """A car on a street: along the line of sight, or across it; back and forth is one loop."""

    street_m: float
    across: bool
    from_m: float
    to_m: float
    speed_m_s: float
    head_start_m: float
    paint: Colour

    def corners(self, t_s: float) -> list[Point]:
        run = self.to_m - self.from_m
        at = self.from_m + (self.head_start_m + self.speed_m_s * t_s) % abs(run) * np.sign(run)
        if self.across:
            return GROUND.flat(at - 2.3, at + 2.3, self.street_m - 1, self.street_m + 1, 0.7)
        return GROUND.flat(self.street_m - 1, self.street_m + 1, at - 2.3, at + 2.3, 0.7)


class _Traffic:
    """All cars, hidden where houses stand before the street."""

    def __init__(self, backdrop: Picture, hidden: Picture, cars: list[_Car]) -> None:
        self._backdrop, self._hidden, self._cars = backdrop, hidden, cars

    def lay(self, image: Picture, t_s: float) -> None:
        for car in self._cars:
            corners = [
                (round(x * WIDTH_PX * 16), round(y * HEIGHT_PX * 16)) for x, y in car.corners(t_s)
            ]
            shape = np.array(corners, dtype=np.int32)
            cv2.fillConvexPoly(image, shape, car.paint, cv2.LINE_AA, 4)
        cv2.copyTo(self._backdrop, self._hidden, image)


def make() -> Set:
    """Paint the quarter and set the cars going."""
    canvas = Canvas(seed=41)
    canvas.shade([(0, 0), (1, 0), (1, 1), (0, 1)], (142, 144, 142), (96, 102, 100))
    canvas.stain([(0, 0), (1, 0), (1, 1), (0, 1)], 6, 60)
    _roads(canvas)
    bare = canvas.image.copy()
    _blocks(canvas)
    built = np.any(canvas.image != bare, axis=2).astype(np.uint8) * 255
    hidden = cv2.resize(built, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    backdrop = canvas.finish()
    traffic = _Traffic(backdrop, as_picture((hidden > 100) * np.uint8(255)), _cars(canvas))
    return Set(
        backdrop=backdrop,
        layers=[traffic.lay],
        height_at=GROUND.height_at,
        rules=Rules({}, {}),
    )


def _cars(canvas: Canvas) -> list[_Car]:
    random = canvas.random
    cars = []
    for street in _STREETS_M:
        for number in range(4):
            paint = _PAINTS[int(random.integers(0, len(_PAINTS)))]
            away, side = (70.0, 2.8) if number % 2 else (420.0, -2.8)
            to = 420.0 if number % 2 else 70.0
            start, speed = random.uniform(0, 350), random.uniform(7, 11)
            cars.append(_Car(street + side, False, away, to, speed, start, paint))
    for crossing in _CROSSINGS_M:
        for number in range(3):
            paint = _PAINTS[int(random.integers(0, len(_PAINTS)))]
            first, last = (-240.0, 240.0) if number % 2 else (240.0, -240.0)
            lane = crossing + (2.8 if number % 2 else -2.8)
            start, speed = random.uniform(0, 480), random.uniform(6, 10)
            cars.append(_Car(lane, True, first, last, speed, start, paint))
    return cars


def _roads(canvas: Canvas) -> None:
    for street in _STREETS_M:
        canvas.polygon(GROUND.flat(street - 9, street + 9, 60, 600), (132, 136, 136))
        canvas.polygon(GROUND.flat(street - _HALF_M, street + _HALF_M, 60, 600), (92, 95, 96))
    for crossing in _CROSSINGS_M:
        canvas.polygon(GROUND.flat(-400, 400, crossing - 9, crossing + 9), (132, 136, 136))
        canvas.polygon(GROUND.flat(-400, 400, crossing - _HALF_M, crossing + _HALF_M), (92, 95, 96))
    for street in _STREETS_M:
        for begin in range(62, 400, 9):
            if min(abs(begin + 2 - crossing) for crossing in _CROSSINGS_M) > 11:
                canvas.polygon(
                    GROUND.flat(street - 0.2, street + 0.2, begin, begin + 4), (168, 172, 172)
                )
        for crossing in _CROSSINGS_M:
            for bar in np.arange(street - 5.5, street + 5.5, 1.8):
                canvas.polygon(
                    GROUND.flat(bar, bar + 0.9, crossing - 10.5, crossing - 7.5), (158, 162, 162)
                )


def _blocks(canvas: Canvas) -> None:
    columns = [-260.0, *_STREETS_M, 260.0]
    rows = [62.0, *_CROSSINGS_M, 470.0]
    for far in range(len(rows) - 1, 0, -1):
        near_m, far_m = rows[far - 1] + 11, rows[far] - 11
        order = sorted(range(len(columns) - 1), key=lambda n: -abs(columns[n] + columns[n + 1]))
        for column in order:
            left_m, right_m = columns[column] + 11, columns[column + 1] - 11
            if (column + far) % 5 == 0:
                _park(canvas, left_m, right_m, near_m, far_m)
            else:
                _houses(canvas, left_m, right_m, near_m, far_m)


def _park(canvas: Canvas, left_m: float, right_m: float, near_m: float, far_m: float) -> None:
    random = canvas.random
    canvas.polygon(GROUND.flat(left_m, right_m, near_m, far_m), (88, 108, 92))
    trees = [(random.uniform(left_m, right_m), random.uniform(near_m, far_m)) for _ in range(26)]
    for right, away in sorted(trees, key=lambda tree: -tree[1]):
        canvas.tree(GROUND.at(right, away, 4), 4.2 / away, (66, 86, 68))


def _houses(canvas: Canvas, left_m: float, right_m: float, near_m: float, far_m: float) -> None:
    random = canvas.random
    deep = (far_m - near_m) / max(1, round((far_m - near_m) / 26))
    wide = (right_m - left_m) / max(1, round((right_m - left_m) / 23))
    away = far_m
    while away > near_m + 1:
        rights = np.arange(left_m, right_m - 1, wide)
        for left in sorted(rights, key=lambda at: -abs(at + wide / 2)):
            high = random.uniform(6, 21)
            _house(canvas, left + 1.5, left + wide - 1.5, away - deep + 2, away - 2, high)
        away -= deep


def _house(
    canvas: Canvas, left_m: float, right_m: float, near_m: float, far_m: float, high_m: float
) -> None:
    random = canvas.random
    tone = int(random.uniform(98, 136))
    shown_m = right_m if right_m < 0 else left_m if left_m > 0 else None
    if shown_m is not None:
        canvas.polygon(
            GROUND.side(shown_m, near_m, far_m, 0, high_m), (tone - 34, tone - 32, tone - 30)
        )
    canvas.polygon(
        GROUND.front(left_m, right_m, near_m, 0, high_m), (tone - 22, tone - 20, tone - 17)
    )
    up = 1.2
    while up + 1.6 < high_m:
        at = left_m + 1.2
        while at + 1.6 < right_m:
            canvas.polygon(
                GROUND.front(at, at + 1.6, near_m, up, up + 1.5), (tone - 48, tone - 52, tone - 56)
            )
            at += 3.1
        up += 3.1
    red = random.random() < 0.25
    roof = (tone - 22, tone - 6, tone + 24) if red else (tone + 8, tone + 10, tone + 10)
    canvas.polygon(GROUND.flat(left_m, right_m, near_m, far_m, high_m), roof)
    inner = GROUND.flat(left_m + 0.8, right_m - 0.8, near_m + 0.8, far_m - 0.8, high_m - 0.3)
    canvas.polygon(inner, (roof[0] - 12, roof[1] - 12, roof[2] - 12))
    for _ in range(int(random.integers(1, 4))):
        x = random.uniform(left_m + 2, right_m - 5)
        z = random.uniform(near_m + 2, far_m - 5)
        box = (tone - 10, tone - 6, tone - 4)
        canvas.polygon(
            GROUND.front(x, x + 3, z, high_m, high_m + 2), (box[0] - 16, box[1] - 16, box[2] - 16)
        )
        canvas.polygon(
            GROUND.flat(x, x + 3, z, z + 3, high_m + 2), (box[0] + 22, box[1] + 22, box[2] + 22)
        )
