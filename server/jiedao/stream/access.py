# SPDX-License-Identifier: Apache-2.0
"""Who may come in: a ticket that works once, from a page of this town's own address."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit

from jiedao.base.settings import Settings
from jiedao.stream import store
from jiedao.stream.errors import TicketRefused, WrongOrigin

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TOKEN_LIMIT = 256


async def admit(database: store.Database, token: str, purpose: str) -> store.Ticket:
    """Consume the ticket.

    Raises:
        TicketRefused: it is unknown, used, out of date, or was issued for something else.
        DatabaseAway: the database does not answer; the ticket may still be good.
    """
    if not token or len(token) > TOKEN_LIMIT:
        raise TicketRefused
    async with database.transaction() as link:
        ticket = await store.consume_ticket(link, token, purpose)
    if ticket is None:
        raise TicketRefused
    return ticket


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The host names from which this town's pages are served."""
    named = {settings.bind, urlsplit(settings.public_stream_url).hostname or ""}
    return LOOPBACK | frozenset(name.lower() for name in named if name and not _is_any(name))


def check_origin(origin: str | None, host: str | None, allowed: Iterable[str]) -> None:
    """Refuse pages of other addresses.

    A request without Origin comes from no browser page and has to hold a ticket like any other.
    A page may call the host from which it was itself served, on whatever port. A name that is
    pointed at us later gains nothing by that: there are no cookies here, only tickets.

    Args:
        origin: the Origin header, such as "http://127.0.0.1:8420".
        host: the Host header, such as "127.0.0.1:8421".
        allowed: host names that serve this town's pages.

    Raises:
        WrongOrigin: the page comes from somewhere else.
    """
    if origin is None:
        return
    name = _hostname(origin)
    if name is None or not (name in allowed or name == _hostname(f"//{host or ''}")):
        raise WrongOrigin(origin=origin[:100])


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _is_any(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_unspecified
    except ValueError:
        return False
