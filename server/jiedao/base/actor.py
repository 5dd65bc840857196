# SPDX-License-Identifier: Apache-2.0
"""Who acts: the person, device or process in whose name an action runs."""

from dataclasses import dataclass
from uuid import UUID

from jiedao.base.errors import NotAllowed

SYSTEM_ID = UUID(int=1)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whose act it is and how far it reaches.

    Attributes:
        id: the party; SYSTEM_ID for the platform itself.
        roles: role codes of the appointments in force, such as "operator".
        path: the place path whose subtree may be seen; "" for no place at all.
        screen: from which screen or process, kept in every record.
    """

    id: UUID
    roles: frozenset[str] = frozenset()
    path: str = ""
    screen: str = ""

    @property
    def audiences(self) -> tuple[str, ...]:
        """The names under which a feed event may be addressed to this actor."""
        return (f"party:{self.id}", *sorted(f"role:{role}" for role in self.roles))

    def require(self, action: str, *roles: str) -> None:
        """Raise NotAllowed unless the actor holds one of the roles."""
        if self.roles.isdisjoint(roles):
            raise NotAllowed(action=action)


def system(screen: str) -> Actor:
    """The platform itself, acting in one of its processes."""
    return Actor(SYSTEM_ID, frozenset({"system"}), "/", screen)
