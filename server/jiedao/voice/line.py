# SPDX-License-Identifier: Apache-2.0
"""The wire side of calls: one SIP socket for all of them, an RTP and an RTCP socket for each."""

import asyncio
import secrets
import socket
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Protocol

from jiedao.base import log
from jiedao.voice.call import OutgoingCall
from jiedao.voice.dialog import (
    Command,
    Dialog,
    Ended,
    Failed,
    Heard,
    HostPort,
    News,
    Question,
    Registered,
    Send,
    Target,
    Up,
    reply,
)
from jiedao.voice.playout import Playout
from jiedao.voice.registration import Registration
from jiedao.voice.rtp import Clip, Packet, Recorder, Sender, Source, parse, parse_lost
from jiedao.voice.sdp import Media, offer
from jiedao.voice.sip import BadMessage, Request
from jiedao.voice.sip import parse as parse_sip
from jiedao.voice.sockets import own_address, socket_pair, udp_socket

INVITE_GAP_S = 0.002
"""Unpaced, replies to ninety calls overrun a default receive buffer and some calls fail."""
REPORT_EVERY = 125
"""Frames between two RTCP sender reports: 2.5 s."""
BYE_PATIENCE_S = 2.0
NOT_THERE = (404, 408, 410, 480, 503)
"""What an exchange answers for a loudspeaker that it does not reach."""
LEFTOVER_PATIENCE_S = 0.5


