# SPDX-License-Identifier: Apache-2.0
"""The one door of the web process: who asks, from which screen, and in which transaction."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.http import HttpRequest

from jiedao.base.actor import system
from jiedao.base.clock import Clock, SystemClock
from jiedao.base.database import Tx, transact
from jiedao.town import sessions
from jiedao.town.errors import ForeignRequest, WallOnlyShows
from jiedao.town.sessions import SignedIn

_SEAT = re.compile(r"[a-z]{1,16}")
_SAFE = ("GET", "HEAD", "OPTIONS")
#: The seat of the big screen, which shows and decides nothing.
WALL = "wall"

#: Turned by hand in tests.
clock: Clock = SystemClock()


def seat_of(request: HttpRequest) -> str:
    """The seat whose session a request uses, "" for the browser's only one."""
    seat = request.headers.get("X-Jiedao-Seat") or request.GET.get("seat") or ""
    return seat if _SEAT.fullmatch(seat) else ""


def cookie_name(seat: str) -> str:
    return f"jiedao_session_{seat}" if seat else "jiedao_session"


def check_home(request: HttpRequest) -> None:
    """Refuse a changing request that does not come from our own pages.

    A browser lets no other site set the header, and sends a true Origin.

    Raises:
        ForeignRequest: the header is missing, or the Origin is another.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("Origin")
    if "X-Jiedao-CSRF" not in request.headers:
        raise ForeignRequest(origin=origin or "-")
    if origin and urlsplit(origin).netloc != request.get_host():
        raise ForeignRequest(origin=origin)


class Door:
    """Lets signed-in people in. Used as a route's policy.

    Args:
        wall: the big screen may do this too. It hangs in the room with nobody before it, so
            whatever else would change something is refused from there.
    """

    def __init__(self, *, wall: bool = False) -> None:
        self._wall = wall

    def __call__(self, request: HttpRequest) -> SignedIn:
        """Who asks.

        Raises:
            NotSignedIn, ForeignRequest, WallOnlyShows.
        """
        check_home(request)
        seat = seat_of(request)
        if seat == WALL and request.method not in _SAFE and not self._wall:
            raise WallOnlyShows
        token = request.COOKIES.get(cookie_name(seat), "")
        with transact(system("door"), clock) as tx:
            return sessions.who_is(tx, token, seat or "web")


signed_in = Door()
signed_in_or_wall = Door(wall=True)


def anyone(request: HttpRequest) -> bool:
    """The policy of the few routes that are open to all; changing ones still come from home."""
    check_home(request)
    return True


def who(request: HttpRequest) -> SignedIn:
    """Who was let in with this request."""
    found = request.auth  # type: ignore[attr-defined]  # set by ninja from the policy's answer
    if not isinstance(found, SignedIn):
        raise TypeError("a route behind the door of anyone asked who it is")
    return found


@contextmanager
def acting(request: HttpRequest) -> Iterator[Tx]:
    """The request's one transaction, in the name of who asks."""
    with transact(who(request).actor, clock) as tx:
        yield tx


@contextmanager
def acting_for_all(screen: str = "web") -> Iterator[Tx]:
    """A transaction of the platform itself, for routes that are open to all."""
    with transact(system(screen), clock) as tx:
        yield tx
