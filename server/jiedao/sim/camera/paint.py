# SPDX-License-Identifier: Apache-2.0
"""Brushes for the backdrops: polygons, gradients, stains. Points are normalised, colours BGR."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from jiedao.sim.camera.encode import Picture
from jiedao.sim.camera.figure import Colour
from jiedao.sim.camera.walk import Point

WIDTH_PX, HEIGHT_PX = 640, 360
# Backdrops are painted at twice the size and made smaller, which softens every edge.
OVERSIZE = 2


class Canvas:
    """A backdrop in the making."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.image: Picture = np.zeros(
            (HEIGHT_PX * OVERSIZE, WIDTH_PX * OVERSIZE, 3), dtype=np.uint8
        )

    def _pixels(self, points: Sequence[Point]) -> "np.ndarray[tuple[int, ...], np.dtype[np.int32]]":
        rows, columns = self.image.shape[:2]
        return np.array([(round(x * columns), round(y * rows)) for x, y in points], dtype=np.int32)

    def mask(self, points: Sequence[Point]) -> Picture:
        """255 inside the polygon, 0 outside."""
        found: Picture = np.zeros(self.image.shape[:2], dtype=np.uint8)
        cv2.fillPoly(found, [self._pixels(points)], 255, cv2.LINE_AA)
        return found

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        cv2.fillPoly(self.image, [self._pixels(points)], colour, cv2.LINE_AA)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], colour)

    def line(self, points: Sequence[Point], colour: Colour, width_px: float) -> None:
        """A bent line; the width is in pixels of the finished picture."""
        cv2.polylines(
            self.image,
            [self._pixels(points)],
            isClosed=False,
            color=colour,
            thickness=max(1, round(width_px * OVERSIZE)),
            lineType=cv2.LINE_AA,
        )

    def oval(self, at: Point, half_width: float, half_height: float, colour: Colour) -> None:
        rows, columns = self.image.shape[:2]
        cv2.ellipse(
            self.image,
            (round(at[0] * columns), round(at[1] * rows)),
            (round(half_width * columns), round(half_height * rows)),
            0,
            0,
            360,
            colour,
            -1,
            cv2.LINE_AA,
        )

    def shade(
        self, points: Sequence[Point], first: Colour, last: Colour, across: bool = False
    ) -> None:
        """Fill a polygon from its first side (top, or left with across) to the other."""
        values = [point[0 if across else 1] for point in points]
        length = self.image.shape[1 if across else 0]
        at = np.linspace(0, 1, length, dtype=np.float32)
        share = np.clip((at - min(values)) / max(1e-6, max(values) - min(values)), 0, 1)
        share = share[None, :, None] if across else share[:, None, None]
        fill = np.array(first, np.float32) * (1 - share) + np.array(last, np.float32) * share
        self._blend(np.broadcast_to(fill, self.image.shape), points)

    def stain(self, points: Sequence[Point], strength: float, size_px: int) -> None:
        """Weather a surface: lighter and darker spots of about the given size."""
        rows, columns = self.image.shape[:2]
        spots = np.zeros((rows, columns), dtype=np.float32)
        size = size_px
        for weight in (1.0, 0.6, 0.35):
            coarse = self.random.normal(0, weight, (rows // size + 2, columns // size + 2))
            spots += cv2.resize(
                coarse.astype(np.float32), (columns, rows), interpolation=cv2.INTER_LINEAR
            )
            size = max(1, size // 3)
        top, bottom, left, right = self._bounds(points)
        fill = np.zeros(self.image.shape, dtype=np.float32)
        part = (slice(top, bottom), slice(left, right))
        fill[part] = self.image[part] + np.float32(strength) * spots[part][:, :, None]
        self._blend(fill, points)

    def _bounds(self, points: Sequence[Point]) -> tuple[int, int, int, int]:
        """Rows and columns that the polygon can touch: top, bottom, left, right."""
        rows, columns = self.image.shape[:2]
        x, y = [point[0] * columns for point in points], [point[1] * rows for point in points]
        return (
            max(0, int(min(y)) - 1),
            min(rows, int(max(y)) + 2),
            max(0, int(min(x)) - 1),
            min(columns, int(max(x)) + 2),
        )

    def _blend(
        self, fill: np.ndarray[tuple[int, ...], np.dtype[np.float32]], points: Sequence[Point]
    ) -> None:
        """Lay a fill over the picture inside the polygon."""
        top, bottom, left, right = self._bounds(points)
        part = (slice(top, bottom), slice(left, right))
        share = self.mask(points)[part].astype(np.float32)[:, :, None] / 255
        mixed = self.image[part] * (1 - share) + fill[part] * share
        self.image[part] = np.clip(mixed, 0, 255).astype(np.uint8)

    def tree(self, at: Point, size: float, colour: Colour) -> None:
        """A leafy crown; size is its half height."""
        for _ in range(60):
            angle, reach = self.random.uniform(0, 2 * math.pi), self.random.uniform(0, 1) ** 0.5
            spot = (
                at[0] + math.cos(angle) * reach * size * 0.6,
                at[1] + math.sin(angle) * reach * size,
            )
            light = (
                0.75 + 0.4 * (1 - reach) * self.random.uniform(0.6, 1) - 0.3 * math.sin(angle) * 0.4
            )
            leaf = (int(colour[0] * light), int(colour[1] * light), int(colour[2] * light))
            self.oval(spot, size * 0.14, size * 0.2, leaf)

    def finish(self, vignette: float = 0.28) -> Picture:
        """The backdrop at camera size, darker toward its corners."""
        small = cv2.resize(self.image, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
        x = np.linspace(-1, 1, WIDTH_PX)[None, :]
        y = np.linspace(-1, 1, HEIGHT_PX)[:, None]
        fall = 1 - vignette * np.clip((x**2 + y**2) / 2, 0, 1)
        done: Picture = (small * fall[:, :, None]).astype(np.uint8)
        return done
