# SPDX-License-Identifier: Apache-2.0
"""One call from us to a loudspeaker: the dialog of RFC 3261 §12, fed with time, without I/O.

The call is told what arrives and how late it is, and answers with what to do: bytes to send, and
what has become of it. A second phone answering the same call (a fork) is not our case: a
loudspeaker account is one device.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from jiedao.voice import digest
from jiedao.voice.dialog import (
    Command,
    Ended,
    Failed,
    HostPort,
    Send,
    Target,
    Up,
    caller,
    reply,
)
from jiedao.voice.sdp import BadDescription, parse_answer
from jiedao.voice.sip import (
    BadMessage,
    Headers,
    Request,
    Response,
    Uri,
    parse_address,
    parse_uri,
)
from jiedao.voice.transactions import Answered, Answers, ClientTransaction, Resend, Silent, Step

AUTO_ANSWER: Headers = (
    # Three hints at once: makers disagree on which one counts.
    ("call-info", "<sip:announcement>;answer-after=0"),
    ("alert-info", "<http://localhost>;info=alert-autoanswer;delay=0"),
    ("answer-mode", "Auto"),
)
MAX_CHALLENGES = 2
"""One for no credentials yet, one for a nonce that has grown stale."""


@dataclass(slots=True)
class OutgoingCall:
    """A call of ours. `token` makes fresh random text for tags, branches and nonces."""

    target: Target
    here: HostPort
    offer: bytes
    token: Callable[[], str]
    call_id: str = ""
    state: str = "new"
    rang: bool = False
    _tag: str = ""
    _cseq: int = 1
    _challenges: int = 0
    _giving_up: bool = False
    _authorization: Headers = ()
    _remote_to: str = ""
    _remote_uri: Uri | None = None
    _route: tuple[str, ...] = ()
    _peer: HostPort | None = None
    _ack: bytes = b""
    _transactions: dict[tuple[str, str], ClientTransaction] = field(default_factory=dict)
    _invite: Request | None = None
    _answers: Answers = field(default_factory=Answers)

    def __post_init__(self) -> None:
        self.call_id = self.call_id or f"{self.token()}@{self.here[0]}"
        self._tag = self.token()

    def leftover(self) -> dict[str, object]:
        """What another process needs to hang up this call, if this one dies."""
        return {
            "call_id": self.call_id,
            "tag": self._tag,
            "cseq": self._cseq,
            "to": self._remote_to,
            "uri": str(self._remote_uri or self.target.uri),
            "route": list(self._route),
        }

    @classmethod
    def resume(
        cls, left: Mapping[str, Any], target: Target, here: HostPort, token: Callable[[], str]
    ) -> "OutgoingCall":
        """A dead process's call, as far as hanging it up needs it.

        Raises:
            BadMessage, KeyError, TypeError, ValueError: what was left cannot be read.
        """
        call = cls(target, here, b"", token, call_id=str(left["call_id"]), state="up")
        # Requests of the dead process after this count are unlikely, but must not be repeated.
        call._tag, call._cseq = str(left["tag"]), int(left["cseq"]) + 10
        call._remote_to, call._remote_uri = str(left["to"]), parse_uri(str(left["uri"]))
        call._route = tuple(str(route) for route in left["route"])
        return call

    @property
    def due_at(self) -> float:
        """When `tick` is next wanted."""
        return min((t.due_at for t in self._transactions.values()), default=math.inf)

    @property
    def over(self) -> bool:
        """Nothing more will come of it; not even repeats are waited for."""
        return self.state == "ended" and not self._transactions

    def start(self, now: float) -> list[Command]:
        """Ask the loudspeaker to take the call."""
        self.state = "calling"
        return self._send_invite(now)

    def _send_invite(self, now: float) -> list[Command]:
        headers = (
            *self._common("INVITE"),
            *AUTO_ANSWER,
            ("allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"),
            ("content-type", "application/sdp"),
            *self._authorization,
        )
        self._invite = Request(headers, self.offer, "INVITE", str(self.target.uri))
        return self._run(self._invite, now)

    def hang_up(self, now: float) -> list[Command]:
        """End it: BYE when it is up, CANCEL while it rings; safe to call at any time."""
        if self.state == "up":
            self.state = "ending"
            return self._run(self._in_dialog("BYE"), now)
        if self.state == "calling" and not self._giving_up:
            self._giving_up = True
            return [*self._cancel(now), *self._fail(487, "given up")]
        return []

    def _cancel(self, now: float) -> list[Command]:
        """CANCEL may only follow a provisional answer; before one we merely stop repeating."""
        invite = self._invite
        if invite is None:
            return []
        transaction = self._transactions.get((invite.branch, "INVITE"))
        if transaction is None:
            return []
        if not transaction.answered:
            transaction.stop_repeating()
            return []
        kept = [h for h in invite.headers if h[0] in ("via", "from", "to", "call-id", "route")]
        headers = (*kept, ("max-forwards", "70"), ("cseq", f"{self._cseq} CANCEL"))
        return self._run(Request(headers, b"", "CANCEL", invite.uri), now)

    def receive(self, message: Request | Response, source: HostPort, now: float) -> list[Command]:
        """Take what arrived under this Call-ID."""
        if isinstance(message, Request):
            return self._asked(message, source, now)
        method = message.cseq[1]
        transaction = self._transactions.get((message.branch, method))
        if transaction is None:
            # The ACK of a 2xx is lost now and then; the peer repeats its answer until it comes.
            late = method == "INVITE" and 200 <= message.status < 300 and self._ack
            return [Send(self._ack, self._next_hop())] if late else []
        if self._peer is None:
            self._peer = source
        return self._follow(transaction, transaction.receive(message, now), now)

    def tick(self, now: float) -> list[Command]:
        """Do what is due at `now`."""
        commands: list[Command] = []
        for transaction in list(self._transactions.values()):
            commands += self._follow(transaction, transaction.tick(now), now)
        return commands

    def _run(self, request: Request, now: float) -> list[Command]:
        transaction = ClientTransaction(request)
        self._transactions[request.branch, request.method] = transaction
        return self._follow(transaction, transaction.start(now), now)

    def _follow(
        self, transaction: ClientTransaction, steps: list[Step], now: float
    ) -> list[Command]:
        commands: list[Command] = []
        for step in steps:
            match step:
                case Resend(data):
                    commands.append(Send(data, self._next_hop()))
                case Answered(response):
                    commands += self._answered(transaction.request, response, now)
                case Silent():
                    commands += self._unanswered(transaction.request)
        if transaction.done:
            key = (transaction.request.branch, transaction.request.method)
            self._transactions.pop(key, None)
        return commands

    def _answered(self, request: Request, response: Response, now: float) -> list[Command]:
        if request.method == "INVITE":
            return self._invite_answered(request, response, now)
        if request.method == "BYE" and response.status >= 200:
            if response.status in (401, 407) and (again := self._prove(request, response, now)):
                return again
            # 481 means the peer has already forgotten the call: it is over there, too.
            return self._end(by_peer=False, confirmed=response.status in (200, 481))
        return []

    def _invite_answered(self, request: Request, response: Response, now: float) -> list[Command]:
        if response.status < 200:
            self.rang = True
            return self._cancel(now) if self._giving_up else []
        if response.status < 300:
            return self._taken(request, response, now)
        if self._giving_up:
            return []
        proof = self._prove(request, response, now) if response.status in (401, 407) else []
        return proof or self._fail(response.status, response.reason)

    def _prove(self, request: Request, response: Response, now: float) -> list[Command]:
        """Ask again with the account's password; nothing if that cannot help."""
        proxy = response.status == 407
        values = response.all("proxy-authenticate" if proxy else "www-authenticate")
        challenge = digest.strongest(values)
        credentials = self.target.credentials
        if challenge is None or credentials is None or self._challenges >= MAX_CHALLENGES:
            return []
        if request.method == "INVITE" and self._challenges and not challenge.stale:
            return []  # The password itself is wrong.
        self._challenges += 1
        proof = digest.answer(
            challenge, credentials, request.method, request.uri, cnonce=self.token()
        )
        self._authorization = (("proxy-authorization" if proxy else "authorization", proof),)
        if request.method == "INVITE":
            self._cseq += 1
            return self._send_invite(now)
        bye = self._in_dialog(request.method)
        return self._run(
            Request((*bye.headers, *self._authorization), b"", bye.method, bye.uri), now
        )

    def _taken(self, request: Request, response: Response, now: float) -> list[Command]:
        self._remote_to = response.header("to")
        self._route = tuple(reversed(_listed(response.all("record-route"))))
        try:
            self._remote_uri = parse_address(response.header("contact")).uri
        except BadMessage:
            self._remote_uri = parse_uri(request.uri)
        ack = self._in_dialog("ACK", count=request.cseq[0])
        self._ack = Request((*ack.headers, *self._authorization), b"", "ACK", ack.uri).format()
        commands: list[Command] = [Send(self._ack, self._next_hop())]
        gave_up, self.state = self._giving_up, "up"
        if gave_up:
            return commands + self.hang_up(now)
        try:
            media = parse_answer(response.body)
        except BadDescription as error:
            return [*commands, *self.hang_up(now), Failed(488, str(error))]
        return [*commands, Up(media)]

    def _unanswered(self, request: Request) -> list[Command]:
        if request.method == "INVITE" and not self._giving_up:
            return self._fail(408, "silence")
        if request.method == "BYE":
            return self._end(by_peer=False, confirmed=False)
        return []

    def _fail(self, status: int, reason: str) -> list[Command]:
        self.state = "ended"
        return [Failed(status, reason)]

    def _end(self, *, by_peer: bool, confirmed: bool) -> list[Command]:
        self.state = "ended"
        return [Ended(by_peer, confirmed)]

    def _asked(self, request: Request, source: HostPort, now: float) -> list[Command]:
        """Answer what the loudspeaker asks within the call."""
        if request.method == "ACK":
            return []
        if repeat := self._answers.repeat_of(request):
            return [Send(repeat, source)]
        over = request.method == "BYE" and self.state in ("up", "ending")
        answer = self._reply(request).format()
        self._answers.keep(request, answer, now)
        commands: list[Command] = [Send(answer, source)]
        return commands + (self._end(by_peer=True, confirmed=True) if over else [])

    def _reply(self, request: Request) -> Response:
        if request.method in ("BYE", "OPTIONS"):
            return reply(request, 200, "OK", self._tag)
        if request.method == "INVITE" and self.state == "up":
            # A session refresh: we keep to what was agreed.
            extra: Headers = (("contact", self._contact()), ("content-type", "application/sdp"))
            return reply(request, 200, "OK", self._tag, extra=extra, body=self.offer)
        return reply(request, 501, "Not Implemented", self._tag)

    def _common(self, method: str, count: int | None = None) -> Headers:
        via = f"SIP/2.0/UDP {self.here[0]}:{self.here[1]};rport;branch=z9hG4bK{self.token()}"
        return (
            ("via", via),
            ("max-forwards", "70"),
            ("from", f"{caller(self.target, self.here)};tag={self._tag}"),
            ("to", self._remote_to or f"<{self.target.uri}>"),
            ("call-id", self.call_id),
            ("cseq", f"{count or self._cseq} {method}"),
            ("contact", self._contact()),
            ("user-agent", "jiedao"),
        )

    def _contact(self) -> str:
        return f"<sip:jiedao@{self.here[0]}:{self.here[1]}>"

    def _in_dialog(self, method: str, count: int | None = None) -> Request:
        if count is None:
            self._cseq += 1
        routes = tuple(("route", value) for value in self._route)
        uri = str(self._remote_uri or self.target.uri)
        return Request((*self._common(method, count), *routes), b"", method, uri)

    def _next_hop(self) -> HostPort:
        """Where requests of this call go: the route, the contact, or whence the answer came."""
        if self._route:
            try:
                first = parse_address(self._route[0]).uri
                return first.host, first.port or 5060
            except BadMessage:
                pass
        contact = self._remote_uri
        if contact is not None and _is_ipv4(contact.host):
            return contact.host, contact.port or 5060
        return self._peer or (self.target.host, self.target.port)


def _listed(values: tuple[str, ...]) -> tuple[str, ...]:
    """Header values with those split up that share one line."""
    return tuple(
        part.strip() for value in values for part in re.split(r",(?=\s*<)", value) if part.strip()
    )


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True
