# SPDX-License-Identifier: Apache-2.0
"""Distance on the earth."""

import pytest

from jiedao.base.distance import distance_m


def test_distances_are_right_to_half_a_percent() -> None:
    assert distance_m((120.0, 30.0), (120.0, 30.01)) == pytest.approx(1112, rel=0.005)
    assert distance_m((120.0, 30.0), (120.01, 30.0)) == pytest.approx(963, rel=0.005)
