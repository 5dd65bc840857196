# SPDX-License-Identifier: Apache-2.0
"""A stream that starves is told from a machine that is short, and a wrong clock is told."""

from jiedao.cameras.pace import SKEWED, STARVED, Pace


def play(
    pace: Pace, from_s: int, to_s: int, fps: int, waited: float = 0.9, lag_s: float = 0
) -> str:
    """Let seconds pass; each brings fps pictures, for which the reader waited that share of it."""
    for second in range(from_s, to_s):
        for _ in range(fps):
            pace.take(4000, waited / fps, lag_s)
        pace.look(second + 1.0)
    return pace.fault


def opened() -> Pace:
    pace = Pace()
    pace.restart(0.0)
    return pace


def test_a_stream_that_comes_as_usual_is_well() -> None:
    pace = opened()
    assert play(pace, 0, 60, 25) == ""
    assert (round(pace.fps), round(pace.kbps)) == (25, 800)


def test_far_fewer_pictures_than_usual_are_found_within_six_seconds() -> None:
    pace = opened()
    play(pace, 0, 30, 25)
    assert play(pace, 30, 36, 4) == STARVED
    assert play(pace, 36, 42, 25) == ""


def test_pictures_that_come_later_and_later_are_found() -> None:
    pace = opened()
    play(pace, 0, 30, 25)
    assert play(pace, 30, 36, 25, lag_s=3.0) == STARVED


def test_half_as_many_pictures_at_night_are_no_fault() -> None:
    pace = opened()
    play(pace, 0, 30, 25)
    assert play(pace, 30, 60, 12) == ""


def test_pictures_that_we_are_too_busy_to_read_are_not_the_cameras_fault() -> None:
    pace = opened()
    play(pace, 0, 30, 25)
    assert play(pace, 30, 40, 4, waited=0.2, lag_s=4.0) == ""


def test_a_stream_that_is_opened_anew_with_fewer_pictures_is_well() -> None:
    pace = opened()
    play(pace, 0, 30, 25)
    pace.restart(30.0)
    assert play(pace, 30, 60, 8) == ""


def test_a_clock_that_is_more_than_five_seconds_off_is_told() -> None:
    pace = opened()
    pace.skew_s = 4.0
    assert play(pace, 0, 10, 25) == ""
    pace.skew_s = -3600.0
    assert play(pace, 10, 20, 25) == SKEWED
