# SPDX-License-Identifier: Apache-2.0
"""SIP transactions over UDP with the timers of RFC 3261 §17, fed with time, without I/O.

A transaction is told what arrives and how late it is, and answers with what to do. `due_at` says
when it next wants `tick`; times are seconds on any clock that never jumps.
"""

import math
from dataclasses import dataclass, field

from jiedao.voice.sip import Request, Response

T1_S = 0.5
"""Estimate of a round trip; everything else follows from it."""
T2_S = 4.0
T4_S = 5.0
PATIENCE_S = 64 * T1_S
"""Timers B, F and H: how long a peer may be silent."""
ABSORB_S = 32.0
"""Timer D: how long repeats of a final answer are still expected."""


@dataclass(frozen=True, slots=True)
class Resend:
    """Put these bytes on the wire (again)."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """The peer's answer, each only once."""

    response: Response


@dataclass(frozen=True, slots=True)
class Silent:
    """The peer never answered."""


Step = Resend | Answered | Silent


@dataclass(slots=True)
class ClientTransaction:
    """One request of ours on its way to its final answer; INVITE or any other but ACK."""

    request: Request
    due_at: float = math.inf
    done: bool = False
    _state: str = "new"
    _interval_s: float = T1_S
    _deadline: float = math.inf
    _ack: bytes = b""
    _seen: set[int] = field(default_factory=set)

    @property
    def is_invite(self) -> bool:
        return self.request.method == "INVITE"

    @property
    def answered(self) -> bool:
        """Whether the peer has said anything at all."""
        return self._state not in ("new", "calling")

    def start(self, now: float) -> list[Step]:
        """Send it for the first time."""
        self._state = "calling"
        self._deadline = now + PATIENCE_S
        self.due_at = min(now + self._interval_s, self._deadline)
        return [Resend(self.request.format())]

    def receive(self, response: Response, now: float) -> list[Step]:
        """Take an answer that carries this transaction's branch and method."""
        if self.done:
            return []
        if response.status < 200:
            return self._provisional(response, now)
        if self._state == "completed":
            # The peer repeats its refusal because our ACK was lost.
            return [Resend(self._ack)] if self._ack else []
        return self._final(response, now)

    def _provisional(self, response: Response, now: float) -> list[Step]:
        if self._state == "completed":
            return []
        self._state = "proceeding"
        if self.is_invite:
            # RFC 3261 lets a ringing phone ring on; how long is the caller's decision.
            self.due_at = self._deadline = math.inf
        else:
            self._interval_s = T2_S
            self.due_at = min(now + T2_S, self._deadline)
        if response.status in self._seen:
            return []
        self._seen.add(response.status)
        return [Answered(response)]

    def _final(self, response: Response, now: float) -> list[Step]:
        if self.is_invite and response.status < 300:
            # Repeats of a 2xx belong to the dialog, which acknowledges each.
            self._finish()
            return [Answered(response)]
        self._state = "completed"
        steps: list[Step] = [Answered(response)]
        if self.is_invite:
            self._ack = acknowledge_refusal(self.request, response).format()
            steps.insert(0, Resend(self._ack))
        self.due_at = self._deadline = now + (ABSORB_S if self.is_invite else T4_S)
        return steps

    def tick(self, now: float) -> list[Step]:
        """Do what is due at `now`."""
        if self.done or now < self.due_at:
            return []
        if now >= self._deadline:
            silent = self._state != "completed"
            self._finish()
            return [Silent()] if silent else []
        self._interval_s *= 2
        if not self.is_invite:
            self._interval_s = min(self._interval_s, T2_S)
        self.due_at = min(now + self._interval_s, self._deadline)
        return [Resend(self.request.format())]

    def stop_repeating(self) -> None:
        """Send it no more, but still take an answer that is already on its way."""
        self.due_at = self._deadline

    def _finish(self) -> None:
        self.done = True
        self.due_at = math.inf


def acknowledge_refusal(request: Request, response: Response) -> Request:
    """The ACK that ends a refused INVITE; it keeps the INVITE's branch (RFC 3261 §17.1.1.3)."""
    kept = [pair for pair in request.headers if pair[0] in ("from", "call-id", "route")]
    headers = (
        ("via", request.header("via")),
        ("max-forwards", "70"),
        *kept,
        ("to", response.header("to")),
        ("cseq", f"{request.cseq[0]} ACK"),
    )
    return Request(headers, b"", "ACK", request.uri)


class Answers:
    """What we answered to peers' requests, so that a repeat gets the same answer (§17.2)."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, bytes]] = {}

    def repeat_of(self, request: Request) -> bytes | None:
        """The answer already given to this request, if it is a repeat."""
        kept = self._kept.get((request.branch, request.method))
        return kept[1] if kept else None

    def keep(self, request: Request, answer: bytes, now: float) -> None:
        """Remember an answer for as long as repeats may come."""
        for key in [k for k, (until, _) in self._kept.items() if until <= now]:
            del self._kept[key]
        self._kept[request.branch, request.method] = (now + PATIENCE_S, answer)
