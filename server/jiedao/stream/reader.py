# SPDX-License-Identifier: Apache-2.0
"""Follows the sealed records: woken by NOTIFY, else once a second, across every lost connection."""

import asyncio
import contextlib
from typing import Any

import structlog

from jiedao.base.actor import SYSTEM_ID
from jiedao.base.bus import CHANNEL
from jiedao.stream import store
from jiedao.stream.hub import SESSION_ENDED, Hub
from jiedao.stream.messages import session_of

POLL_S = 1.0
BATCH = 200
BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0)

log = structlog.get_logger("jiedao.stream")


class FeedReader:
    """Reads each sealed record once, in order, and hands it to the hub.

    The position read so far lives in the hub, so that a new connection goes on where the last one
    ended: nothing is lost and nothing comes twice.
    """

    def __init__(self, dsn: str, hub: Hub, poll_s: float = POLL_S) -> None:
        self._dsn = dsn
        self._hub = hub
        self._poll_s = poll_s
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Read until cancelled."""
        failures = 0
        while True:
            try:
                await self._follow()
            except store.AWAY as error:
                if failures == 0:
                    log.warning("the database is away, the feed waits", why=repr(error))
                await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
                failures += 1
            except Exception:
                # A defect in one read must not silence the desk: it is logged and tried again.
                log.exception("the feed could not read the trail")
                await asyncio.sleep(BACK_OFF_S[-1])
            else:
                failures = 0

    async def _follow(self) -> None:
        """Read over one connection until it closes.

        Raises:
            OSError and the others in store.AWAY: there is no connection, or it was lost.
        """
        link = await store.connect(self._dsn)
        try:
            link.add_termination_listener(self._wake)
            await link.add_listener(CHANNEL, self._wake)
            await self._start(link)
            log.info("the feed follows the trail", position=self._hub.position)
            while not link.is_closed():
                self._woken.clear()
                if await self._read(link) == BATCH:
                    await asyncio.sleep(0)  # Sockets send between two full batches.
                    continue
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), self._poll_s)
        finally:
            link.terminate()

    def _wake(self, *_: Any) -> None:
        self._woken.set()

    async def _start(self, link: store.Connection) -> None:
        async with link.transaction(readonly=True):
            await store.say_who(link, SYSTEM_ID, "/")
            self._hub.start_at(await store.newest_position(link))

    async def _read(self, link: store.Connection) -> int:
        async with link.transaction(isolation="repeatable_read", readonly=True):
            await store.say_who(link, SYSTEM_ID, "/")
            rows = await store.sealed_after(link, self._hub.position, BATCH)
        self._hub.publish(rows)
        await self._forget_tickets(link, rows)
        return len(rows)

    async def _forget_tickets(self, link: store.Connection, rows: list[store.FeedRow]) -> None:
        for row in rows:
            if row.verb == SESSION_ENDED:
                async with link.transaction():
                    await store.say_who(link, SYSTEM_ID, "/")
                    await store.forget_tickets(link, row.subject, session_of(row), row.at)