class CallFailed(Exception):
    """The loudspeaker did not take the call. `status` as in `call.Failed`."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status, self.reason = status, reason


class Line:
    """A SIP line that can hold many calls at once."""

    def __init__(self, bind: str) -> None:
        self.playout = Playout()
        self._bind = bind
        self._transport: asyncio.DatagramTransport | None = None
        self._calls: dict[str, Party] = {}
        self._next_invite_at = 0.0
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    async def open(cls, bind: str = "127.0.0.1", port: int = 0) -> "Line":
        """Open the SIP socket; port 0 takes a free one.

        Raises:
            OSError: the address or port cannot be had.
        """
        line = cls(bind)
        sock = udp_socket(bind, port)
        loop = asyncio.get_running_loop()
        line._transport, _ = await loop.create_datagram_endpoint(
            lambda: _Inbox(line._receive), sock=sock
        )
        return line

    @property
    def port(self) -> int:
        port: int = self._wire.get_extra_info("sockname")[1]
        return port

    @property
    def _wire(self) -> asyncio.DatagramTransport:
        assert self._transport is not None, "the line is open"  # noqa: S101
        return self._transport

    async def close(self) -> None:
        """Hang up what is still up, and let go of the sockets."""
        live = [call for call in self._calls.values() if isinstance(call, LiveCall)]
        await asyncio.gather(*(call.hang_up() for call in live))
        await self.playout.close()
        if self._timer:
            self._timer.cancel()
        self._wire.close()

    async def dial(self, target: Target, patience_s: float = 4.0) -> "LiveCall":
        """Call a loudspeaker and come back when it has taken the call.

        Raises:
            CallFailed: it refused, stayed silent for `patience_s`, takes no A-law sound, or has
                no address.
            OSError: no sockets are left.
        """
        loop = asyncio.get_running_loop()
        target = await located(target)
        here = own_address(self._bind, (target.host, target.port))
        rtp, rtcp = socket_pair(self._bind)
        sound = offer(here, rtp.getsockname()[1], secrets.randbits(31))
        dialog = OutgoingCall(target, (here, self.port), sound, lambda: secrets.token_hex(8))
        call = LiveCall(self, dialog)
        try:
            await call.open_sockets(rtp, rtcp)
            self._next_invite_at = max(loop.time(), self._next_invite_at + INVITE_GAP_S)
            await asyncio.sleep(self._next_invite_at - loop.time())
            self._calls[dialog.call_id] = call
            self.obey(call, dialog.start(loop.time()))
            return await call.answered(patience_s)
        except BaseException:
            self.obey(call, dialog.hang_up(loop.time()))
            call.close_sockets()
            raise

    async def is_reachable(self, target: Target, patience_s: float = 2.0) -> bool:
        """Whether a loudspeaker answers at all (OPTIONS).

        Any answer of its own will do; an exchange answers for those that are not there, too.
        """
        try:
            target = await located(target)
        except CallFailed:
            return False
        here = (own_address(self._bind, (target.host, target.port)), self.port)
        question = Question(target, here, lambda: secrets.token_hex(8))
        news = await self._run(Errand(question), question.start, patience_s)
        return isinstance(news, Heard) and (target.identity is None or news.status not in NOT_THERE)

    async def register(self, target: Target, patience_s: float = 4.0) -> int:
        """Tell an exchange where we are; returns for how many seconds it knows.

        Raises:
            CallFailed: it refused, stayed silent for `patience_s`, or has no address.
        """
        target = await located(target)
        here = (own_address(self._bind, (target.host, target.port)), self.port)
        dialog = Registration(target, here, lambda: secrets.token_hex(8))
        match await self._run(Errand(dialog), dialog.start, patience_s):
            case Registered(expires_s):
                return expires_s
            case Failed(status, reason):
                raise CallFailed(status, reason)
            case _:
                raise CallFailed(408, "silence")

    async def hang_up_leftover(self, left: Mapping[str, Any], target: Target) -> None:
        """End a call that a dead process left behind, so that the loudspeaker is free again.

        Raises:
            CallFailed: the loudspeaker has no address.
        """
        target = await located(target)
        here = (own_address(self._bind, (target.host, target.port)), self.port)
        try:
            dialog = OutgoingCall.resume(left, target, here, lambda: secrets.token_hex(8))
        except (KeyError, TypeError, ValueError):
            return
        await self._run(Errand(dialog), dialog.hang_up, LEFTOVER_PATIENCE_S)

    async def _run(
        self, errand: "Errand", begin: Callable[[float], list[Command]], patience_s: float
    ) -> News | None:
        """Begin an errand and wait for its news; None if there are none in time."""
        self._calls[errand.dialog.call_id] = errand
        self.obey(errand, begin(asyncio.get_running_loop().time()))
        try:
            return await asyncio.wait_for(asyncio.shield(errand.news), patience_s)
        except TimeoutError:
            self._calls.pop(errand.dialog.call_id, None)
            return None

    def obey(self, call: "Party", commands: list[Command]) -> None:
        """Do what a call's dialog asks for."""
        for command in commands:
            if isinstance(command, Send):
                self._wire.sendto(command.data, command.to)
            else:
                call.told(command)
        self._wake()

    def _receive(self, data: bytes, source: HostPort) -> None:
        try:
            message = parse_sip(data)
        except BadMessage:
            return
        call = self._calls.get(message.call_id)
        if call is not None:
            now = asyncio.get_running_loop().time()
            self.obey(call, call.dialog.receive(message, source, now))
        elif isinstance(message, Request) and message.method != "ACK":
            # We take no calls; a BYE of a call that a killed process left behind ends there.
            answer = reply(message, 481, "Call/Transaction Does Not Exist", secrets.token_hex(4))
            self._wire.sendto(answer.format(), source)

    def _wake(self) -> None:
        """Set the one timer to the earliest thing any call waits for."""
        for call_id in [key for key, call in self._calls.items() if call.dialog.over]:
            del self._calls[call_id]
        due = min((call.dialog.due_at for call in self._calls.values()), default=float("inf"))
        if self._timer:
            self._timer.cancel()
            self._timer = None
        if due != float("inf") and not self._wire.is_closing():
            self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        for call in list(self._calls.values()):
            if call.dialog.due_at <= now:
                self.obey(call, call.dialog.tick(now))
        self._wake()


class Party(Protocol):
    """Whatever has a place on the line: a call, or a short errand."""

    @property
    def dialog(self) -> Dialog: ...

    def told(self, news: News) -> None:
        """Take what has become of it."""


class Errand:
    """A single question or farewell; its news is the first there is."""

    def __init__(self, dialog: Dialog) -> None:
        self.dialog = dialog
        self.news: asyncio.Future[News] = asyncio.get_running_loop().create_future()

    def told(self, news: News) -> None:
        if not self.news.done():
            self.news.set_result(news)


