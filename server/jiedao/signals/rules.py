# SPDX-License-Identifier: Apache-2.0
"""Where in a camera's picture something is. Pure.

A spot is a box, left, top, right, bottom, 0..1 of the picture: a place, never an identity. What
stands where something stood is taken for the same, whoever tracked it; what stands beside it is
another.
"""

from collections.abc import Sequence

#: How far apart two feet may be, in the larger one's width and height, and still be in one spot.
WITHIN_WIDTHS = 0.6
WITHIN_HEIGHTS = 0.35
#: What covers more than this share of a spot hides it.
HIDES_SHARE = 0.5


def is_same_spot(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two boxes stand in one place, by their foot points (bottom centre)."""
    width = max(one[2] - one[0], other[2] - other[0])
    height = max(one[3] - one[1], other[3] - other[1])
    across = abs((one[0] + one[2]) - (other[0] + other[2])) / 2
    return across <= WITHIN_WIDTHS * width and abs(one[3] - other[3]) <= WITHIN_HEIGHTS * height


def hides(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether a box lies over most of another, so that nobody can say what is behind it."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    area = (other[2] - other[0]) * (other[3] - other[1])
    return width > 0 and height > 0 and width * height > HIDES_SHARE * area
