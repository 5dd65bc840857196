# SPDX-License-Identifier: Apache-2.0
"""Every query of the stream process, over asyncpg, as database role jiedao_stream."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from jiedao.base.actor import SYSTEM_ID
from jiedao.base.blobs import BlobRef
from jiedao.base.errors import DiskFull
from jiedao.stream.errors import DatabaseAway

CONNECT_S, ANSWER_S = 3.0, 5.0

#: What asyncpg raises when the server goes, is going, or has not come yet. Class 08 is
#: "connection", 57 "operator intervention", 53 "out of resources".
AWAY = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)

# asyncpg comes without types; rows and connections are read only in this module.
Connection = Any
Row = Any


@dataclass(frozen=True, slots=True)
class Ticket:
    """A consumed pass: who came, and how far they see.

    Attributes:
        session, standing: the session it was issued in, and what its rights rested on.
    """

    account: UUID
    party: UUID
    audiences: frozenset[str]
    path: str
    subject: UUID | None
    expires_at: datetime
    session: str = ""
    standing: str = ""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A sealed record with the card of its matter; `payload` and `card` are JSON text."""

    position: int
    verb: str
    at: datetime
    matter: UUID | None
    task: UUID | None
    version: int | None
    subject_kind: str
    subject: UUID
    payload: str
    card: str | None
    audience: frozenset[str]
    place_path: str


@dataclass(frozen=True, slots=True)
class StoredFix:
    """A position, WGS-84, as it will be kept; the battery with the latest one only."""

    at: datetime
    lon: float
    lat: float
    accuracy_m: float | None
    battery_pct: int | None = None


class Database:
    """A small pool; every transaction says first who acts, as row security demands."""

    def __init__(self, dsn: str, size: int = 6) -> None:
        self._dsn = dsn
        self._size = size
        self._pool: Any = None

    async def open(self) -> None:
        """Make the pool; connects when first used, so a database that is away stops nothing."""
        self._pool = await asyncpg.create_pool(
            self._dsn,
            min_size=0,
            max_size=self._size,
            timeout=CONNECT_S,
            command_timeout=ANSWER_S,
        )

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self, actor: UUID = SYSTEM_ID, path: str = "/") -> AsyncIterator[Any]:
        """One transaction in the name of an actor.

        Raises:
            DatabaseAway: the database does not answer.
            DiskFull: it has no room for what was to be written.
        """
        try:
            async with self._pool.acquire(timeout=CONNECT_S) as link, link.transaction():
                await say_who(link, actor, path)
                yield link
        except asyncpg.DiskFullError as error:
            raise DiskFull from error
        except AWAY as error:
            raise DatabaseAway from error

    async def answers(self) -> bool:
        """Whether the database can be used now."""
        try:
            async with self.transaction() as link:
                await link.fetchval("select 1")
        except (DatabaseAway, DiskFull):
            return False
        return True


async def connect(dsn: str) -> Connection:
    """A connection of its own, for LISTEN."""
    return await asyncpg.connect(dsn, timeout=CONNECT_S, command_timeout=ANSWER_S)


async def say_who(link: Connection, actor: UUID, path: str) -> None:
    await link.execute(
        "select set_config('jiedao.actor', $1, true), set_config('jiedao.path', $2, true)",
        str(actor),
        path,
    )


async def consume_ticket(link: Connection, token: str, purpose: str) -> Ticket | None:
    """Take a ticket out of the table, once; None if there is no such valid ticket."""
    row = await link.fetchrow(
        "delete from town_ticket where token_hash = $1 and purpose = $2 and expires_at > now()"
        " returning account_id, party_id, audiences, path, subject, expires_at, session, standing",
        hashlib.sha256(token.encode()).digest(),
        purpose,
    )
    if row is None:
        return None
    return Ticket(
        row["account_id"],
        row["party_id"],
        frozenset(row["audiences"]),
        row["path"],
        row["subject"],
        row["expires_at"],
        row["session"],
        row["standing"],
    )


async def forget_tickets(
    link: Connection, account: UUID, session: str, issued_before: datetime
) -> None:
    """Void the unused tickets of a session that ended; of all of the account's without a name."""
    await link.execute(
        "delete from town_ticket where account_id = $1 and ($2 = '' or $2 = any(audiences))"
        " and expires_at <= $3::timestamptz + interval '30 seconds'",
        account,
        session,
        issued_before,
    )


