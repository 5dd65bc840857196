# SPDX-License-Identifier: Apache-2.0
"""Live pictures out of a shard: whoever is connected gets the head, the current group, then on.

One thread with an event loop writes to all viewers. The pullers only append to the ring and knock;
a viewer that does not read is dropped and never slows a puller.

On the wire: 4 bytes length (big-endian, of what follows), 1 byte type, body. Types: ``C`` codec
JSON, ``I`` init segment, ``K`` fragment that begins with a key frame, ``F`` other fragment,
``E`` error JSON ``{"code": …}``.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable
from uuid import UUID

import msgspec

from jiedao.base import log
from jiedao.cameras.relay import Head, Piece, Ring

MOST_UNSENT_BYTES = 4 * 1024 * 1024
"""A viewer with more than this unsent has stopped reading and is dropped."""


def frame(kind: bytes, body: bytes) -> bytes:
    """One message of the live protocol."""
    return (len(body) + 1).to_bytes(4, "big") + kind + body


def head_frames(head: Head) -> bytes:
    """Codec and init segment."""
    return frame(b"C", head.as_json()) + frame(b"I", head.init)


def piece_frame(piece: Piece) -> bytes:
    """One fragment."""
    return frame(b"K" if piece.key else b"F", piece.data)


def error_frame(code: str) -> bytes:
    """Why there is no picture now."""
    return frame(b"E", msgspec.json.encode({"code": code}))


class _Viewer(asyncio.Protocol):
    """One connection; knows which piece it had last."""

    def __init__(self, left: Callable[["_Viewer"], None]) -> None:
        self._left = left
        self._transport: asyncio.Transport | None = None
        self._head: Head | None = None
        self._last_number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # for the type checker
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's name
        self._transport = None
        self._left(self)

    def send(self, data: bytes) -> None:
        """Write without waiting; drop the connection of a viewer that does not read."""
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() > MOST_UNSENT_BYTES:
            self._transport.abort()
            return
        self._transport.write(data)

    def begin(self, head: Head) -> None:
        """Write the head of a stream, once."""
        if head is not self._head:
            self._head = head
            self.send(head_frames(head))

    def give(self, piece: Piece) -> None:
        """Write a piece unless it came with the current group already."""
        if piece.number > self._last_number:
            self._last_number = piece.number
            self.send(piece_frame(piece))


class Channel:
    """The live picture of one camera.

    ``publish``, ``restart`` and ``fail`` come from the puller's thread; viewers live in the loop.
    """

    def __init__(self, ring: Ring, loop: asyncio.AbstractEventLoop) -> None:
        self.ring = ring
        self._loop = loop
        self._viewers: set[_Viewer] = set()
        self._fault = ""

    @property
    def watched(self) -> bool:
        """Whether anybody is connected now."""
        return bool(self._viewers)

    def restart(self, head: Head) -> None:
        """A stream stands open (again): viewers get its head before its pieces."""
        self._fault = ""
        self.ring.begin(head)
        self._to_all(lambda viewer: viewer.begin(head))

    def publish(self, piece: Piece) -> None:
        """A piece that is in the ring already."""
        if self._viewers:
            self._to_all(lambda viewer: viewer.give(piece))

    def fail(self, code: str) -> None:
        """The stream is lost; viewers are told why and stay connected for its return."""
        if code != self._fault:
            self._fault = code
            self._to_all(lambda viewer: viewer.send(error_frame(code)))

    async def welcome(self, connection: socket.socket) -> None:
        """Take a connected socket as a viewer; runs in the loop."""
        viewer = _Viewer(self._viewers.discard)
        await self._loop.connect_accepted_socket(lambda: viewer, connection)
        # From here to the end nothing is awaited, so no piece can slip between group and follow-up.
        head, group = self.ring.now()
        self._viewers.add(viewer)
        if head is not None:
            viewer.begin(head)
        for piece in group:
            viewer.give(piece)
        if self._fault:
            viewer.send(error_frame(self._fault))

    def close(self) -> None:
        """Drop every viewer."""
        self._to_all(lambda viewer: viewer.send(error_frame("camera.unknown")))

    def _to_all(self, tell: Callable[[_Viewer], None]) -> None:
        def in_loop() -> None:
            for viewer in tuple(self._viewers):
                tell(viewer)

        with contextlib.suppress(RuntimeError):  # the loop is closed while the shard ends
            self._loop.call_soon_threadsafe(in_loop)


class LiveLoop:
    """The event loop thread that all channels of a shard share."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._channels: dict[UUID, Channel] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="live", daemon=True)
        self._thread.start()

    def channel(self, camera: UUID, ring: Ring) -> Channel:
        """The channel of a camera, made at the first call."""
        if camera not in self._channels:
            self._channels[camera] = Channel(ring, self._loop)
        return self._channels[camera]

    def welcome(self, camera: UUID, connection: socket.socket) -> None:
        """Hand a connected socket to a camera's channel."""
        connection.setblocking(False)
        channel = self._channels.get(camera)
        if channel is None:
            with contextlib.suppress(OSError):
                connection.send(error_frame("camera.unknown"))
            connection.close()
            return
        asyncio.run_coroutine_threadsafe(channel.welcome(connection), self._loop)

    def drop(self, camera: UUID) -> None:
        """Forget a camera and tell its viewers."""
        channel = self._channels.pop(camera, None)
        if channel is not None:
            channel.close()
            log.get(__name__).info("live channel closed", camera=str(camera))

    def close(self) -> None:
        """End the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)
