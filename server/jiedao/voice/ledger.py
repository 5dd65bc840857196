# SPDX-License-Identifier: Apache-2.0
"""The voice process's way to its rows: each action in a transaction, on threads of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections

from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.catalog.store import Catalogue
from jiedao.town.calendar import local_day
from jiedao.voice import actions, reach, store, talks
from jiedao.voice.actions import Orders
from jiedao.voice.dialog import Identity, Target
from jiedao.voice.digest import Credentials
from jiedao.voice.models import Announcement, Exchange, Loudspeaker
from jiedao.voice.proof import Proof

T = TypeVar("T")
ACTOR = system("voice")


class DatabaseAway(Exception):
    """The rows cannot be reached now."""


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed announcement, as far as speaking it needs it."""

    id: UUID
    batch: UUID | None
    text: str
    volume: int
    target: Target
    leftover: Mapping[str, Any] | None
    is_live: bool = False


class Ledger:
    """Claims and marks announcements as one voice process.

    Args:
        holder: names this process among others; fresh at every start.
        demo_host: where the demo's loudspeakers are that have no address of their own.
    """

    def __init__(self, holder: str, clock: Clock, demo_host: tuple[str, int] | None) -> None:
        self._holder, self._clock, self._demo_host = holder, clock, demo_host
        # Two threads, each with its connection: ninety marks to write must not hold up a claim.
        self._taking = ThreadPoolExecutor(1, thread_name_prefix="claims")
        self._marking = ThreadPoolExecutor(1, thread_name_prefix="marks")

    async def claim(self, mine: Sequence[UUID]) -> list[Job]:
        """Take what is to be said now.

        Raises:
            DatabaseAway: try again later; this holds for every method here.
        """

        def take(tx: Tx) -> list[Job]:
            rows = actions.claim(tx, self._holder, mine)
            logins = store.passwords({row.loudspeaker_id for row in rows})
            return [self._job(row, logins.get(row.loudspeaker_id)) for row in rows]

        return await self._do(take, self._taking)

    async def claim_talk(self, talk: UUID) -> Job | None:
        """Take a talk; None while something else is being said there.

        Raises:
            TalkUnknown: there is none that waits.
        """

        def take(tx: Tx) -> Job | None:
            row = talks.claim_talk(tx, talk, self._holder)
            if row is None:
                return None
            return self._job(row, store.passwords([row.loudspeaker_id]).get(row.loudspeaker_id))

        return await self._do(take, self._taking)

    async def give_up_talk(self, talk: UUID, code: str) -> None:
        """A talk could not be begun."""
        await self._do(lambda tx: talks.give_up_talk(tx, talk, code))

    async def renew(self, held: Sequence[UUID]) -> Orders:
        """Hold on to what is under way; returns what is to end before its time."""
        return await self._do(lambda tx: actions.renew(tx, self._holder, held), self._taking)

    async def playing(
        self, job: UUID, at: datetime, rendered_blob: str | None, dialog: dict[str, Any]
    ) -> None:
        await self._do(
            lambda tx: actions.mark_playing(
                tx,
                job,
                self._holder,
                first_packet_at=at,
                rendered_blob=rendered_blob,
                dialog=dialog,
            )
        )

    async def played(self, job: UUID, proof: Proof, *, stopped: bool) -> None:
        await self._do(
            lambda tx: actions.mark_played(tx, job, self._holder, proof, stopped=stopped)
        )

    async def talked(
        self, job: UUID, proof: Proof, rendered_blob: str, *, stopped: bool, more: dict[str, Any]
    ) -> None:
        def mark(tx: Tx) -> None:
            actions.mark_played(
                tx,
                job,
                self._holder,
                proof,
                rendered_blob=rendered_blob,
                stopped=stopped,
                more=more,
            )

        await self._do(mark)

    async def gave_way(self, job: UUID) -> None:
        await self._do(lambda tx: actions.mark_gave_way(tx, job, self._holder))

    async def failed(self, job: UUID, code: str, *, retry: bool) -> None:
        await self._do(lambda tx: actions.mark_failed(tx, job, self._holder, code, retry=retry))

    async def phrases(self) -> list[str]:
        """Every text that a pack in force may want said."""

        def read(tx: Tx) -> list[str]:
            catalogue = Catalogue(local_day(tx.now))
            return [phrase.text for phrase in catalogue.phrases().values()]

        return await self._do(read)

    async def loudspeakers(self) -> dict[UUID, Target]:
        """Those in use, with where to reach them."""

        def read(_tx: Tx) -> dict[UUID, Target]:
            rows = store.in_use().select_related("exchange")
            return {row.id: self._target(row, None) for row in rows}

        return await self._do(read)

    async def exchanges(self) -> dict[UUID, Target]:
        """Those that have to know where we are, with our own account as the target's."""

        def read(_tx: Tx) -> dict[UUID, Target]:
            return {row.id: _through(row, row.account) for row in store.registering()}

        return await self._do(read)

    async def registered(self, exchange: UUID, failure: str) -> None:
        """Keep whether an exchange knows us; a change leaves a record."""
        await self._do(lambda tx: reach.note_registered(tx, exchange, failure))

    async def seen(self, online: Mapping[UUID, bool]) -> None:
        """Keep which loudspeakers answer; changes leave a record."""
        await self._do(lambda tx: reach.note_reachable(tx, online))

    def _job(self, row: Announcement, password: str | None) -> Job:
        return Job(
            row.id,
            row.batch,
            row.text,
            row.loudspeaker.volume if row.volume is None else row.volume,
            self._target(row.loudspeaker, password),
            row.dialog,
            row.is_live,
        )

    def _target(self, row: Loudspeaker, password: str | None) -> Target:
        if row.exchange is not None:
            return _through(row.exchange, row.sip_account)
        host, port = row.sip_host, row.sip_port
        if not host and row.demo and self._demo_host:
            host, port = self._demo_host
        login = Credentials(row.sip_account, password) if password else None
        return Target(row.sip_account, host, port, login)

    async def _do(self, work: Callable[[Tx], T], thread: ThreadPoolExecutor | None = None) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(thread or self._marking, self._in_transaction, work)

    def _in_transaction(self, work: Callable[[Tx], T]) -> T:
        try:
            with transact(ACTOR, self._clock) as tx:
                return work(tx)
        except (OperationalError, InterfaceError) as error:
            connections.close_all()
            raise DatabaseAway(str(error).strip()[:200]) from error

    def close(self) -> None:
        """Let go of the threads and their connections."""
        for thread in (self._taking, self._marking):
            thread.submit(connections.close_all)
            thread.shutdown()


def _through(row: Exchange, account: str) -> Target:
    """An account that is reached through an exchange."""
    login = Credentials(row.account, row.password) if row.password else None
    return Target(account, row.host, row.port, login, Identity(row.account, row.domain or row.host))
