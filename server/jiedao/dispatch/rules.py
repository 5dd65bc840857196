# SPDX-License-Identifier: Apache-2.0
"""Who goes: on duty, fit, not busy, nearest first. Pure; every choice carries its reasons."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jiedao.base.distance import distance_m
from jiedao.matters.rules import TaskState

#: An offer that nobody answers in this time goes to the next.
PATIENCE = timedelta(seconds=60)
#: How often the same party is asked about the same matter without ever answering.
UNANSWERED_AT_MOST = 3
#: A fix older than this says nothing about where somebody is now.
FRESH = timedelta(minutes=5)
#: Walking briskly, and what streets add to the straight line.
WALK_M_PER_S = 1.4
DETOUR = 1.3


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody on duty, as dispatch sees them. Positions are WGS-84 degrees.

    Attributes:
        battery_pct: what their phone had left when it last said where it is; None if it never did.
    """

    party: UUID
    name: str
    post: str
    unit: str
    fix: tuple[float, float] | None
    fix_at: datetime | None
    check_in: tuple[float, float] | None
    base: tuple[float, float] | None
    busy_with: UUID | None
    skills: frozenset[str] = frozenset()
    battery_pct: int | None = None

    def heard_age_s(self, at: datetime) -> float | None:
        """How long ago their phone last said where it was, however old; None if it never did."""
        return None if self.fix_at is None else max(0.0, (at - self.fix_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hand with its distance and why it stands where it stands.

    Attributes:
        fix_source: "fix" for a fresh position, else "checkin" or "post", and said so.
        fix_age_s: age of the position used; None for a check-in or a post.
        heard_age_s: age of the phone's last position, used or not; None if there is none.
        battery_pct: what the phone had left then, 0..100; None if it does not say.
    """

    party: UUID
    name: str
    post: str
    unit: str
    distance_m: float
    travel_s: float
    fix_source: str
    fix_age_s: float | None
    reasons: tuple[str, ...]
    heard_age_s: float | None = None
    battery_pct: int | None = None

    def facts(self) -> dict[str, Any]:
        """The choice as a record may keep it: who by id, never by name."""
        values = asdict(self)
        for told_elsewhere in ("name", "post", "unit"):
            del values[told_elsewhere]
        return values | {"party": str(self.party), "reasons": list(self.reasons)}


def candidates(
    hands: Iterable[Hand],
    to: tuple[float, float],
    at: datetime,
    *,
    skills: frozenset[str] = frozenset(),
    asked: frozenset[UUID] = frozenset(),
) -> list[Candidate]:
    """Those who can go, nearest first; those asked before come last.

    Args:
        to: where, (lon, lat).
        skills: what the item needs; hands without them are left out.
        asked: parties whose earlier offer ran out or was refused.
    """
    found = [
        candidate
        for hand in hands
        if hand.busy_with is None and skills <= hand.skills
        for candidate in (_candidate(hand, to, at, asked),)
        if candidate is not None
    ]
    return sorted(found, key=lambda c: ("asked_before" in c.reasons, c.distance_m, str(c.party)))


def _candidate(
    hand: Hand, to: tuple[float, float], at: datetime, asked: frozenset[UUID]
) -> Candidate | None:
    where = whereabouts(hand, at)
    if where is None:
        return None
    position, source, age_s = where
    distance = distance_m(position, to)
    reasons = ["on_duty", "free", f"position_{source}"]
    if hand.party in asked:
        reasons.append("asked_before")
    return Candidate(
        hand.party,
        hand.name,
        hand.post,
        hand.unit,
        round(distance, 1),
        round(distance * DETOUR / WALK_M_PER_S, 1),
        source,
        age_s,
        tuple(reasons),
        hand.heard_age_s(at),
        hand.battery_pct,
    )


def may_be_asked(tasks: Iterable[TaskState], party: UUID) -> bool:
    """Whether the platform may offer a matter to a party by itself.

    Not to one who refused it, and not for ever to one who does not answer.
    """
    before = [task.state for task in tasks if task.party == party]
    return "refused" not in before and before.count("expired") < UNANSWERED_AT_MOST


def whereabouts(hand: Hand, at: datetime) -> tuple[tuple[float, float], str, float | None] | None:
    """The best known position, where it comes from, and its age in seconds."""
    if hand.fix is not None and hand.fix_at is not None and at - hand.fix_at <= FRESH:
        return hand.fix, "fix", max(0.0, (at - hand.fix_at).total_seconds())
    if hand.check_in is not None:
        return hand.check_in, "checkin", None
    if hand.base is not None:
        return hand.base, "post", None
    return None
