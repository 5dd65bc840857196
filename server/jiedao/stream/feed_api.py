# SPDX-License-Identifier: Apache-2.0
"""The feed's socket: hello, what was missed, then what comes, with a beat in between."""

import asyncio
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from jiedao.base.errors import BadInput, JiedaoError
from jiedao.stream import messages, store
from jiedao.stream.access import admit
from jiedao.stream.answers import refusal
from jiedao.stream.audience import Listener, may_see
from jiedao.stream.errors import DatabaseAway
from jiedao.stream.hub import Client, Hub
from jiedao.stream.sockets import (
    SESSION_ENDED,
    TRY_AGAIN,
    cut_off,
    first_of,
    send,
    until_left,
)

REPLAY_LIMIT = 1000


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
            await send(socket, await client.mailbox.take() or "")  # The hello.
            for text in await self._missed(client):
                await send(socket, text)
            while (waiting := await client.mailbox.take()) is not None:
                await send(socket, waiting)
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


def _after(socket: WebSocket) -> int | None:
    given = socket.query_params.get("after")
    if given is None or given == "":
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise BadInput(where="after", why="a position, 0 or more / 应为不小于 0 的位置")
    return int(given)
