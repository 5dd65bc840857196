# SPDX-License-Identifier: Apache-2.0
"""The process that pulls the cameras, as the stream process knows it: a real Unix socket."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

CODEC = {"mime": 'video/mp4; codecs="avc1.42c01e"', "width": 640, "height": 360}


class FakeMedia:
    """Says to every asker what it is told to say.

    Attributes:
        asked: the cameras asked for, in order.
        now: connections that are open.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.now = 0
        self._changed = asyncio.Condition()
        self._writers: list[asyncio.StreamWriter] = []
        self._opening: list[tuple[bytes, bytes]] = []

    def opens_with(self, *frames: tuple[bytes, bytes]) -> None:
        """What a new asker gets at once."""
        self._opening = list(frames)

    def begins(self) -> None:
        self.opens_with((b"C", json.dumps(CODEC).encode()), (b"I", b"init"))

    def say(self, kind: bytes, body: bytes) -> None:
        for writer in self._writers:
            writer.write(_frame(kind, body))

    async def until(self, connections: int) -> None:
        """Wait until so many connections are open."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self.now == connections)

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        server = await asyncio.start_unix_server(self._serve, str(path))
        try:
            yield
        finally:
            server.close()
            for writer in self._writers:
                writer.close()
            await self.until(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.asked.append(json.loads(await reader.readline())["camera"])
        self._writers.append(writer)
        for kind, body in self._opening:
            writer.write(_frame(kind, body))
        await self._count(1)
        await reader.read()
        self._writers.remove(writer)
        writer.close()
        await self._count(-1)

    async def _count(self, change: int) -> None:
        async with self._changed:
            self.now += change
            self._changed.notify_all()


def _frame(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 1).to_bytes(4, "big") + kind + body
