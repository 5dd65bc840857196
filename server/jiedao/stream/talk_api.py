# SPDX-License-Identifier: Apache-2.0
"""Hold to talk: a voice from the browser to a loudspeaker, and news of it back."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from jiedao.base.errors import JiedaoError
from jiedao.stream import store
from jiedao.stream.access import admit
from jiedao.stream.answers import error_content, refusal
from jiedao.stream.errors import TicketRefused, VoiceAway
from jiedao.stream.hub import Hub
from jiedao.stream.sockets import SESSION_ENDED, cut_off, first_of, send
from jiedao.stream.voice_link import RELEASE, STOP, VoiceLink

NOT_TAKEN = 1003
ORDERS = {"release": RELEASE, "stop": STOP}

AWAY = msgspec.json.encode({"kind": "refused", **error_content(VoiceAway())}).decode()


@dataclass(frozen=True, slots=True)
class TalkDoor:
    """Serves /talk?ticket=…; the talk is the ticket's own.

    The page sends frames of sound as binary messages, and "release" or "stop" as text.
    """

    database: store.Database
    hub: Hub
    path: Path

    async def hold(self, socket: WebSocket) -> None:
        try:
            ticket = await admit(self.database, socket.query_params.get("ticket", ""), "talk")
            if ticket.subject is None:
                raise TicketRefused
        except JiedaoError as error:
            await socket.send_denial_response(refusal(error))
            return
        await socket.accept()
        try:
            link = await VoiceLink.open(self.path, ticket.subject)
        except OSError:
            await _say_and_close(socket, AWAY)
            return
        ended = asyncio.Event()
        member = self.hub.join(ticket, ended.set)
        try:
            await first_of(_pass_on(socket, link), _tell(socket, link), cut_off(ended))
            if ended.is_set():
                await socket.close(SESSION_ENDED)
        finally:
            self.hub.leave(member)
            link.close()


async def _pass_on(socket: WebSocket, link: VoiceLink) -> None:
    """Send on what the page says until it leaves, or says what no page of ours says."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        sound, order = message.get("bytes"), message.get("text")
        try:
            if sound is not None:
                link.sound(sound)
            elif order in ORDERS:
                link.say(ORDERS[order])
        except ConnectionError:
            await socket.close(NOT_TAKEN)
            return


async def _tell(socket: WebSocket, link: VoiceLink) -> None:
    """Send back how the talk stands, until it is over."""
    try:
        while True:
            await send(socket, await link.news())
    except OSError:
        await _say_and_close(socket, None)
    except WebSocketDisconnect:
        return


async def _say_and_close(socket: WebSocket, text: str | None) -> None:
    try:
        if text is not None:
            await send(socket, text)
        await socket.close()
    except (TimeoutError, RuntimeError, WebSocketDisconnect):
        # It left, or takes nothing; there is nobody to tell.
        return
