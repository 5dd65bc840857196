# SPDX-License-Identifier: Apache-2.0
"""When a plan's steps are due, and what a look at a zone means. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from jiedao.catalog.rules import Plan, PlanStep

#: A word on a zone older than this says nothing about now.
LOOK_FRESH = timedelta(seconds=3)

#: Words that nobody has said to their end by now hold up the rest of the plan no longer.
SPEAK_WITHIN = timedelta(seconds=90)
#: How often a step is tried that cannot be taken yet. Somebody may check in within minutes; a
#: loudspeaker does not appear, and the steps after it must not wait for one.
ATTEMPTS = {"dispatch": 30, "announce": 2, "look": 1, "tell_lead": 2}

CLEAR, NOT_CLEAR, NOT_KNOWN = "clear", "not_clear", "not_known"


def first_due(plan: Plan, start: datetime) -> dict[str, datetime]:
    """Due times of the steps that wait for no other."""
    return {s.step: start + timedelta(seconds=s.after_s) for s in plan.steps if s.follows is None}


def due_after(plan: Plan, step: str, done_at: datetime) -> dict[str, datetime]:
    """Due times of the steps that follow one that is over."""
    return {s.step: done_at + timedelta(seconds=s.after_s) for s in plan.steps if s.follows == step}


def is_called_for(step: PlanStep, last_look: str | None) -> bool:
    """Whether a step is to be taken, given what the last look found.

    Not knowing is never taken for clear.
    """
    return step.when == "always" or last_look != CLEAR


def look(words: Sequence[Mapping[str, object]], now: datetime) -> dict[str, object]:
    """What the latest words on a camera's zones amount to.

    Args:
        words: for each zone its count (None if unknown), blind, and at (aware datetime).

    Returns:
        found: "clear", "not_clear" or "not_known"; count; age_s of the oldest word.
    """
    if not words:
        return {"found": NOT_KNOWN, "count": None, "age_s": None, "why": "no_word"}
    ages = [(now - at).total_seconds() for word in words if isinstance(at := word["at"], datetime)]
    age_s = round(max(ages), 2)
    if age_s > LOOK_FRESH.total_seconds():
        return {"found": NOT_KNOWN, "count": None, "age_s": age_s, "why": "stale"}
    counts = [word["count"] for word in words if not word["blind"]]
    if len(counts) < len(words) or any(count is None for count in counts):
        return {"found": NOT_KNOWN, "count": None, "age_s": age_s, "why": "blind"}
    total = sum(count for count in counts if isinstance(count, int))
    return {"found": NOT_CLEAR if total else CLEAR, "count": total, "age_s": age_s, "why": ""}
