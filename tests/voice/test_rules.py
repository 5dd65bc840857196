# SPDX-License-Identifier: Apache-2.0
"""When a loudspeaker may speak."""

from datetime import datetime, time, timedelta

import pytest

from jiedao.voice.errors import BadText, LoudspeakerOff, QuietHours, RepeatedTooOften
from jiedao.voice.rules import (
    MAX_TEXT,
    Habits,
    Words,
    check,
    failure_code,
    gain,
    is_quiet,
    is_worth_another_try,
)

NIGHT = datetime(2026, 11, 23, 23, 30)  # noqa: DTZ001 - the town's own time, as rules take it
NOON = NIGHT.replace(hour=12)
HORN = Habits("桥底喇叭", is_enabled=True, quiet_from=time(22), quiet_to=time(6, 30))


def test_at_noon_anything_may_be_said() -> None:
    check(Words("此处禁止垂钓"), HORN, NOON, [])


def test_at_night_only_what_saves_lives_or_has_a_reason() -> None:
    with pytest.raises(QuietHours) as refused:
        check(Words("此处禁止垂钓"), HORN, NIGHT, [])
    assert refused.value.facts["until"] == "06:30"
    check(Words("请立即离开水边", life_safety=True), HORN, NIGHT, [])
    check(Words("请挪车", override_reason="消防通道被堵"), HORN, NIGHT, [])


def test_the_same_words_are_said_three_times_in_ten_minutes_at_most() -> None:
    said = [NOON - timedelta(minutes=m) for m in (1, 5, 9)]
    with pytest.raises(RepeatedTooOften):
        check(Words("此处禁止垂钓"), HORN, NOON, said)
    check(Words("此处禁止垂钓"), HORN, NOON + timedelta(minutes=2), said)
    check(Words("请立即离开水边", life_safety=True), HORN, NOON, said)


def test_a_loudspeaker_out_of_use_says_nothing_at_all() -> None:
    with pytest.raises(LoudspeakerOff):
        check(Words("请离开", life_safety=True), Habits("旧喇叭", is_enabled=False), NOON, [])


@pytest.mark.parametrize("text", ["", "   ", "水" * (MAX_TEXT + 1)])
def test_no_words_and_too_many_are_refused(text: str) -> None:
    with pytest.raises(BadText):
        check(Words(text, life_safety=True), HORN, NOON, [])


@pytest.mark.parametrize(
    ("now", "quiet"),
    [("21:59", False), ("22:00", True), ("03:00", True), ("06:29", True), ("06:30", False)],
)
def test_quiet_hours_run_over_midnight(now: str, *, quiet: bool) -> None:
    assert is_quiet(HORN, time.fromisoformat(now)) is quiet


def test_quiet_hours_within_a_day_and_none_at_all() -> None:
    lunch = Habits("喇叭", is_enabled=True, quiet_from=time(12), quiet_to=time(14))
    assert is_quiet(lunch, time(13))
    assert not is_quiet(lunch, time(23))
    assert not is_quiet(Habits("喇叭", is_enabled=True), time(3))


def test_volume_is_a_step_in_loudness_and_nought_is_silence() -> None:
    assert gain(0) == 0.0
    assert gain(100) == gain(130) == 1.0
    assert gain(70) == pytest.approx(0.355, abs=0.001)
    assert gain(40) < gain(70)


def test_a_failed_call_has_a_name_and_some_are_tried_again() -> None:
    assert failure_code(486) == "voice.busy"
    assert failure_code(401) == "voice.wrong_password"
    assert failure_code(499) == "voice.refused"
    assert [is_worth_another_try(s) for s in (408, 486, 503, 401, 404, 488)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