class LiveCall:
    """One call on the wire: sends sound, records what comes back."""

    def __init__(self, line: Line, dialog: OutgoingCall) -> None:
        self.dialog = dialog
        self.heard = Recorder()
        self.lost: int | None = None
        self.over = asyncio.Event()
        self.confirmed = False
        self.ended_by_peer = False
        self._line = line
        self._up: asyncio.Future[Media] = asyncio.get_running_loop().create_future()
        self._media: Media | None = None
        self._sender: Sender | None = None
        self._rtp: asyncio.DatagramTransport | None = None
        self._rtcp: asyncio.DatagramTransport | None = None

    @property
    def returns_sound(self) -> bool:
        """Whether the loudspeaker has a monitor that sends back what it plays."""
        return self._media is not None and self._media.returns_sound

    async def open_sockets(self, rtp: socket.socket, rtcp: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._rtp, _ = await loop.create_datagram_endpoint(lambda: _Inbox(self._sound), sock=rtp)
        self._rtcp, _ = await loop.create_datagram_endpoint(lambda: _Inbox(self._report), sock=rtcp)

    async def answered(self, patience_s: float) -> "LiveCall":
        """Wait until the call is up.

        Raises:
            CallFailed: it will not be.
        """
        try:
            self._media = await asyncio.wait_for(asyncio.shield(self._up), patience_s)
        except TimeoutError as error:
            raise CallFailed(408, "rings" if self.dialog.rang else "silence") from error
        return self

    async def play(self, sound: bytes | Source, on_first_packet: Callable[[], None]) -> int:
        """Send sound on the line's clock; come back when it is out, or the call is over.

        Args:
            sound: A-law, or where it comes from while it is being spoken.

        Returns:
            How many packets were sent.
        """
        source = Clip(sound) if isinstance(sound, bytes) else sound
        sender = Sender(source, secrets.randbits(32), secrets.randbits(15), secrets.randbits(31))
        self._sender = sender
        done = asyncio.Event()

        def step() -> bool:
            if self.over.is_set():
                sender.skip_rest()
            packet = sender.next_packet()
            wire, media = self._rtp, self._media
            if packet is None or wire is None or wire.is_closing() or media is None:
                done.set()
                return False
            wire.sendto(packet, (media.host, media.port))
            if sender.packets == 1:
                on_first_packet()
            if sender.packets % REPORT_EVERY == 1 and self._rtcp is not None:
                now = datetime.now(UTC)
                self._rtcp.sendto(sender.report(now), (media.host, media.rtcp_port))
            return True

        self._line.playout.join(step)
        await done.wait()
        return sender.packets

    def stop(self) -> None:
        """Send no more sound; `play` comes back at the next tick."""
        if self._sender is not None:
            self._sender.skip_rest()

    async def hang_up(self) -> None:
        """End the call and wait shortly for the loudspeaker to confirm it."""
        loop = asyncio.get_running_loop()
        self._line.obey(self, self.dialog.hang_up(loop.time()))
        try:
            await asyncio.wait_for(self.over.wait(), BYE_PATIENCE_S)
        except TimeoutError:
            log.get().info("a loudspeaker did not confirm the end", account=self._account)
        self.close_sockets()

    def close_sockets(self) -> None:
        for transport in (self._rtp, self._rtcp):
            if transport is not None:
                transport.close()

    @property
    def _account(self) -> str:
        return self.dialog.target.account

    def told(self, news: News) -> None:
        """Take what has become of the call."""
        match news:
            case Up(media) if not self._up.done():
                self._up.set_result(media)
            case Failed(status, reason):
                if not self._up.done():
                    self._up.set_exception(CallFailed(status, reason))
                    self._up.exception()  # Read once, so that an unawaited one makes no noise.
                self.over.set()
            case Ended(by_peer, confirmed):
                self.ended_by_peer, self.confirmed = by_peer, confirmed
                self.over.set()
            case _:
                pass

    def _sound(self, data: bytes, _source: HostPort) -> None:
        packet: Packet | None = parse(data)
        if packet is not None:
            self.heard.take(packet)
        else:
            self._report(data, _source)  # RTCP on the same port (RFC 5761).

    def _report(self, data: bytes, _source: HostPort) -> None:
        if self._sender is not None:
            lost = parse_lost(data, self._sender.ssrc)
            self.lost = self.lost if lost is None else lost


class _Inbox(asyncio.DatagramProtocol):
    """Hands datagrams on. A port that is closed over there shows up as silence, not as an error."""

    def __init__(self, receive: Callable[[bytes, HostPort], None]) -> None:
        self._receive = receive

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        self._receive(data, (str(addr[0]), addr[1]))


async def located(target: Target) -> Target:
    """The target with its name looked up.

    Raises:
        CallFailed: it has no name, or nobody knows it (478).
    """
    try:
        IPv4Address(target.host)
    except AddressValueError:
        pass
    else:
        return target
    try:
        if not target.host:
            raise OSError("no address is set")
        found = await asyncio.get_running_loop().getaddrinfo(
            target.host, target.port, family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except (OSError, UnicodeError) as error:
        raise CallFailed(478, str(error)) from error
    return replace(target, host=str(found[0][4][0]))
