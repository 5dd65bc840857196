# SPDX-License-Identifier: Apache-2.0
"""A spot in the picture: the same however it was seen, another beside it."""

import pytest

from jiedao.signals.rules import hides, is_same_spot

STALL = (0.60, 0.50, 0.68, 0.70)


@pytest.mark.parametrize(
    "seen",
    [
        STALL,
        (0.62, 0.50, 0.70, 0.70),  # pushed a little
        (0.60, 0.44, 0.70, 0.71),  # with its umbrella up and somebody beside it
        (0.63, 0.52, 0.67, 0.69),  # half hidden
    ],
)
def test_what_stands_where_it_stood_is_the_same(seen: tuple[float, ...]) -> None:
    assert is_same_spot(STALL, seen)
    assert is_same_spot(seen, STALL)


@pytest.mark.parametrize(
    "seen",
    [
        (0.70, 0.50, 0.78, 0.70),  # beside it
        (0.60, 0.42, 0.66, 0.55),  # behind it
        (0.55, 0.62, 0.68, 0.95),  # in front of it
    ],
)
def test_what_stands_beside_behind_or_before_it_is_another(seen: tuple[float, ...]) -> None:
    assert not is_same_spot(STALL, seen)
    assert not is_same_spot(seen, STALL)


def test_what_covers_most_of_a_spot_hides_it_and_who_stands_beside_it_does_not() -> None:
    assert hides((0.5, 0.4, 0.8, 0.9), STALL)
    assert hides((0.58, 0.40, 0.65, 0.9), STALL)
    assert not hides((0.58, 0.40, 0.62, 0.9), STALL)
    assert not hides((0.70, 0.40, 0.90, 0.9), STALL)
