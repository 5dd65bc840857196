# SPDX-License-Identifier: Apache-2.0
"""A line that fails on request: RTSP over TCP, passed on between a viewer and a camera.

It stands where a switch, a pole and a camera's firmware stand, so that what is tested is told
nothing of the fault. It understands just enough to tell replies from pictures: a reply begins with
``RTSP/``, a packet with ``$``. Faults are those of ``LineFault``; one is in force at a time.
"""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from jiedao.sim.camera.rtp import interleaved

NTP_AHEAD_S = 3600
DRIP_EVERY_S = 0.2
_RTP, _RTCP = 0, 1
_LONGEST_REPLY = 64 * 1024


class LineFault(StrEnum):
    """What goes wrong between a camera and its viewer."""

    FREEZE = "freeze"  # the last key picture again and again, with times that go on
    HALF_OPEN = "halfopen"  # nothing passes either way, and no connection is closed
    GARBAGE = "garbage"  # the bytes of the pictures are noise
    REBOOT = "reboot"  # every connection is cut; new ones are refused until it is over
    DRIP = "drip"  # one byte now and then
    RESIZE = "resize"  # in the middle of the stream the pictures are of another size
    SKEW = "skew"  # the camera's own clock is an hour ahead


@dataclass(slots=True)
class Truth:
    """When the fault began and ended, by the wall clock, in seconds since the epoch."""

    fault: LineFault | None = None
    began_s: float = 0.0
    ended_s: float = 0.0


@dataclass(slots=True)
class Picture:
    """The RTP packets of one picture, and the time that they carry."""

    timestamp: int
    packets: list[bytes] = field(default_factory=list)

    @property
    def is_key(self) -> bool:
        return any(_begins_key(packet) for packet in self.packets)


class Stream:
    """The pictures on their way to one viewer: gathered, exchanged, numbered anew."""

    def __init__(self) -> None:
        self._sequence = 0
        self._picture: Picture | None = None
        self._key: Picture | None = None
        self._frozen = False
        self._offset = 0
        self._last_out = 0

    def take(self, packet: bytes, fault: LineFault | None, *, other: bool = False) -> list[bytes]:
        """An RTP packet came; return what goes on instead.

        Args:
            other: it comes from the camera's other stream, whose times count otherwise.
        """
        timestamp = int.from_bytes(packet[4:8], "big")
        if self._picture is None or self._picture.timestamp != timestamp:
            self._picture = Picture(timestamp)
        self._picture.packets.append(packet)
        if not packet[1] & 0x80:
            return []
        picture, self._picture = self._picture, None
        # Nothing can be decoded after a frozen picture until the next key picture.
        self._frozen = fault is LineFault.FREEZE or (self._frozen and not picture.is_key)
        if picture.is_key and not self._frozen:
            self._key = picture
        shown = self._key if self._frozen and self._key is not None else picture
        return self._numbered(shown, self._time_of(timestamp, other=other), fault)

    def change(self) -> None:
        """The next picture comes from the other stream: its times go on from the last one."""
        self._offset = -1
        self._picture = None

    def _time_of(self, timestamp: int, *, other: bool) -> int:
        if self._offset < 0:
            self._offset = (self._last_out + 3600 - timestamp) & 0xFFFFFFFF
        out = (timestamp + self._offset) & 0xFFFFFFFF if other or self._offset else timestamp
        self._last_out = out
        return out

    def _numbered(self, shown: Picture, timestamp: int, fault: LineFault | None) -> list[bytes]:
        made = []
        for packet in shown.packets:
            payload = packet[12:]
            if fault is LineFault.GARBAGE:
                payload = payload[:2] + bytes(byte ^ 0x5A for byte in payload[2:])
            self._sequence = (self._sequence + 1) & 0xFFFF
            head = packet[:2] + struct.pack(">HI", self._sequence, timestamp) + packet[8:12]
            made.append(head + payload)
        return made


def _begins_key(packet: bytes) -> bool:
    """Whether an H.264 packet begins a key picture, alone or in fragments, or its parameters."""
    if len(packet) < 14:
        return False
    kind = packet[12] & 0x1F
    return kind in (5, 7, 24) or (kind == 28 and packet[13] & 0x9F == 0x85)


def skewed(report: bytes) -> bytes:
    """A sender report whose camera's clock is ahead."""
    if len(report) < 16 or report[1] != 200:
        return report
    seconds = (int.from_bytes(report[8:12], "big") + NTP_AHEAD_S) & 0xFFFFFFFF
    return report[:8] + seconds.to_bytes(4, "big") + report[12:]


