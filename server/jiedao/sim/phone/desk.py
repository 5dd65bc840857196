# SPDX-License-Identifier: Apache-2.0
"""What the duty room does when nobody sits there: confirm, send, verify, rate. Pure decisions."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
UNHANDLED = frozenset({"reported", "filed"})
UNDER_WAY = frozenset({"dispatched", "on_way", "on_scene", "handling"})


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to try on a matter: confirm, send, verify or rate."""

    do: str
    matter: str


def plan_goes_on(detail: Json) -> bool:
    """Whether a step of the matter's plan is still to come, as the desk shows it."""
    steps = (detail.get("plan") or {}).get("steps", ())
    return any(step["state"] in ("waiting", "running") for step in steps)


@dataclass(slots=True)
class DutyRoom:
    """Looks at the queue and says what is due; each thing is tried once, a while after it is seen.

    Attributes:
        pace: how many times faster than life it acts.
    """

    dice: random.Random
    pace: float = 1.0
    _dues: dict[tuple[str, str], float] = field(init=False, default_factory=dict)
    _done: set[tuple[str, str]] = field(init=False, default_factory=set)

    def live(self, now_s: float, cards: Iterable[Json]) -> list[Deed]:
        """What to do now with these cards."""
        deeds = []
        for card in cards:
            matter, state, version = str(card["id"]), card["state"], str(card["version"])
            if state in UNHANDLED | UNDER_WAY and self._is_due(matter, "confirm", now_s, 8, 18):
                deeds.append(Deed("confirm", matter))
            # Sent back or refused, it is sent again: hence the version.
            step = f"send:{version}"
            if state == "filed" and self._is_due(matter, step, now_s, 15, 25):
                deeds.append(Deed("send", matter))
            step = f"verify:{version}"
            if state == "verifying" and self._is_due(matter, step, now_s, 20, 40):
                deeds.append(Deed("verify", matter))
            if state == "closed" and self._is_due(matter, "rate", now_s, 10, 20):
                deeds.append(Deed("rate", matter))
        return deeds

    def _is_due(self, matter: str, step: str, now_s: float, low_s: float, high_s: float) -> bool:
        key = (matter, step)
        if key in self._done:
            return False
        wait_s = self.dice.uniform(low_s, high_s) / self.pace
        if now_s < self._dues.setdefault(key, now_s + wait_s):
            return False
        self._done.add(key)
        return True
