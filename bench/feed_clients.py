# SPDX-License-Identifier: Apache-2.0
"""The independent observer of bench/feed.py: many feed sockets in a process of their own.

Reads one line of JSON, {"url": …, "tickets": […]}; says "ready" when all sockets have said hello;
when its input closes, prints for every socket the list of [position, monotonic seconds].
"""

import asyncio
import json
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

Heard = list[tuple[int, float]]


async def observe() -> None:
    """Be the observer of one run."""
    loop = asyncio.get_running_loop()
    order = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    sockets = [
        await connect(f"{order['url']}/feed?ticket={ticket}", compression=None, max_queue=None)
        for ticket in order["tickets"]
    ]
    for socket in sockets:
        await socket.recv()
    print("ready", flush=True)
    heard: list[Heard] = [[] for _ in sockets]
    listening = [
        asyncio.create_task(listen(socket, seen))
        for socket, seen in zip(sockets, heard, strict=True)
    ]
    await loop.run_in_executor(None, sys.stdin.read)
    for task in listening:
        task.cancel()
    print(json.dumps(heard), flush=True)


async def listen(socket: ClientConnection, seen: Heard) -> None:
    """Note when each event came, before it is read."""
    while True:
        text = await socket.recv()
        at_s = time.monotonic()
        message = json.loads(text)
        if "kind" not in message:
            seen.append((message["position"], at_s))
