# SPDX-License-Identifier: Apache-2.0
"""Live pictures to the browser: codec as text, then init segment and fragments as they come."""

import asyncio
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from jiedao.base.errors import JiedaoError
from jiedao.stream import store
from jiedao.stream.access import admit
from jiedao.stream.answers import refusal
from jiedao.stream.errors import TicketRefused
from jiedao.stream.hub import Hub
from jiedao.stream.relay import Relay
from jiedao.stream.sockets import SESSION_ENDED, cut_off, first_of, send, until_left
from jiedao.stream.viewer import Viewer


@dataclass(frozen=True, slots=True)
class VideoDoor:
    """Serves /video?ticket=…; the camera is the ticket's own."""

    database: store.Database
    hub: Hub
    relay: Relay

    async def show(self, socket: WebSocket) -> None:
        try:
            ticket = await admit(self.database, socket.query_params.get("ticket", ""), "video")
            if ticket.subject is None:
                raise TicketRefused
        except JiedaoError as error:
            await socket.send_denial_response(refusal(error))
            return
        await socket.accept()
        ended = asyncio.Event()
        with self.relay.watching(ticket.subject) as viewer:

            def end() -> None:
                viewer.close()
                ended.set()

            member = self.hub.join(ticket, end)
            try:
                await first_of(_send(socket, viewer), until_left(socket), cut_off(ended))
            finally:
                self.hub.leave(member)


async def _send(socket: WebSocket, viewer: Viewer) -> None:
    try:
        while (message := await viewer.take()) is not None:
            await send(socket, message)
        await socket.close(SESSION_ENDED)
    except (TimeoutError, WebSocketDisconnect):
        # It takes nothing, or it left; either way there is nobody to tell.
        return
