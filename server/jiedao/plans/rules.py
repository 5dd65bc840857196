# SPDX-License-Identifier: Apache-2.0
"""When a plan's steps are due, and what a look at a zone means. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from jiedao.catalog.rules import Plan, PlanStep
from jiedao.signals.rules import hides, is_same_spot

#: A word on a zone older than this says nothing about now.
LOOK_FRESH = timedelta(seconds=3)

#: Words that nobody has said to their end by now hold up the rest of the plan no longer.
SPEAK_WITHIN = timedelta(seconds=90)
#: How often a step is tried that cannot be taken yet. Somebody may check in within minutes; a
#: loudspeaker does not appear, and the steps after it must not wait for one.
ATTEMPTS = {"dispatch": 30, "announce": 2, "look": 1, "settle": 1, "tell_lead": 2}

#: What a drill of a kind rehearses, by the item of the matter that it becomes.
DRILLED = {"fence": "water_fence", "stall": "road_stall"}

#: Drills follow each other no faster than this, and no more than so many within a while.
DRILL_EVERY = timedelta(seconds=15)
DRILLS_MOST = 20
DRILLS_WITHIN = timedelta(hours=1)

#: What was last heard of a zone; see ``signals.store.words_on_zones``.
Word = Mapping[str, object]

CLEAR, NOT_CLEAR, NOT_KNOWN = "clear", "not_clear", "not_known"


def drill_wait(asked_at: Sequence[datetime], now: datetime) -> timedelta:
    """How long until another drill may be asked for, given when others were; zero if at once."""
    lately = sorted(at for at in asked_at if now - at < DRILLS_WITHIN)
    too_soon = lately[-1] + DRILL_EVERY - now if lately else timedelta(0)
    full = lately[-DRILLS_MOST] + DRILLS_WITHIN - now if len(lately) >= DRILLS_MOST else too_soon
    return max(too_soon, full, timedelta(0))


class Pace(StrEnum):
    """At which of its paces a plan runs; one that a step says nothing of is the usual one."""

    USUAL, SCHOOL, DRILL = "usual", "school", "drill"


def pause(step: PlanStep, pace: str) -> timedelta:
    """How long a step waits for what it follows."""
    own = next((after_s for name, after_s in step.paces.items() if name == pace), step.after_s)
    return timedelta(seconds=own)


def first_due(plan: Plan, start: datetime, pace: str = Pace.USUAL) -> dict[str, datetime]:
    """Due times of the steps that wait for no other."""
    return {s.step: start + pause(s, pace) for s in plan.steps if s.follows is None}


def due_after(
    plan: Plan, step: str, done_at: datetime, pace: str = Pace.USUAL
) -> dict[str, datetime]:
    """Due times of the steps that follow one that is over."""
    return {s.step: done_at + pause(s, pace) for s in plan.steps if s.follows == step}


def is_called_for(step: PlanStep, last_look: str | None) -> bool:
    """Whether a step is to be taken, given what the last look found.

    Not knowing is never taken for clear.
    """
    match step.when:
        case "always":
            return True
        case "clear":
            return last_look == CLEAR
        case "not_clear":
            return last_look != CLEAR
        case never:
            assert_never(never)


def look(words: Sequence[Word], seen_at: datetime, now: datetime) -> dict[str, object]:
    """What the latest words on a camera's zones amount to.

    Args:
        words: for each zone its count (None if unknown), blind, at, and since (aware datetimes):
            from when on the zone has been watched without a gap, or None if nobody says.
        seen_at: when what it is about was last seen. Whatever stood still while nobody watched
            is taken for a part of the street, so a clear zone says something only to an eye
            that has been open ever since.

    Returns:
        found: "clear", "not_clear" or "not_known"; count; age_s of the oldest word; why.
    """
    if not words:
        return _unknown("no_word")
    ages = [(now - at).total_seconds() for word in words if isinstance(at := word["at"], datetime)]
    age_s = round(max(ages), 2)
    if age_s > LOOK_FRESH.total_seconds():
        return _unknown("stale", age_s)
    counts = [word["count"] for word in words if not word["blind"]]
    if len(counts) < len(words) or any(count is None for count in counts):
        return _unknown("blind", age_s)
    total = sum(count for count in counts if isinstance(count, int))
    if total:
        return {"found": NOT_CLEAR, "count": total, "age_s": age_s, "why": ""}
    if any(isinstance(since := word["since"], datetime) and since > seen_at for word in words):
        return _unknown("looked_away", age_s)
    return {"found": CLEAR, "count": 0, "age_s": age_s, "why": ""}


def at_spot(word: Word, spot: Sequence[float]) -> Word:
    """The word on a zone as it is of one place in it; others in the zone do not count.

    What stands before the place counts: it may hide whoever is there.

    Args:
        spot: a box, left, top, right, bottom, 0..1 of the picture.
    """
    stays = word["stays"]
    boxes = stays if isinstance(stays, list) else []
    here = [box for box in boxes if is_same_spot(spot, box) or hides(box, spot)]
    return {**word, "count": None if word["count"] is None else len(here)}


def _unknown(why: str, age_s: float | None = None) -> dict[str, object]:
    return {"found": NOT_KNOWN, "count": None, "age_s": age_s, "why": why}
