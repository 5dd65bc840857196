# SPDX-License-Identifier: Apache-2.0
"""Capture time by the server's clock, whatever the camera believes."""

from itertools import pairwise

import pytest

from jiedao.cameras.capture import CaptureClock


def test_the_first_packet_gives_the_time_and_the_stream_counts_on() -> None:
    clock = CaptureClock()
    assert clock.stamp(500.0, 1000.0) == 1000.0
    assert clock.stamp(500.2, 1000.2) == pytest.approx(1000.2)


def test_a_late_packet_keeps_the_time_at_which_it_was_taken() -> None:
    clock = CaptureClock()
    clock.stamp(0.0, 1000.0)
    assert clock.stamp(0.04, 1000.8) == pytest.approx(1000.04)


def test_a_burst_of_old_pictures_at_the_opening_is_moved_back_once_live_ones_come() -> None:
    clock = CaptureClock()
    for number in range(50):
        clock.stamp(number * 0.04, 1000.0)
    # The last of the burst was the live one, so the next is taken when it comes.
    assert clock.stamp(2.0, 1000.04) == pytest.approx(1000.06, abs=0.06)


def test_a_camera_that_runs_slow_is_followed() -> None:
    clock = CaptureClock()
    for number in range(3000):
        arrived = 1000 + number * 0.04
        captured = clock.stamp(number * 0.04 * 0.999, arrived)
    assert arrived - captured < 0.02
    assert clock.drift_s == pytest.approx(0.12, abs=0.02)


def test_a_camera_that_runs_fast_never_reports_from_the_future() -> None:
    clock = CaptureClock()
    for number in range(3000):
        arrived = 1000 + number * 0.04
        assert clock.stamp(number * 0.04 * 1.001, arrived) <= arrived + 0.001


def test_stream_time_that_runs_backwards_is_anchored_anew_and_counted() -> None:
    clock = CaptureClock()
    clock.stamp(100.0, 1000.0)
    assert clock.stamp(5.0, 1000.04) == pytest.approx(1000.04)
    assert clock.stamp(5000.0, 1000.08) == pytest.approx(1000.08)
    assert clock.jumps == 2


def test_capture_time_always_rises() -> None:
    clock = CaptureClock()
    times = [clock.stamp(s, 1000.0) for s in (0.0, 0.04, 0.02, 0.02, 0.06, -50.0, 0.0)]
    assert all(later > earlier for earlier, later in pairwise(times))
