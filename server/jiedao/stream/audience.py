# SPDX-License-Identifier: Apache-2.0
"""Who is told what: a pure rule over names and places."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Listener:
    """How far the person behind a socket sees.

    Attributes:
        names: the names an event may be addressed to, such as "party:<uuid>", "role:operator".
        path: place path whose subtree is seen; "" for no place at all, "/" for the whole town.
    """

    names: frozenset[str]
    path: str


def may_see(audience: frozenset[str], place_path: str, listener: Listener) -> bool:
    """Whether an event reaches a listener.

    A person or account addressed by name is told wherever the place lies: the task is theirs.
    A role is told only of places inside the listener's own. An event addressed to nobody reaches
    nobody.
    """
    shared = audience & listener.names
    if any(name.startswith(("party:", "account:")) for name in shared):
        return True
    return bool(shared) and is_within(place_path, listener.path)


def is_within(place_path: str, scope: str) -> bool:
    """Whether a place lies in the subtree of a scope; "/a/b" holds "/a/b/c" but not "/a/bc"."""
    if not scope.startswith("/"):
        return False
    branch = scope.rstrip("/")
    return place_path.rstrip("/") == branch or place_path.startswith(branch + "/")
