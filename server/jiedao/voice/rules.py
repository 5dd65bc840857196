# SPDX-License-Identifier: Apache-2.0
"""When a loudspeaker may speak, and what a failed call means. Pure.

Speech that saves lives is never held back: neither quiet hours nor the repeat limit apply to it.
Announcements queue, they do not replace each other; those that save lives go first, and one that
does not breaks off for them, to be said from its beginning afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from jiedao.voice.errors import (
    BadText,
    ConfirmWide,
    LoudspeakerOff,
    QuietHours,
    RepeatedTooOften,
    TooLoud,
)

MAX_TEXT = 300
"""Signs; about a minute of speech."""
MAX_WIDE_TEXT = 120
"""Signs for many loudspeakers at once; about 25 seconds, as long as people listen to a horn."""
WIDE = 5
"""From so many loudspeakers on, the number is asked for twice."""
LOUDEST = 85
"""Volume that words may have on which no lives depend."""
REPEATS = 3
REPEAT_WINDOW = timedelta(minutes=10)
REACH_M = 500.0
"""A horn of the usual 30 W is understood about this far."""
LEASE = timedelta(seconds=3)
"""How long a claim holds without being renewed; a dead process is followed this soon."""
MAX_ATTEMPTS = 5
"""Enough to outlast a horn that takes some seconds to notice that a call is dead."""
RETRY_AFTER = timedelta(seconds=1)
TALK_BEGINS_WITHIN = timedelta(seconds=10)
"""A page that asked to talk connects at once; one that has not by then never will."""
FULL_VOLUME = 100
DB_PER_VOLUME = 0.3
"""Volume 70 is 9 dB below full, which sounds about half as loud."""

UNDER_WAY = ("calling", "playing")
OVER = ("played", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wants said.

    Attributes:
        life_safety: lives depend on it; a property of the phrase, or said by who typed it.
        override_reason: why it must be said in quiet hours or once more, or "".
    """

    text: str
    life_safety: bool = False
    override_reason: str = ""

    @property
    def is_exempt(self) -> bool:
        """Whether neither quiet hours nor the repeat limit hold it back."""
        return self.life_safety or bool(self.override_reason.strip())


@dataclass(frozen=True, slots=True)
class Habits:
    """What a loudspeaker allows. Quiet hours are local time and may run over midnight."""

    name: str
    is_enabled: bool
    quiet_from: time | None = None
    quiet_to: time | None = None


def check(words: Words, habits: Habits, local_now: datetime, said_at: Sequence[datetime]) -> None:
    """Refuse what may not be said there now.

    Args:
        local_now: the town's time.
        said_at: when the same words were asked for at the same loudspeaker before.

    Raises:
        BadText: no words, or more than MAX_TEXT signs.
        LoudspeakerOff: it is out of use; this holds for everybody.
        QuietHours, RepeatedTooOften: unless lives depend on it, or a reason is given.
    """
    if not words.text.strip() or len(words.text) > MAX_TEXT:
        raise BadText(most=MAX_TEXT, length=len(words.text))
    check_hour(habits, local_now, exempt=words.is_exempt)
    if words.is_exempt:
        return
    if sum(local_now - at < REPEAT_WINDOW for at in said_at) >= REPEATS:
        raise RepeatedTooOften(name=habits.name, times=REPEATS, minutes=10)


def check_hour(habits: Habits, local_now: datetime, *, exempt: bool) -> None:
    """Refuse a loudspeaker that is out of use, or rests now.

    Args:
        exempt: lives depend on it, or a reason is given.

    Raises:
        LoudspeakerOff, QuietHours.
    """
    if not habits.is_enabled:
        raise LoudspeakerOff(name=habits.name)
    if not exempt and is_quiet(habits, local_now.time()):
        raise QuietHours(name=habits.name, until=f"{habits.quiet_to:%H:%M}")


def check_volume(volume: int | None, *, life_safety: bool) -> None:
    """Refuse what is louder than it may be; None is the loudspeaker's own volume.

    Raises:
        TooLoud: unless lives depend on it.
    """
    if volume is not None and volume > LOUDEST and not life_safety:
        raise TooLoud(most=LOUDEST, volume=volume)


def check_wide(text: str, number: int, confirmed: int) -> None:
    """Refuse many loudspeakers at once, unless the person has been shown how many they are.

    Args:
        confirmed: the number that the person confirmed; 0 for none.

    Raises:
        ConfirmWide: it is another number.
        BadText: too long for so many.
    """
    if number < WIDE:
        return
    if len(text) > MAX_WIDE_TEXT:
        raise BadText(most=MAX_WIDE_TEXT, length=len(text))
    if confirmed != number:
        raise ConfirmWide(number=number)


def is_quiet(habits: Habits, now: time) -> bool:
    """Whether the quiet hours cover this time of day."""
    start, end = habits.quiet_from, habits.quiet_to
    if start is None or end is None or start == end:
        return False
    return start <= now < end if start < end else now >= start or now < end


def gain(volume: int) -> float:
    """What samples are multiplied by for a volume of 0..100; 0 is silent."""
    if volume <= 0:
        return 0.0
    return float(10 ** ((min(volume, FULL_VOLUME) - FULL_VOLUME) * DB_PER_VOLUME / 20))


def failure_code(status: int) -> str:
    """The message code for a call that did not come about, by its SIP status."""
    return {
        401: "voice.wrong_password",
        403: "voice.refused",
        404: "voice.unknown_account",
        407: "voice.wrong_password",
        408: "voice.no_answer",
        478: "voice.no_address",
        480: "voice.no_answer",
        486: "voice.busy",
        488: "voice.no_codec",
        600: "voice.busy",
    }.get(status, "voice.refused")


def is_worth_another_try(status: int) -> bool:
    """Whether the same call may succeed a second later: silence, busy, or trouble over there."""
    return status in (408, 480, 486, 600) or 500 <= status < 600
