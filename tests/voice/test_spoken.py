# SPDX-License-Identifier: Apache-2.0
"""A voice on its way to a loudspeaker: what waits, what is dropped, how it ends."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from jiedao.voice import g711
from jiedao.voice.g711 import Pcm
from jiedao.voice.spoken import BEHIND_FRAMES, LONGEST_FRAMES, MOST_FRAMES, START_FRAMES, Spoken

SILENT = g711.SILENCE * g711.FRAME_SAMPLES
QUIET = np.zeros(g711.FRAME_SAMPLES, np.int16)


def word(number: int) -> Pcm:
    """A loud frame that can be told from others."""
    return np.full(g711.FRAME_SAMPLES, 4000 + 300 * (number % 90), np.int16)


def said(spoken: Spoken, frames: int) -> list[bytes | None]:
    return [spoken.next_frame() for _ in range(frames)]


def coded(*numbers: int) -> list[bytes]:
    return [g711.encode(word(number)) for number in numbers]


def filled(*frames: Pcm) -> Spoken:
    spoken = Spoken()
    for number, frame in enumerate(frames):
        spoken.take(number, frame)
    return spoken


def test_what_is_said_goes_out_in_its_order_and_ends_with_the_release() -> None:
    spoken = filled(word(0), word(1), word(2))
    spoken.release()
    assert said(spoken, 5) == [*coded(0, 1, 2), None, None]
    assert (spoken.why, spoken.late, spoken.seconds) == ("released", 0, 0.06)
    assert spoken.sent() == b"".join(coded(0, 1, 2))


def test_sound_begins_once_a_burst_waits_and_pauses_where_nothing_came() -> None:
    spoken = filled(word(0), word(1))
    assert said(spoken, 1) == [SILENT]
    spoken.take(2, word(2))
    assert said(spoken, 4) == [*coded(0, 1, 2), SILENT]


def test_each_time_the_sound_runs_dry_a_little_more_has_to_wait() -> None:
    spoken, number = Spoken(), 0
    for needed in (3, 5, 7, 8, 8):
        for _ in range(needed):
            assert said(spoken, 1) == [SILENT]
            spoken.take(number, word(number))
            number += 1
        assert said(spoken, needed + 1) == [*coded(*range(number - needed, number)), SILENT]
    assert (START_FRAMES, BEHIND_FRAMES) == (3, 8)


def test_a_short_word_is_said_though_the_key_was_let_go_before_the_call_stood() -> None:
    spoken = filled(word(0))
    spoken.release()
    assert said(spoken, 2) == [*coded(0), None]


def test_more_than_a_second_never_waits_and_what_is_dropped_is_counted() -> None:
    spoken = filled(*(word(n) for n in range(MOST_FRAMES + 7)))
    assert (spoken.waiting, spoken.late) == (MOST_FRAMES, 7)
    assert said(spoken, 1) == coded(7)


def test_frames_out_of_their_order_are_late() -> None:
    spoken = filled(word(0), word(1), word(2))
    spoken.take(1, word(9))
    spoken.take(2, word(9))
    assert (spoken.waiting, spoken.late) == (3, 2)


def test_what_waited_for_the_call_is_caught_up_in_the_first_pause() -> None:
    words, pause = [word(n) for n in range(12)], [QUIET] * 20
    spoken = filled(*words, *pause, word(12), word(13), word(14))
    assert said(spoken, 15) == coded(*range(15)), "the pause was left out, no word was"
    assert spoken.waiting == 0


def test_with_little_waiting_pauses_stay_as_they_are() -> None:
    spoken = filled(word(0), QUIET, QUIET, word(1))
    assert spoken.waiting <= BEHIND_FRAMES
    heard = said(spoken, 4)
    assert [heard[0], heard[3]] == coded(0, 1)


def test_a_stop_ends_it_with_the_next_frame_and_the_first_reason_stays() -> None:
    spoken = filled(word(0), word(1), word(2))
    said(spoken, 1)
    spoken.end("stopped")
    spoken.end("lost")
    assert said(spoken, 1) == [None]
    assert (spoken.why, spoken.seconds) == ("stopped", 0.02)


def test_nobody_speaks_longer_than_half_a_minute() -> None:
    spoken = Spoken()
    heard = []
    for number in range(LONGEST_FRAMES + 10):
        spoken.take(number, word(number))
        heard.append(spoken.next_frame())
    assert (spoken.why, round(spoken.seconds)) == ("limit", 30)
    assert heard[-1] is None


def test_it_is_fitted_to_the_loudspeaker() -> None:
    spoken = filled(word(0), word(1), word(2))
    tone = np.full(2 * g711.FRAME_SAMPLES, 300, np.int16)
    spoken.tune(0.5, tone)
    heard = said(spoken, 3)
    assert heard[:2] == [g711.encode(tone[: g711.FRAME_SAMPLES])] * 2
    assert heard[2] == g711.encode((word(0) // 2).astype(np.int16))
    assert spoken.seconds == 0.02, "the tone is nobody's speech"


def test_a_voice_too_loud_for_its_samples_is_cut_not_wrapped() -> None:
    spoken = Spoken()
    spoken.tune(3.0, np.zeros(0, np.int16))
    for number in range(3):
        spoken.take(number, np.full(g711.FRAME_SAMPLES, -30_000, np.int16))
    frame = spoken.next_frame()
    assert frame is not None
    assert g711.decode(frame).max() < -30_000


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 70)), max_size=12))
def test_however_it_comes_no_word_is_lost_uncounted_and_none_is_said_twice(
    bursts: list[tuple[int, int]],
) -> None:
    spoken, taken = Spoken(), 0
    for comes, goes in bursts:
        for _ in range(comes):
            spoken.take(taken, word(taken))
            taken += 1
        assert spoken.waiting <= MOST_FRAMES
        said(spoken, goes)
    spoken.release()
    said(spoken, MOST_FRAMES + 1)
    assert spoken.why == "released"
    assert round(spoken.seconds / g711.FRAME_S) + spoken.late == taken
