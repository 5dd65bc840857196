# SPDX-License-Identifier: Apache-2.0
"""What an announcement or a talk needs while it is under way: to be broken off, marked, proved."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import numpy as np

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.voice import g711
from jiedao.voice.errors import ClaimLost
from jiedao.voice.ledger import DatabaseAway
from jiedao.voice.line import LiveCall
from jiedao.voice.match import likeness
from jiedao.voice.proof import Proof, was_heard
from jiedao.voice.wav import pcm_wav

RETRY_ROWS_S = 0.5


class UnderWay(Protocol):
    """Whatever this process is saying."""

    def stop(self) -> None:
        """A person wants it ended."""

    def give_way(self) -> None:
        """The loudspeaker is wanted more by others."""


class Speaking:
    """What is known of an announcement under way."""

    def __init__(self) -> None:
        self.call: LiveCall | None = None
        self.is_stopped = False
        self.gives_way = False

    def stop(self) -> None:
        self.is_stopped, self.gives_way = True, False
        self._break_off()

    def give_way(self) -> None:
        self.gives_way = not self.is_stopped
        self._break_off()

    def _break_off(self) -> None:
        if self.call is not None:
            self.call.stop()


class Marks:
    """Writes the marks of one announcement in their order, behind the sound, which never waits.

    While the database is away a mark is tried again and again; one whose claim is lost is dropped.
    """

    def __init__(self) -> None:
        self._queue: list[Callable[[], Awaitable[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def add(self, mark: Callable[[], Awaitable[None]]) -> None:
        self._queue.append(mark)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def done(self) -> None:
        """Come back when everything is written."""
        while self._writer is not None and not self._writer.done():
            await self._writer

    async def _write(self) -> None:
        while self._queue:
            try:
                await self._queue[0]()
            except DatabaseAway:
                await asyncio.sleep(RETRY_ROWS_S)
                continue
            except ClaimLost as lost:
                log.get().warning("another process has taken it over", **_facts(lost.facts))
            except OSError as error:
                # The disk is full: what was said is proved without its recording.
                log.get().error("a recording was not kept", error=str(error))
            self._queue.pop(0)


def prove(blobs: BlobStore, call: LiveCall, packets: int, sent: g711.Pcm) -> Proof:
    """Keep and compare what came back; reads all the sound, so it belongs in a thread."""
    blob, match = None, None
    heard = g711.decode(call.heard.alaw())
    if len(heard):
        blob = blobs.put_if_room(pcm_wav(heard))
        match = likeness(sent[: packets * g711.FRAME_SAMPLES], heard.astype(np.int16))
    is_heard = was_heard(packets, call.lost, call.heard.packets, monitor=call.returns_sound)
    return Proof(packets, call.lost, call.confirmed, blob, match, is_heard)


def _facts(facts: Mapping[str, object]) -> dict[str, str]:
    return {key: str(value) for key, value in facts.items()}
