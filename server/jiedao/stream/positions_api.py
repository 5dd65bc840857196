# SPDX-License-Identifier: Apache-2.0
"""Positions of people on duty, in batches: the newest is where they are, all are their track."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jiedao.base.clock import Clock
from jiedao.base.errors import BadInput
from jiedao.stream import store
from jiedao.stream.access import admit
from jiedao.stream.answers import answer
from jiedao.stream.errors import OffDuty, TooManyFixes

BATCH = 500
BODY_BYTES = 256 * 1024
OLDEST = timedelta(days=7)

Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]


class Fix(msgspec.Struct, frozen=True):
    """A position by the device's own clock, WGS-84."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    lon: Longitude
    lat: Latitude
    accuracy_m: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    battery_pct: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None


class Batch(msgspec.Struct, frozen=True):
    """What a device sends at once."""

    fixes: list[Fix]


@dataclass(frozen=True, slots=True)
class PositionDoor:
    """Serves POST /positions."""

    database: store.Database
    clock: Clock

    async def take(self, request: Request) -> Response:
        batch = _parse(await _body(request))
        if len(batch.fixes) > BATCH:
            raise TooManyFixes(limit=BATCH, given=len(batch.fixes))
        ticket = await admit(self.database, request.query_params.get("ticket", ""), "positions")
        now = self.clock.now()
        fixes = to_keep(batch.fixes, now)
        async with self.database.transaction(actor=ticket.party) as link:
            # Where somebody is outside a shift is nobody's business here.
            if not await store.is_on_duty(link, ticket.party):
                raise OffDuty
            if fixes:
                await store.keep_fixes(link, ticket.party, fixes, now)
        return answer({"kept": len(fixes)})


def to_keep(fixes: list[Fix], now: datetime) -> list[store.StoredFix]:
    """Bring fixes into the order of their times, as the server can trust them.

    A device whose clock runs ahead would otherwise hide every later fix behind a future one, so
    no fix counts as later than its receipt. Fixes older than a week are not kept.
    """
    kept = [
        store.StoredFix(min(fix.at, now), fix.lon, fix.lat, fix.accuracy_m, fix.battery_pct)
        for fix in fixes
        if fix.at > now - OLDEST
    ]
    return sorted(kept, key=lambda fix: fix.at)


def _parse(body: bytes) -> Batch:
    try:
        return msgspec.json.decode(body, type=Batch)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(where="fixes", why=str(error)[:200]) from error


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_BYTES:
            raise BadInput(where="fixes", why=f"at most {BODY_BYTES} bytes / 内容太大")
    return bytes(body)
