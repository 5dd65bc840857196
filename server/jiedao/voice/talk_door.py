# SPDX-License-Identifier: Apache-2.0
"""The private Unix socket through which stream passes on what people say. See `talk_wire`."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from jiedao.base import log
from jiedao.base.words import LANGUAGES, say
from jiedao.voice import talk_wire
from jiedao.voice.talk_wire import BadFrame, Frames, Release, Sound, Stop
from jiedao.voice.talker import Talk, Talker

REQUEST_S = 2.0
LOST_S = 1.0
"""A page that holds the key sends without a pause; after a second of nothing it is gone."""
PIECE = 64 * 1024


class TalkDoor:
    """Listens; each connection is one talk."""

    def __init__(self, path: Path, talker: Talker) -> None:
        self._path, self._talker = path, talker
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Listen. Only the platform's own user may connect.

        Raises:
            OSError: the path cannot be had.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.unlink(missing_ok=True)
        door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            door.bind(str(self._path))
        finally:
            os.umask(mask)
        self._server = await asyncio.start_unix_server(self._met, sock=door)

    async def close(self) -> None:
        """End every talk, and listen no more."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of our own: one of asyncio's may not be cancelled without noise.
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._one_talk(reader, writer)
        except (OSError, BadFrame, TimeoutError) as error:
            log.get().warning("a talk was refused", why=str(error))
        finally:
            writer.close()

    async def _one_talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(REQUEST_S):
            line = await reader.readline()
        talk_id = talk_wire.read_request(line)
        talk = Talk(lambda told: _tell(writer, told))
        listening = asyncio.create_task(_listen(reader, talk))
        try:
            await self._talker.hold(talk_id, talk)
            with contextlib.suppress(OSError):
                await writer.drain()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(reader: asyncio.StreamReader, talk: Talk) -> None:
    """Take what the microphone sends until the talk is over, whoever ends it."""
    frames = Frames()
    try:
        while True:
            async with asyncio.timeout(None if talk.spoken.is_released else LOST_S):
                data = await reader.read(PIECE)
            if not data:
                break
            for told in frames.feed(data):
                match told:
                    case Sound(sequence, pcm):
                        talk.spoken.take(sequence, pcm)
                    case Release():
                        talk.spoken.release()
                    case Stop():
                        talk.end("stopped")
    except (TimeoutError, OSError):
        pass
    except BadFrame as error:
        log.get().warning("a talk cannot be read", why=str(error))
    if not talk.spoken.is_released:
        talk.end("lost")


def _tell(writer: asyncio.StreamWriter, told: Mapping[str, object]) -> None:
    if writer.is_closing():
        return
    code = told.get("code")
    words = {language: say(str(code), language) for language in LANGUAGES} if code else None
    writer.write(talk_wire.news(**told, **({"message": words} if words else {})))
