# SPDX-License-Identifier: Apache-2.0
"""Plane geometry, held against what must be true of any points."""

from math import cos, sin, tau

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from jiedao.vision.geometry import (
    Point,
    area,
    beyond_picture,
    depth_in_polygon,
    distance_to_segment,
    is_simple,
    segments_meet,
    side_of,
)

numbers = st.integers(-50, 50).map(float)
points = st.tuples(numbers, numbers)
SQUARE: tuple[Point, ...] = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))


@given(points, points, points)
def test_the_side_changes_its_sign_with_the_segments_direction(
    a: Point, b: Point, p: Point
) -> None:
    assert side_of(a, b, p) == -side_of(b, a, p)


@given(points, points, points, points)
def test_meeting_does_not_depend_on_order_or_direction(
    a: Point, b: Point, c: Point, d: Point
) -> None:
    assume(a != b and c != d)
    meets = segments_meet(a, b, c, d)
    assert segments_meet(c, d, a, b) == meets
    assert segments_meet(b, a, d, c) == meets


@given(points, points, st.floats(0, 1))
def test_a_point_on_a_segment_is_at_no_distance(a: Point, b: Point, along: float) -> None:
    p = (a[0] + along * (b[0] - a[0]), a[1] + along * (b[1] - a[1]))
    assert distance_to_segment(a, b, p) == pytest.approx(0, abs=1e-9)


@given(st.integers(3, 12), st.floats(0.1, 20), points)
def test_a_regular_polygon_is_simple_holds_its_centre_and_not_what_lies_beyond(
    corners: int, radius: float, centre: Point
) -> None:
    polygon = tuple(
        (centre[0] + radius * cos(tau * i / corners), centre[1] + radius * sin(tau * i / corners))
        for i in range(corners)
    )
    assert is_simple(polygon)
    assert area(polygon) > 0
    assert depth_in_polygon(polygon, centre) == pytest.approx(radius * cos(tau / 2 / corners))
    assert depth_in_polygon(polygon, (centre[0] + 2 * radius, centre[1])) < 0


@given(points)
def test_depth_is_the_distance_to_the_nearest_edge_signed_by_inside(p: Point) -> None:
    inside = 0 < p[0] < 4 and 0 < p[1] < 4
    edges = zip(SQUARE, SQUARE[1:] + SQUARE[:1], strict=True)
    nearest = min(distance_to_segment(a, b, p) for a, b in edges)
    assert depth_in_polygon(SQUARE, p) == pytest.approx(nearest if inside else -nearest)


@pytest.mark.parametrize(
    ("polygon", "simple"),
    [
        (((0, 0), (4, 0), (4, 4), (0, 4)), True),
        (((0, 0), (4, 4), (4, 0), (0, 4)), False),
        (((0, 0), (4, 0), (2, 0)), False),
        (((0, 0), (4, 0), (4, 0), (0, 4)), False),
        (((0, 0), (4, 0), (4, 4), (2, 0), (0, 4)), False),
        (((0, 0), (2, 0), (4, 0), (4, 4)), True),
    ],
)
def test_polygons_that_touch_or_cross_themselves_are_found(
    polygon: tuple[Point, ...], simple: bool
) -> None:
    assert is_simple(polygon) is simple


def test_an_edge_along_the_pictures_border_goes_on_beyond_it_and_no_other_does() -> None:
    polygon = ((0.2, 0.5), (0.6, 0.5), (0.6, 1.0), (0.2, 1.0))
    wider = beyond_picture(polygon)
    assert depth_in_polygon(wider, (0.4, 1.0)) == pytest.approx(0.2)
    assert depth_in_polygon(wider, (0.4, 0.4)) < 0
    assert depth_in_polygon(wider, (0.1, 1.0)) < 0
    within = ((0.2, 0.5), (0.6, 0.5), (0.6, 0.9), (0.2, 0.9))
    assert beyond_picture(within) == within