async def messages(reader: asyncio.StreamReader) -> AsyncIterator[tuple[int | None, bytes]]:
    """What a camera sends: (channel, packet) of an interleaved packet, (None, bytes) of a reply."""
    while True:
        first = await reader.readexactly(1)
        if first == b"$":
            channel, length = struct.unpack(">BH", await reader.readexactly(3))
            yield channel, await reader.readexactly(length)
            continue
        reply = first + await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in reply.decode("latin-1").lower().split("\r\n"):
            if line.startswith("content-length:"):
                length = min(int(line.partition(":")[2]), _LONGEST_REPLY)
        yield None, reply + (await reader.readexactly(length) if length else b"")


class Line:
    """One port that leads to one camera.

    Args:
        target: host and port of the camera.
        mount: its stream; the viewer asks for it by name as usual.
        other: a stream of another picture size on the same camera, for ``RESIZE``.
    """

    def __init__(
        self,
        target: tuple[str, int],
        mount: str,
        other: str,
        clock_s: Callable[[], float] = time.time,
    ) -> None:
        self.truth = Truth()
        self.port = 0
        self._target, self._mount, self._other = target, mount, other
        self._clock_s = clock_s
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def fault(self) -> LineFault | None:
        """What is wrong now."""
        return self.truth.fault

    async def listen(self) -> int:
        """Open the port, the same one every time; return it."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def fail(self, fault: LineFault) -> Truth:
        """Let the line fail until it is mended."""
        self.truth = Truth(fault, began_s=self._clock_s())
        if fault is LineFault.REBOOT:
            await self.close()
        return self.truth

    async def mend(self) -> Truth:
        """The line is good again. What a dead connection held is gone, as after a real fault."""
        over, self.truth = self.truth, Truth()
        if over.fault in (LineFault.HALF_OPEN, LineFault.DRIP):
            self._cut()
        if over.fault is LineFault.REBOOT:
            await self.listen()
        over.ended_s = self._clock_s()
        return over

    async def close(self) -> None:
        """Refuse new connections and cut the open ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._cut()

    def _cut(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._open.add(far_writer)
            asking = asyncio.create_task(self._up(reader, far_writer))
            self._tasks.add(asking)
            try:
                await self._down(far_reader, writer)
            finally:
                asking.cancel()
                self._tasks.discard(asking)
                self._open.discard(far_writer)
                far_writer.transport.abort()
        except (ConnectionError, asyncio.IncompleteReadError, OSError, ValueError):
            pass
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(4096):
                # What is asked while nothing passes is never heard.
                if self.fault not in (LineFault.HALF_OPEN, LineFault.DRIP):
                    writer.write(data)

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        stream, other = Stream(), None
        try:
            async for channel, message in messages(reader):
                if channel == _RTP and self.fault is LineFault.RESIZE:
                    if other is None:
                        stream.change()
                        other = asyncio.create_task(self._play_other(stream, writer))
                    continue
                if other is not None and self.fault is not LineFault.RESIZE:
                    if channel == _RTP and not _begins_key(message):
                        continue
                    other.cancel()
                    other = None
                    stream.change()
                await self._pass(channel, message, stream, writer)
        finally:
            if other is not None:
                other.cancel()

    async def _pass(
        self,
        channel: int | None,
        message: bytes,
        stream: Stream,
        writer: asyncio.StreamWriter,
        *,
        other: bool = False,
    ) -> None:
        """Send one message on as the fault of now lets it."""
        fault = self.fault
        if fault is LineFault.HALF_OPEN:
            return
        pieces = [message]
        if channel == _RTP:
            pieces = stream.take(message, fault, other=other)
        elif channel == _RTCP and fault is LineFault.SKEW:
            pieces = [skewed(message)]
        data = b"".join(p if channel is None else interleaved(channel, p) for p in pieces)
        if fault is LineFault.DRIP:
            writer.write(data[:1])
            await asyncio.sleep(DRIP_EVERY_S)
            return
        writer.write(data)
        await writer.drain()

    async def _play_other(self, stream: Stream, writer: asyncio.StreamWriter) -> None:
        """Pass on the camera's stream of the other size, from its first key picture."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, OSError):
            reader, far = await asyncio.open_connection(*self._target)
            try:
                url = f"rtsp://camera/{self._other}"
                transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1"
                far.write(f"SETUP {url}/track1 RTSP/1.0\r\nCSeq: 1\r\n{transport}\r\n\r\n".encode())
                far.write(f"PLAY {url} RTSP/1.0\r\nCSeq: 2\r\n\r\n".encode())
                async for channel, message in messages(reader):
                    if channel == _RTP:
                        await self._pass(channel, message, stream, writer, other=True)
            finally:
                far.transport.abort()
