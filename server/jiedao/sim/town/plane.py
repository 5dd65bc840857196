# SPDX-License-Identifier: Apache-2.0
"""The drawing plane: metres east and north of the town's middle, and its way to lon/lat.

The town is designed on a rectangular *drawing board* (u, v in metres), where streets are straight
and communities are rectangles. `Plane.ground` bends the board into the ground plane (x east,
y north, metres), so that neighbours still share their borders but nothing looks ruled. The bend is
smooth and one to one (its steepest change is well under 1), hence `board` can undo it.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""Shape (n, 2)."""

EQUATOR_RADIUS_M = 6_378_137.0
ECCENTRICITY_SQUARED = 0.006_694_379_990_14

# Waves of the bend: displacement amplitude (m), wavelength (m), direction (rad), phase (rad).
_WAVES_X = ((170.0, 5200.0, 1.25, 0.4), (90.0, 3100.0, 1.9, 2.1), (12.0, 900.0, 0.7, 1.0))
_WAVES_Y = ((190.0, 5600.0, 0.2, 5.1), (80.0, 2900.0, 5.5, 0.3), (12.0, 1010.0, 2.2, 4.0))
_TURN_RAD = math.radians(-9.0)
_ROUNDING = 0.42
# The border wanders more than the streets: this wave grows towards the edge of the board.
_EDGE_WAVE_M, _EDGE_LENGTH_M = 95.0, 1900.0


@dataclass(frozen=True, slots=True)
class Plane:
    """Board, ground and globe of one town.

    Attributes:
        lon, lat: WGS-84 position of the middle.
        half_u_m, half_v_m: half the board's width and height.
        scale: ground metres per board metre, chosen so that the town has its quoted area.
    """

    lon: float
    lat: float
    half_u_m: float
    half_v_m: float
    scale: float = 1.0

    def ground(self, board: Points) -> Points:
        """Bend board points (n, 2) into ground metres (n, 2)."""
        a = board[:, 0] / self.half_u_m
        b = board[:, 1] / self.half_v_m
        u = board[:, 0] * np.sqrt(1 - _ROUNDING * b * b / 2)
        v = board[:, 1] * np.sqrt(1 - _ROUNDING * a * a / 2)
        edge = np.clip((a * a + b * b) ** 2, 0, 1) * _EDGE_WAVE_M
        x = u + _sway(u, v, _WAVES_X) + edge * np.sin(2 * math.pi * v / _EDGE_LENGTH_M + 0.9)
        y = v + _sway(u, v, _WAVES_Y) + edge * np.sin(2 * math.pi * u / _EDGE_LENGTH_M + 2.6)
        cos, sin = math.cos(_TURN_RAD), math.sin(_TURN_RAD)
        return np.stack([x * cos - y * sin, x * sin + y * cos], axis=1) * self.scale

    def board(self, x: float, y: float) -> tuple[float, float]:
        """The board point that bends to a ground point, to a centimetre (Newton's method)."""
        at = np.array([x, y]) / self.scale
        step = 1.0
        for _ in range(40):
            trio = self.ground(at + np.array([(0.0, 0.0), (step, 0.0), (0.0, step)]))
            miss = np.array([x, y]) - trio[0]
            if float(np.hypot(*miss)) < 0.01:
                break
            slope = np.stack([trio[1] - trio[0], trio[2] - trio[0]], axis=1) / step
            at = at + np.linalg.solve(slope, miss)
        return float(at[0]), float(at[1])

    def globe(self, ground: Points) -> Points:
        """Ground metres (n, 2) to WGS-84 lon, lat in degrees (n, 2)."""
        east_m, north_m = metres_per_degree(self.lat)
        return np.stack(
            [self.lon + ground[:, 0] / east_m, self.lat + ground[:, 1] / north_m], axis=1
        )


