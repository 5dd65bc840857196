# SPDX-License-Identifier: Apache-2.0
"""What every kind of socket needs: an end when the client leaves, hangs, or is signed out."""

import asyncio
from collections.abc import Coroutine

from starlette.websockets import WebSocket

SESSION_ENDED = 4401
TRY_AGAIN = 1013
SEND_PATIENCE_S = 30.0
CUT_OFF_S = 0.5


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


async def send(socket: WebSocket, message: str | bytes) -> None:
    """Send a message.

    Raises:
        TimeoutError: the client takes nothing.
        WebSocketDisconnect: it left.
    """
    async with asyncio.timeout(SEND_PATIENCE_S):
        if isinstance(message, str):
            await socket.send_text(message)
        else:
            await socket.send_bytes(message)
