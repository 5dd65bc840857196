# SPDX-License-Identifier: Apache-2.0
"""The RTSP side: one connection a viewer, pictures interleaved on it."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Mapping

from jiedao.sim.camera.faults import Fault
from jiedao.sim.camera.login import Login
from jiedao.sim.camera.messages import (
    METHODS,
    Channels,
    Malformed,
    Request,
    answer,
    description,
    parse_request,
    wanted_channels,
)
from jiedao.sim.camera.mount import AccessUnit, Mount
from jiedao.sim.camera.rtp import PAYLOAD_TYPE, RtpSender, interleaved

log = logging.getLogger(__name__)

MAX_HEAD = 16 * 1024
# A viewer that does not read loses pictures up to the next key frame, as with real cameras.
MAX_UNSENT = 1024 * 1024
SESSION_TIMEOUT_S = 60
DRIP_BYTES = 5


class Connection:
    """One RTSP client and, once it plays, one viewer of a mount."""

    def __init__(
        self,
        mounts: Mapping[str, Mount],
        login: Login | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._mounts = mounts
        self._login = login
        self._reader, self._writer = reader, writer
        self._session = secrets.token_hex(4)
        self._mount: Mount | None = None
        self._channels: Channels | None = None
        self._rtp = RtpSender()
        self._needs_key = True
        self._playing = False

    async def serve(self) -> None:
        """Answer until the client goes."""
        try:
            while (request := await self._next_request()) is not None:
                if not await self._answer(request):
                    break
        except (Malformed, ConnectionError, asyncio.IncompleteReadError, ValueError) as error:
            log.info("client let go: %s", error)
        finally:
            self._stop()
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _next_request(self) -> Request | None:
        """The next request; the receiver reports between requests are read over."""
        while True:
            first = await self._reader.read(1)
            if not first:
                return None
            if first == b"$":
                head = await self._reader.readexactly(3)
                await self._reader.readexactly(int.from_bytes(head[1:], "big"))
            elif first not in b"\r\n":
                rest = await self._reader.readuntil(b"\r\n\r\n")
                request = parse_request(first + rest[:-4])
                await self._reader.readexactly(min(request.body_length, MAX_HEAD))
                return request

    async def _answer(self, request: Request) -> bool:
        """Reply to one request; False ends the connection."""
        mount = self._mounts.get(request.mount) or self._mount
        fault = mount.faults.now if mount else None
        if fault is Fault.HALF_OPEN:
            return True
        if fault is Fault.REFUSE:
            self._reply(request, 503)
            return False
        if self._login and request.method != "OPTIONS" and not self._login.admits(request):
            self._reply(request, 401, self._login.challenge)
            return True
        match request.method:
            case "OPTIONS":
                self._reply(request, 200, {"Public": METHODS})
            case "DESCRIBE":
                self._describe(request)
            case "SETUP":
                self._set_up(request)
            case "PLAY":
                self._play(request)
            case "GET_PARAMETER" | "SET_PARAMETER":
                self._reply(request, 200, {"Session": self._session})
            case "TEARDOWN":
                self._reply(request, 200, {"Session": self._session})
                return False
            case _:
                self._reply(request, 405, {"Allow": METHODS})
        await self._writer.drain()
        return True

    def _reply(
        self,
        request: Request,
        status: int,
        headers: Mapping[str, str] | None = None,
        body: str = "",
    ) -> None:
        self._writer.write(answer(request, status, headers, body))

    def _describe(self, request: Request) -> None:
        mount = self._mounts.get(request.mount)
        if mount is None:
            self._reply(request, 404)
            return
        source = mount.source
        text = description(mount.name, source.sps, source.pps, source.fps, PAYLOAD_TYPE)
        base = request.url.rstrip("/") + "/"
        headers = {"Content-Base": base, "Content-Type": "application/sdp"}
        self._reply(request, 200, headers, text)

    def _set_up(self, request: Request) -> None:
        mount = self._mounts.get(request.mount)
        channels = wanted_channels(request.headers.get("transport", ""))
        if mount is None:
            self._reply(request, 404)
        elif self._playing:
            self._reply(request, 455)
        elif channels is None:
            self._reply(request, 461)
        else:
            self._mount, self._channels = mount, channels
            transport = (
                f"RTP/AVP/TCP;unicast;interleaved={channels.rtp}-{channels.rtcp}"
                f";ssrc={self._rtp.ssrc:08X}"
            )
            session = f"{self._session};timeout={SESSION_TIMEOUT_S}"
            self._reply(request, 200, {"Transport": transport, "Session": session})

    def _play(self, request: Request) -> None:
        if self._mount is None:
            self._reply(request, 455)
            return
        sequence = self._rtp.sequence
        headers = {"Session": self._session, "Range": "npt=now-"}
        if not self._playing:
            self._playing = True
            timestamp = self._mount.join(self) & 0xFFFFFFFF
            track = request.url.rstrip("/") + "/track1"
            headers["RTP-Info"] = f"url={track};seq={sequence};rtptime={timestamp}"
        self._reply(request, 200, headers)

    def take(self, unit: AccessUnit) -> bool:
        """Send one picture on the connection; a viewer that is behind waits for a key frame."""
        mount, channels = self._mount, self._channels
        if mount is None or channels is None or self._writer.is_closing():
            return False
        transport = self._writer.transport
        if transport.get_write_buffer_size() > MAX_UNSENT:
            self._needs_key = True
        if self._needs_key and not unit.key:
            return False
        self._needs_key = False
        pieces = []
        nals, together = unit.nals, 0
        if unit.key:
            nals, together = (mount.source.sps, mount.source.pps, *unit.nals), 2
            pieces.append(interleaved(channels.rtcp, self._rtp.report(unit.at, unit.timestamp)))
        packets = self._rtp.packets_of(nals, unit.timestamp, together)
        pieces += [interleaved(channels.rtp, packet) for packet in packets]
        data = b"".join(pieces)
        if mount.faults.now is Fault.DRIP:
            data = data[:DRIP_BYTES]
        self._writer.write(data)
        return True

    def cut(self) -> None:
        """Break the connection off without a word."""
        self._writer.transport.abort()

    def _stop(self) -> None:
        if self._mount and self._playing:
            self._mount.leave(self)
            self._playing = False


class CameraServer:
    """The listening socket and every connection on it."""

    def __init__(self, mounts: Mapping[str, Mount], login: Login | None = None) -> None:
        self._mounts = mounts
        self._login = login
        self._server: asyncio.Server | None = None
        self._open: set[Connection] = set()

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port, which matters when 0 was asked for.

        Raises:
            OSError: the address is taken.
        """
        self._server = await asyncio.start_server(self._serve, host, port, limit=MAX_HEAD)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(self._mounts, self._login, reader, writer)
        self._open.add(connection)
        try:
            await connection.serve()
        finally:
            self._open.discard(connection)

    async def close(self) -> None:
        """Stop listening and cut every connection."""
        if self._server:
            self._server.close()
        for connection in list(self._open):
            connection.cut()
        for mount in self._mounts.values():
            await mount.close()
