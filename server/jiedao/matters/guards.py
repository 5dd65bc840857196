# SPDX-License-Identifier: Apache-2.0
"""The named guards that flows may ask for: small, pure, one claim each."""

from collections.abc import Callable, Mapping
from uuid import UUID

from jiedao.matters.rules import MatterState

Given = Mapping[str, object]
Guard = Callable[[MatterState, UUID, Given], bool]


def not_confirmed(matter: MatterState, _actor: UUID, _given: Given) -> bool:
    """Nobody has confirmed the alarm yet; after that it is handled, not waved away."""
    return not matter.confirmed


def verifier_is_not_handler(matter: MatterState, actor: UUID, _given: Given) -> bool:
    """Whoever handled a matter never verifies it."""
    return actor not in matter.handlers


def into_another(matter: MatterState, _actor: UUID, given: Given) -> bool:
    """A matter is merged into another one, never into itself."""
    return str(given.get("into")) != str(matter.id)


def has_evidence(matter: MatterState, _actor: UUID, _given: Given) -> bool:
    """Somebody reported back, so that there is something to verify."""
    return bool(matter.handlers)


GUARDS: dict[str, Guard] = {
    "not_confirmed": not_confirmed,
    "verifier_is_not_handler": verifier_is_not_handler,
    "rater_is_not_handler": verifier_is_not_handler,
    "into_another": into_another,
    "has_evidence": has_evidence,
}
