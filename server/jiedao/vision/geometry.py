# SPDX-License-Identifier: Apache-2.0
"""Plane geometry for zones and lines. Points are (x, y) with y down; any one unit."""

from math import hypot
from typing import Final

Point = tuple[float, float]

BORDER: Final = 0.01  # An edge this near to the picture's border lies along it.


def side_of(a: Point, b: Point, p: Point) -> float:
    """Twice the signed area of a, b, p: positive when p lies to the right of a->b as drawn."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def segments_meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether the closed segments ab and cd share at least one point."""
    d1, d2 = side_of(a, b, c), side_of(a, b, d)
    d3, d4 = side_of(c, d, a), side_of(c, d, b)
    if ((d1 > 0) != (d2 > 0) and (d3 > 0) != (d4 > 0)) and 0 not in (d1, d2, d3, d4):
        return True
    return (
        (d1 == 0 and _between(a, b, c))
        or (d2 == 0 and _between(a, b, d))
        or (d3 == 0 and _between(c, d, a))
        or (d4 == 0 and _between(c, d, b))
    )


def _between(a: Point, b: Point, p: Point) -> bool:
    """Whether p, known to be in line with a and b, lies on the segment ab."""
    return min(a[0], b[0]) <= p[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= p[1] <= max(a[1], b[1])


def distance_to_segment(a: Point, b: Point, p: Point) -> float:
    """Distance from p to the nearest point of the segment ab."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length2 = dx * dx + dy * dy
    along = 0.0
    if length2 > 0:
        along = min(1.0, max(0.0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length2))
    return hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)


def depth_in_polygon(polygon: tuple[Point, ...], p: Point) -> float:
    """Distance from p to the polygon's nearest edge: positive inside, negative outside."""
    inside = False
    nearest = float("inf")
    previous = polygon[-1]
    for corner in polygon:
        if (corner[1] > p[1]) != (previous[1] > p[1]):
            crossing_x = previous[0] + (p[1] - previous[1]) * (corner[0] - previous[0]) / (
                corner[1] - previous[1]
            )
            inside ^= p[0] < crossing_x
        nearest = min(nearest, distance_to_segment(previous, corner, p))
        previous = corner
    return nearest if inside else -nearest


def beyond_picture(polygon: tuple[Point, ...]) -> tuple[Point, ...]:
    """The polygon with its edges along the picture's border moved out of the picture.

    A body whose foot the border cuts stands in such a zone, not on its edge. Normalised points.
    """
    corners: list[Point] = []
    for corner, following in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        corners.append(corner)
        out = _outwards(corner, following)
        if out is not None:
            dx, dy = out
            corners += [(corner[0] + dx, corner[1] + dy), (following[0] + dx, following[1] + dy)]
    return tuple(corners)


def _outwards(a: Point, b: Point) -> Point | None:
    """The step out of the picture from an edge that lies along its border; None for others."""
    for axis, step in ((0, (1.0, 0.0)), (1, (0.0, 1.0))):
        if a[axis] >= 1 - BORDER and b[axis] >= 1 - BORDER:
            return step
        if a[axis] <= BORDER and b[axis] <= BORDER:
            return -step[0], -step[1]
    return None


def area(polygon: tuple[Point, ...]) -> float:
    """The polygon's area, never negative."""
    total = 0.0
    previous = polygon[-1]
    for corner in polygon:
        total += previous[0] * corner[1] - corner[0] * previous[1]
        previous = corner
    return abs(total) / 2


def is_simple(polygon: tuple[Point, ...]) -> bool:
    """Whether no two edges of the polygon meet other than neighbours at their common corner."""
    n = len(polygon)
    edges = [(polygon[i], polygon[(i + 1) % n]) for i in range(n)]
    if any(a == b for a, b in edges):
        return False
    for i in range(n):
        for j in range(i + 1, n):
            a, b = edges[i]
            c, d = edges[j]
            if j == i + 1 or (i == 0 and j == n - 1):
                shared, before, after = (b, a, d) if j == i + 1 else (a, d, b)
                # Neighbours may only touch in the shared corner: no folding back.
                if side_of(before, shared, after) == 0 and _same_way(shared, before, after):
                    return False
            elif segments_meet(a, b, c, d):
                return False
    return True


def _same_way(corner: Point, p: Point, q: Point) -> bool:
    """Whether p and q lie on the same side of the corner."""
    return (p[0] - corner[0]) * (q[0] - corner[0]) + (p[1] - corner[1]) * (q[1] - corner[1]) > 0