def _sway(u: Points, v: Points, waves: tuple[tuple[float, float, float, float], ...]) -> Points:
    total = np.zeros_like(u)
    for amplitude, length, direction, phase in waves:
        along = u * math.cos(direction) + v * math.sin(direction)
        total = total + amplitude * np.sin(2 * math.pi * along / length + phase)
    return total


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree of longitude and of latitude on the WGS-84 ellipsoid, in metres."""
    sin = math.sin(math.radians(lat))
    w = 1 - ECCENTRICITY_SQUARED * sin * sin
    across = EQUATOR_RADIUS_M / math.sqrt(w)
    along = EQUATOR_RADIUS_M * (1 - ECCENTRICITY_SQUARED) / w**1.5
    return math.radians(across * math.cos(math.radians(lat))), math.radians(along)


def area_m2(ring: Points) -> float:
    """Area of a simple ring on the plane; positive whichever way round it runs."""
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def spread(points: Points, step_m: float) -> Points:
    """The same polyline with no two points further apart than `step_m`."""
    parts = []
    for a, b in pairwise(points):
        n = max(1, math.ceil(float(np.hypot(*(b - a))) / step_m))
        t = np.arange(n)[:, None] / n
        parts.append(a + (b - a) * t)
    parts.append(points[-1:])
    return np.concatenate(parts)


def smooth(points: list[tuple[float, float]], step_m: float) -> Points:
    """A curve (Catmull-Rom) through the points, sampled about every `step_m` metres."""
    p = np.array([points[0], *points, points[-1]], dtype=np.float64)
    parts = []
    for i in range(1, len(p) - 2):
        n = max(2, math.ceil(float(np.hypot(*(p[i + 1] - p[i]))) / step_m))
        t = np.arange(n)[:, None] / n
        parts.append(
            0.5
            * (
                2 * p[i]
                + (p[i + 1] - p[i - 1]) * t
                + (2 * p[i - 1] - 5 * p[i] + 4 * p[i + 1] - p[i + 2]) * t**2
                + (3 * p[i] - p[i - 1] - 3 * p[i + 1] + p[i + 2]) * t**3
            )
        )
    parts.append(p[-2:-1])
    return np.concatenate(parts)


def beside(line: Points, offset_m: float | Points) -> Points:
    """The line moved sideways; positive is to the left of its direction."""
    ahead = np.gradient(line, axis=0)
    ahead = ahead / np.hypot(ahead[:, 0], ahead[:, 1])[:, None]
    left = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    moved: Points = line + left * np.broadcast_to(offset_m, (len(line),))[:, None]
    return moved


def distance_m(points: Points, line: Points) -> Points:
    """Distance of each point (n, 2) to the nearest spot of a polyline; shape (n,)."""
    start, d = line[:-1], np.diff(line, axis=0)
    length2 = np.maximum((d * d).sum(axis=1), 1e-9)
    out = np.empty(len(points))
    for first in range(0, len(points), 1024):  # in slices that stay in the processor's cache
        p = points[first : first + 1024]
        px, py = p[:, :1] - start[:, 0], p[:, 1:] - start[:, 1]
        t = np.clip((px * d[:, 0] + py * d[:, 1]) / length2, 0, 1)
        gap2 = (px - t * d[:, 0]) ** 2 + (py - t * d[:, 1]) ** 2
        out[first : first + 1024] = np.sqrt(gap2.min(axis=1))
    return out


def inside(points: Points, ring: Points) -> NDArray[np.bool_]:
    """Which points (n, 2) lie inside a simple ring (even-odd rule)."""
    odd = np.zeros(len(points), dtype=bool)
    x, y = points[:, 0], points[:, 1]
    for a, b in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        if a[1] == b[1]:
            continue
        straddles = (a[1] > y) != (b[1] > y)
        odd ^= straddles & (x < a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1]))
    return odd


def thin(points: Points, tolerance_m: float) -> Points:
    """Drop points that the others already imply (Douglas-Peucker)."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        rest, chord = points[first + 1 : last] - points[first], points[last] - points[first]
        length = math.hypot(chord[0], chord[1])
        if length < 1e-9:
            off = np.hypot(rest[:, 0], rest[:, 1])
        else:
            off = np.abs(rest[:, 0] * chord[1] - rest[:, 1] * chord[0]) / length
        worst = int(np.argmax(off))
        if float(off[worst]) > tolerance_m:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return points[keep]


def crossing(one: Points, other: Points) -> tuple[float, float] | None:
    """The first spot along `one` where two polylines cross, or None."""
    a, r = one[:-1, None], np.diff(one, axis=0)[:, None]
    q, s = other[None, :-1] - a, np.diff(other, axis=0)[None]
    turn = r[..., 0] * s[..., 1] - r[..., 1] * s[..., 0]
    turn = np.where(turn == 0, np.inf, turn)
    t = (q[..., 0] * s[..., 1] - q[..., 1] * s[..., 0]) / turn
    w = (q[..., 0] * r[..., 1] - q[..., 1] * r[..., 0]) / turn
    hits = np.argwhere((t >= 0) & (t <= 1) & (w >= 0) & (w <= 1) & np.isfinite(turn))
    if not len(hits):
        return None
    i, j = hits[0]
    x, y = one[i] + t[i, j] * (one[i + 1] - one[i])
    return float(x), float(y)
