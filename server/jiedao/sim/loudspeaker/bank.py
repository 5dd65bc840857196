# SPDX-License-Identifier: Apache-2.0
"""A bank of loudspeakers behind one SIP port, told apart by the account they are called by."""

import asyncio
import json
import secrets
import socket
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from jiedao.sim.loudspeaker.horn import Hearing, utc_now
from jiedao.sim.loudspeaker.wire import (
    REALM,
    Ask,
    answer,
    description,
    proves,
    read,
    sound_address,
    user_of,
)

FAULTS = ("busy", "no_answer", "ring", "drop", "deaf")
"""busy: 486 · no_answer: no reply at all · ring: 180 and never more · drop: hangs up after a
second · deaf: takes the call and loses every packet."""
Address = tuple[str, int]
ATTEND_S = 0.5
DRAIN_S = 0.05
DEAD_S = 4.0
UNBEGUN_S = 15.0
"""A call whose sound has stopped, or never began, for so long is over, as real horns have it."""


@dataclass(slots=True)
class Call:
    """A call that is up, or was."""

    account: str
    invite_at: str
    peer: Address
    hearing: Hearing
    tag: str
    answered: bytes
    ask: Ask
    caller: Address
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


class Bank(asyncio.DatagramProtocol):
    """All the loudspeakers of this process.

    Args:
        accounts: the names they answer to.
        password: every account's, or "" to let anyone call.
        status: where JSON lines go: one when a call is voiced, one when it has ended.
        heard: folder for what was heard, one WAV a call.
        monitor: whether they send back what they hear.
    """

    def __init__(
        self,
        accounts: frozenset[str],
        status: TextIO,
        *,
        heard: Path | None = None,
        password: str = "",
        monitor: bool = True,
    ) -> None:
        self._accounts, self._status, self._heard = accounts, status, heard
        self._password, self._monitor = password, monitor
        self._faults: dict[str, str] = {}
        self._calls: dict[str, Call] = {}
        self._opening: set[str] = set()
        self._nonce = secrets.token_hex(8)
        self._host = "127.0.0.1"
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; returns the port."""
        sock = _socket(host, port)
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)
        self._host, self._port = host, int(sock.getsockname()[1])
        return self._port

    def fault(self, account: str, kind: str | None) -> None:
        """Let an account ("*" for all) misbehave from the next call on; None heals it."""
        if kind is not None and kind not in FAULTS:
            raise ValueError(f"no such fault: {kind}")
        if kind is None:
            self._faults = {} if account == "*" else self._faults
            self._faults.pop(account, None)
        else:
            self._faults[account] = kind

    def say(self, **facts: object) -> None:
        """One line into the status file, readable at once."""
        self._status.write(json.dumps(facts, ensure_ascii=False) + "\n")
        self._status.flush()

    def close(self) -> None:
        for call_id, call in self._calls.items():
            self._tell_end(call, call_id, "closed")
        self._calls.clear()
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        ask, source = read(data), (str(addr[0]), addr[1])
        if ask is None or ask.first.startswith("SIP/2.0"):
            return
        match ask.method:
            case "INVITE":
                self._invited(ask, source)
            case "BYE":
                known = ask.call_id in self._calls
                self._send(answer(ask, "200 OK" if known else "481 Unknown", "x"), source)
                self._end(ask.call_id, "bye")
            case "CANCEL":
                self._send(answer(ask, "200 OK", "x"), source)
            case "REGISTER":
                self._registered(ask, source)
            case "OPTIONS":
                self._send(answer(ask, "200 OK", secrets.token_hex(4)), source)
            case _:
                pass

    def _invited(self, ask: Ask, source: Address) -> None:
        account, fault = ask.account, self._faults.get(ask.account) or self._faults.get("*")
        call = self._calls.get(ask.call_id)
        if call is not None:
            self._send(call.answered, source)
            return
        media = sound_address(ask.body)
        if fault == "no_answer" or ask.call_id in self._opening:
            return
        if account not in self._accounts:
            self._send(answer(ask, "404 Not Found", "x"), source)
        elif fault == "ring":
            self._send(answer(ask, "180 Ringing", "ring"), source)
        elif fault == "busy" or self._is_busy(account):
            self._send(answer(ask, "486 Busy Here", "x"), source)
        elif media is None:
            self._send(answer(ask, "488 Not Acceptable Here", "x"), source)
        elif not self._is_proved(ask):
            self._challenge(ask, source)
        else:
            self._opening.add(ask.call_id)
            self._later(self._take(ask, source, media, fault))

    def _registered(self, ask: Ask, source: Address) -> None:
        """The bank plays an exchange as well, at which a caller has an account of its own."""
        if self._is_proved(ask):
            known = f"Contact: {ask.one('contact')}\r\nExpires: {ask.one('expires')}\r\n"
            self._send(answer(ask, "200 OK", "x", known), source)
            self.say(event="registered", account=user_of(ask.one("from")))
        else:
            self._challenge(ask, source)

    def _is_proved(self, ask: Ask) -> bool:
        """By the password of the loudspeaker, or of the account that calls."""
        names = {ask.account, user_of(ask.one("from"))}
        return not self._password or proves(ask, names, self._password, self._nonce)

    def _challenge(self, ask: Ask, source: Address) -> None:
        hint = "".join(
            f'WWW-Authenticate: Digest realm="{REALM}", nonce="{self._nonce}", '
            f'algorithm={name}, qop="auth"\r\n'
            for name in ("SHA-256", "MD5")
        )
        self._send(answer(ask, "401 Unauthorized", "x", hint), source)

    def _is_busy(self, account: str) -> bool:
        """A horn plays one call at a time."""
        return any(call.account == account for call in self._calls.values())

    async def _take(self, ask: Ask, source: Address, media: Address, fault: str | None) -> None:
        invite_at, tag = utc_now(), secrets.token_hex(4)
        self._send(answer(ask, "100 Trying", tag), source)
        hearing = Hearing(
            monitor=self._monitor,
            on_voiced=lambda: self.say(
                event="voiced",
                call=ask.call_id,
                account=ask.account,
                first_packet_at=hearing.first_packet_at,
                first_voiced_at=hearing.first_voiced_at,
            ),
        )
        hearing.mute = fault == "deaf"
        sock = _socket(self._host, 0)
        port = int(sock.getsockname()[1])
        loop = asyncio.get_running_loop()
        await loop.create_datagram_endpoint(lambda: hearing, sock=sock)
        contact = f"Contact: <sip:{ask.account}@{self._host}:{self._port}>\r\n"
        taken = answer(
            ask,
            "200 OK",
            tag,
            contact + "Content-Type: application/sdp\r\n",
            description(self._host, port, monitor=self._monitor),
        )
        call = Call(ask.account, invite_at, source, hearing, tag, taken, ask, media)
        self._calls[ask.call_id] = call
        self._opening.discard(ask.call_id)
        self._send(taken, source)
        self._later(self._attend(ask.call_id))
        if fault == "drop":
            self._later(self._drop(ask.call_id))

    async def _attend(self, call_id: str) -> None:
        """Report losses while the call is up, and end it when its sound has stopped coming."""
        packets, silent_s = 0, 0.0
        while (call := self._calls.get(call_id)) is not None:
            call.hearing.report((call.caller[0], call.caller[1] + 1))
            came = call.hearing.packets > packets
            packets, silent_s = call.hearing.packets, 0.0 if came else silent_s + ATTEND_S
            if silent_s >= (DEAD_S if packets else UNBEGUN_S):
                self._hang_up(call_id, "silent")
                return
            await asyncio.sleep(ATTEND_S)

    async def _drop(self, call_id: str) -> None:
        await asyncio.sleep(1.0)
        self._hang_up(call_id, "dropped")

    def _hang_up(self, call_id: str, why: str) -> None:
        call = self._calls.get(call_id)
        if call is None:
            return
        bye = (
            f"BYE sip:jiedao@{call.peer[0]}:{call.peer[1]} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{secrets.token_hex(8)}\r\n"
            f"Max-Forwards: 70\r\nFrom: {call.ask.one('to')};tag={call.tag}\r\n"
            f"To: {call.ask.one('from')}\r\nCall-ID: {call_id}\r\nCSeq: 1 BYE\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        self._send(bye.encode(), call.peer)
        self._end(call_id, why)

    def _end(self, call_id: str, why: str) -> None:
        call = self._calls.pop(call_id, None)
        if call is not None:
            self._later(self._finish(call, call_id, why))

    async def _finish(self, call: Call, call_id: str, why: str) -> None:
        # Sound that came before the farewell may still lie unread in its own socket.
        await asyncio.sleep(DRAIN_S)
        self._tell_end(call, call_id, why)

    def _tell_end(self, call: Call, call_id: str, why: str) -> None:
        hearing = call.hearing
        hearing.report((call.caller[0], call.caller[1] + 1))
        hearing.close()
        name = f"{call.account}-{secrets.token_hex(4)}.wav"
        self.say(
            event="ended",
            call=call_id,
            account=call.account,
            why=why,
            invite_at=call.invite_at,
            first_packet_at=hearing.first_packet_at,
            first_voiced_at=hearing.first_voiced_at,
            last_packet_at=hearing.last_packet_at,
            packets=hearing.packets,
            lost=hearing.lost,
            wav=hearing.write(self._heard / name) if self._heard else "",
        )

    def _send(self, data: bytes, to: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, to)

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _socket(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.setblocking(False)
    sock.bind((host, port))
    return sock
