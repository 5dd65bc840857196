# SPDX-License-Identifier: Apache-2.0
"""What a matter has to see done in time, and who is told when it was not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jiedao.catalog.rules import Overdue


@dataclass(frozen=True, slots=True)
class Deadline:
    """One of a matter's deadlines, as its report laid it down.

    Attributes:
        at: when it passes.
        states: the states in which the thing still has not been done.
        unconfirmed: only as long as nobody has confirmed the matter either.
        tell: whom or how, such as "duty_lead" or "red_flag".
        told_at: when it was put on record that it has passed; None before.
    """

    code: str
    at: datetime
    states: tuple[str, ...]
    unconfirmed: bool
    tell: tuple[str, ...]
    name: Mapping[str, str] = field(default_factory=dict)
    told_at: datetime | None = None

    def holds(self, state: str, *, confirmed: bool) -> bool:
        """Whether what it asks for still has not been done."""
        return state in self.states and not (self.unconfirmed and confirmed)


def laid_down(
    rules: Mapping[str, Overdue],
    severity: int,
    opened_at: datetime,
    due: Mapping[str, datetime | None],
) -> list[Deadline]:
    """The deadlines of a matter that opens now.

    Args:
        due: the item's due times by name, "respond_by" and "due_at"; None where it has none.
    """
    found = []
    for code, rule in rules.items():
        after = timedelta(seconds=rule.after_s or 0)
        at = due[rule.of] if rule.of is not None else opened_at + after
        if at is not None and severity in rule.severities:
            states, tell = tuple(rule.states), tuple(rule.tell)
            name = {str(language): word for language, word in rule.name.items()}
            found.append(Deadline(code, at, states, rule.unconfirmed, tell, name))
    return found


def told_to(late: Iterable[Deadline], *, escalated: bool) -> tuple[str, ...]:
    """Whom or how a matter calls for, in alphabetical order."""
    called = {whom for deadline in late for whom in deadline.tell}
    return tuple(sorted(called | ({"duty_lead"} if escalated else set())))


def to_json(deadline: Deadline) -> dict[str, Any]:
    """As records and rows keep it."""
    told_at = deadline.told_at
    return {
        "code": deadline.code,
        "name": dict(deadline.name),
        "at": deadline.at.isoformat(),
        "while": list(deadline.states),
        "unconfirmed": deadline.unconfirmed,
        "tell": list(deadline.tell),
        "told_at": None if told_at is None else told_at.isoformat(),
    }


def from_json(kept: Mapping[str, Any]) -> Deadline:
    told_at = kept.get("told_at")
    return Deadline(
        code=kept["code"],
        at=datetime.fromisoformat(kept["at"]),
        states=tuple(kept["while"]),
        unconfirmed=kept["unconfirmed"],
        tell=tuple(kept["tell"]),
        name=dict(kept["name"]),
        told_at=None if told_at is None else datetime.fromisoformat(told_at),
    )
