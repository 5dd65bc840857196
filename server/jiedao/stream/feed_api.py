# SPDX-License-Identifier: Apache-2.0
"""The feed's socket: hello, what was missed, then what comes, with a beat in between."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from jiedao.base.errors import BadInput, JiedaoError
from jiedao.stream import messages, store
from jiedao.stream.access import admit
from jiedao.stream.answers import refusal
from jiedao.stream.audience import Listener, may_see
from jiedao.stream.errors import DatabaseAway
from jiedao.stream.hub import Client, Hub

REPLAY_LIMIT = 1000
SEND_PATIENCE_S = 30.0
SESSION_ENDED = 4401
TRY_AGAIN = 1013
CUT_OFF_S = 0.5


@dataclass(frozen=True, slots=True)
class FeedDoor:
    """Serves /feed?ticket=…&after=POSITION."""

    database: store.Database
    hub: Hub

    async def follow(self, socket: WebSocket) -> None:
        try:
            after = _after(socket)
            if self.hub.age_s is None:
                raise DatabaseAway
            ticket = await admit(self.database, socket.query_params.get("ticket", ""), "feed")
        except JiedaoError as error:
            await socket.send_denial_response(refusal(error))
            return
        await socket.accept()
        client = self.hub.attach(Listener(ticket.audiences, ticket.path), after)
        ended = asyncio.Event()

        def end() -> None:
            client.mailbox.close(_ENDED)
            ended.set()

        member = self.hub.join(ticket, end)
        try:
            await first_of(self._send(socket, client), until_left(socket), cut_off(ended))
        finally:
            self.hub.detach(client)
            self.hub.leave(member)

    async def _send(self, socket: WebSocket, client: Client) -> None:
        try:
            await _send_text(socket, await client.mailbox.take() or "")  # The hello.
            for text in await self._missed(client):
                await _send_text(socket, text)
            while (waiting := await client.mailbox.take()) is not None:
                await _send_text(socket, waiting)
            await socket.close(SESSION_ENDED)
        except DatabaseAway:
            # What was missed cannot be read now; the client connects again by itself.
            await socket.close(TRY_AGAIN)
        except (TimeoutError, WebSocketDisconnect):
            # It takes nothing, or it left; either way there is nobody to tell.
            return

    async def _missed(self, client: Client) -> list[str]:
        """What this client missed since its cursor, or the advice to start anew.

        Events that are sealed from now on wait in the mailbox meanwhile.
        """
        after, now_at = client.missed_after, client.cursor
        if after >= now_at:
            return []
        if now_at - after > REPLAY_LIMIT:
            return [messages.say(messages.Resync(position=now_at, why="too_old"))]
        async with self.database.transaction() as link:
            rows = await store.sealed_after(link, after, REPLAY_LIMIT, up_to=now_at)
        return [
            messages.say(messages.event_of(row))
            for row in rows
            if may_see(row.audience, row.place_path, client.listener)
        ]


_ENDED = messages.say(messages.SessionEnded())


async def first_of(*works: Coroutine[None, None, None]) -> None:
    """Run several works until the first one ends, then end the others; its exception travels up."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


async def cut_off(ended: asyncio.Event) -> None:
    """Give a socket whose session ended a moment to say so, then return."""
    await ended.wait()
    await asyncio.sleep(CUT_OFF_S)


async def until_left(socket: WebSocket) -> None:
    """Wait until the client closes; what it says meanwhile is not for us."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


async def _send_text(socket: WebSocket, text: str) -> None:
    async with asyncio.timeout(SEND_PATIENCE_S):
        await socket.send_text(text)


def _after(socket: WebSocket) -> int | None:
    given = socket.query_params.get("after")
    if given is None or given == "":
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise BadInput(where="after", why="a position, 0 or more / 应为不小于 0 的位置")
    return int(given)
