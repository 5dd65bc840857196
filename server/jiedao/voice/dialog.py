# SPDX-License-Identifier: Apache-2.0
"""What talks with loudspeakers are made of, and the shortest of them: are you there?"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from jiedao.voice.digest import Credentials
from jiedao.voice.sdp import Media
from jiedao.voice.sip import Headers, Request, Response, Uri
from jiedao.voice.transactions import Answered, ClientTransaction, Resend, Step

HostPort = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Identity:
    """Our own account at an exchange, and the domain that it and its loudspeakers belong to."""

    account: str
    domain: str


@dataclass(frozen=True, slots=True)
class Target:
    """A loudspeaker's account and where to reach it: an IPv4 address, a name, or "" for none.

    Called through an exchange, the address and the credentials are the exchange's, and we call as
    `identity`; called directly, there is none.
    """

    account: str
    host: str
    port: int
    credentials: Credentials | None = None
    identity: Identity | None = None

    @property
    def uri(self) -> Uri:
        if self.identity is not None:
            return Uri(self.account, self.identity.domain)
        return Uri(self.account, self.host, self.port)


def caller(target: Target, here: HostPort) -> str:
    """Who calls, as the From header names it without its tag."""
    if target.identity is not None:
        return f"<{Uri(target.identity.account, target.identity.domain)}>"
    return f"<sip:jiedao@{here[0]}:{here[1]}>"


@dataclass(frozen=True, slots=True)
class Send:
    """Put these bytes on the wire."""

    data: bytes
    to: HostPort


@dataclass(frozen=True, slots=True)
class Up:
    """The loudspeaker has taken the call; sound may flow."""

    media: Media


@dataclass(frozen=True, slots=True)
class Failed:
    """The call did not come about. `status` is the SIP status, 408 for silence, 488 for no codec,
    487 for a call given up by us."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The call is over. `confirmed`: the loudspeaker itself said so."""

    by_peer: bool
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Heard:
    """The loudspeaker has answered a question, whatever it said."""

    status: int


@dataclass(frozen=True, slots=True)
class Registered:
    """An exchange knows where we are, for so long."""

    expires_s: int


News = Up | Failed | Ended | Heard | Registered
Command = Send | News


class Dialog(Protocol):
    """A talk with one loudspeaker, fed with messages and time, that answers with commands."""

    call_id: str

    @property
    def due_at(self) -> float:
        """When `tick` is next wanted."""

    @property
    def over(self) -> bool:
        """Nothing more will come of it; not even repeats are waited for."""

    def receive(self, message: Request | Response, source: HostPort, now: float) -> list[Command]:
        """Take what arrived under this Call-ID."""

    def tick(self, now: float) -> list[Command]:
        """Do what is due at `now`."""


class Question:
    """OPTIONS: asks whether a loudspeaker answers at all. Any final answer will do."""

    def __init__(self, target: Target, here: HostPort, token: Callable[[], str]) -> None:
        self.call_id = f"{token()}@{here[0]}"
        self._to = (target.host, target.port)
        via = f"SIP/2.0/UDP {here[0]}:{here[1]};rport;branch=z9hG4bK{token()}"
        headers: Headers = (
            ("via", via),
            ("max-forwards", "70"),
            ("from", f"{caller(target, here)};tag={token()}"),
            ("to", f"<{target.uri}>"),
            ("call-id", self.call_id),
            ("cseq", "1 OPTIONS"),
            ("accept", "application/sdp"),
        )
        self._transaction = ClientTransaction(Request(headers, b"", "OPTIONS", str(target.uri)))

    @property
    def due_at(self) -> float:
        return self._transaction.due_at if not self._transaction.done else math.inf

    @property
    def over(self) -> bool:
        return self._transaction.done

    def start(self, now: float) -> list[Command]:
        """Ask."""
        return self._follow(self._transaction.start(now))

    def receive(self, message: Request | Response, _source: HostPort, now: float) -> list[Command]:
        if isinstance(message, Request) or message.branch != self._transaction.request.branch:
            return []
        return self._follow(self._transaction.receive(message, now))

    def tick(self, now: float) -> list[Command]:
        return self._follow(self._transaction.tick(now))

    def _follow(self, steps: list[Step]) -> list[Command]:
        commands: list[Command] = []
        for step in steps:
            match step:
                case Resend(data):
                    commands.append(Send(data, self._to))
                case Answered(response) if response.status >= 200:
                    commands.append(Heard(response.status))
                case _:
                    pass
        return commands


def reply(
    request: Request,
    status: int,
    reason: str,
    tag: str,
    *,
    extra: Headers = (),
    body: bytes = b"",
) -> Response:
    """An answer to a peer's request, with the headers that must be copied."""
    copied = [h for h in request.headers if h[0] in ("via", "from", "call-id", "cseq")]
    to = request.header("to")
    if not request.receiver.tag:
        to += f";tag={tag}"
    return Response((*copied, ("to", to), *extra), body, status, reason)