async def standings(link: Connection, sessions: Sequence[str], at: datetime) -> dict[str, str]:
    """What the rights of each session rest on now; a session that is over is not among them."""
    rows = await link.fetch(
        "select session, standing from town_standing($1::text[], $2)", list(sessions), at
    )
    return {row["session"]: row["standing"] for row in rows}


async def newest_position(link: Connection) -> int:
    """The highest sealed position; 0 before the first."""
    position: int = await link.fetchval("select coalesce(max(position), 0) from trace_seal")
    return position


async def sealed_after(
    link: Connection, position: int, limit: int, up_to: int | None = None
) -> list[FeedRow]:
    """Sealed records after a position, in order, with their matters' cards as they are now."""
    rows = await link.fetch(
        "select s.position, r.verb, r.at, r.matter_id, r.task_id, r.version, r.subject_kind,"
        " r.subject_id, r.payload::text as payload, r.audience, r.place_path"
        " from trace_seal s join trace_record r on r.id = s.record_id"
        " where s.position > $1 and ($2::bigint is null or s.position <= $2)"
        " order by s.position limit $3",
        position,
        up_to,
        limit,
    )
    cards = await _cards(link, {row["matter_id"] for row in rows if row["matter_id"]})
    return [_feed_row(row, cards.get(row["matter_id"])) for row in rows]


async def _cards(link: Connection, matters: set[UUID]) -> dict[UUID | None, str]:
    if not matters:
        return {}
    rows = await link.fetch(
        "select id, feed_card(id)::text as card from unnest($1::uuid[]) as id", list(matters)
    )
    return {row["id"]: row["card"] for row in rows if row["card"] is not None}


def _feed_row(row: Row, card: str | None) -> FeedRow:
    return FeedRow(
        position=row["position"],
        verb=row["verb"],
        at=row["at"],
        matter=row["matter_id"],
        task=row["task_id"],
        version=row["version"],
        subject_kind=row["subject_kind"],
        subject=row["subject_id"],
        payload=row["payload"],
        card=card,
        audience=frozenset(row["audience"]),
        place_path=row["place_path"],
    )


async def is_on_duty(link: Connection, party: UUID) -> bool:
    """Whether the party has checked in and not yet out."""
    found: bool = await link.fetchval(
        "select exists (select from dispatch_shift where party_id = $1 and checked_out_at is null)",
        party,
    )
    return found


async def keep_fixes(
    link: Connection, party: UUID, fixes: Sequence[StoredFix], received_at: datetime
) -> None:
    """Keep every fix in the history, and the newest as the latest, unless a newer one is there."""
    await link.execute(
        "insert into signals_position_history (party_id, lon, lat, accuracy_m, at, received_at)"
        " select $1, f.lon, f.lat, f.accuracy_m, f.at, $6"
        " from unnest($2::float8[], $3::float8[], $4::float8[], $5::timestamptz[])"
        " as f(lon, lat, accuracy_m, at)",
        party,
        [fix.lon for fix in fixes],
        [fix.lat for fix in fixes],
        [fix.accuracy_m for fix in fixes],
        [fix.at for fix in fixes],
        received_at,
    )
    newest = max(fixes, key=lambda fix: fix.at)
    await link.execute(
        "insert into signals_position as old"
        " (party_id, lon, lat, accuracy_m, at, received_at, battery_pct)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict (party_id) do update set"
        " lon = excluded.lon, lat = excluded.lat, accuracy_m = excluded.accuracy_m,"
        " at = excluded.at, received_at = excluded.received_at,"
        " battery_pct = excluded.battery_pct where old.at <= excluded.at",
        party,
        newest.lon,
        newest.lat,
        newest.accuracy_m,
        newest.at,
        received_at,
        newest.battery_pct,
    )


async def keep_upload(
    link: Connection, row: UUID, blob: BlobRef, media_type: str, *, party: UUID, at: datetime
) -> None:
    """Note who brought a file in; the same row twice is noted once."""
    await link.execute(
        "insert into signals_upload (id, sha256, size_bytes, media_type, party_id, at)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (id) do nothing",
        row,
        blob.sha256,
        blob.size_bytes,
        media_type,
        party,
        at,
    )
