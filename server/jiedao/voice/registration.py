# SPDX-License-Identifier: Apache-2.0
"""REGISTER: tells an exchange where our own account is reached, as it may want before we call.

Fed with messages and time, without I/O, like every dialog here.
"""

import math
from collections.abc import Callable
from dataclasses import replace

from jiedao.voice import digest
from jiedao.voice.dialog import (
    Command,
    Failed,
    HostPort,
    Registered,
    Send,
    Target,
    caller,
)
from jiedao.voice.sip import Headers, Request, Response, Uri
from jiedao.voice.transactions import Answered, ClientTransaction, Resend, Silent, Step

EXPIRES_S = 300
MAX_TRIES = 3
"""One without credentials, one with them, one for a nonce that has grown stale or a longer stay."""


class Registration:
    """One registration of ours.

    Args:
        target: the exchange, with our account there as `account` and in `identity`.
    """

    def __init__(
        self,
        target: Target,
        here: HostPort,
        token: Callable[[], str],
        expires_s: int = EXPIRES_S,
    ) -> None:
        self.call_id = f"{token()}@{here[0]}"
        self._target, self._here, self._token = target, here, token
        self._tag, self._expires_s = token(), expires_s
        self._tries = 0
        self._proof: Headers = ()
        self._transaction = ClientTransaction(self._request())

    @property
    def due_at(self) -> float:
        return self._transaction.due_at if not self._transaction.done else math.inf

    @property
    def over(self) -> bool:
        return self._transaction.done

    def start(self, now: float) -> list[Command]:
        """Ask to be known for `expires_s`; 0 to be forgotten."""
        self._tries += 1
        self._transaction = ClientTransaction(self._request())
        return self._follow(self._transaction.start(now), now)

    def receive(self, message: Request | Response, _source: HostPort, now: float) -> list[Command]:
        if isinstance(message, Request) or message.branch != self._transaction.request.branch:
            return []
        return self._follow(self._transaction.receive(message, now), now)

    def tick(self, now: float) -> list[Command]:
        return self._follow(self._transaction.tick(now), now)

    def _request(self) -> Request:
        here, own = self._here, caller(self._target, self._here)
        via = f"SIP/2.0/UDP {here[0]}:{here[1]};rport;branch=z9hG4bK{self._token()}"
        domain = replace(self._target.uri, user="")
        headers: Headers = (
            ("via", via),
            ("max-forwards", "70"),
            ("from", f"{own};tag={self._tag}"),
            ("to", own),
            ("call-id", self.call_id),
            ("cseq", f"{self._tries + 1} REGISTER"),
            ("contact", f"<{Uri(self._target.account, *here)}>"),
            ("expires", str(self._expires_s)),
            ("user-agent", "jiedao"),
            *self._proof,
        )
        return Request(headers, b"", "REGISTER", str(domain))

    def _follow(self, steps: list[Step], now: float) -> list[Command]:
        commands: list[Command] = []
        for step in steps:
            match step:
                case Resend(data):
                    commands.append(Send(data, (self._target.host, self._target.port)))
                case Answered(response) if response.status >= 200:
                    commands += self._answered(response, now)
                case Silent():
                    commands.append(Failed(408, "silence"))
                case _:
                    pass
        return commands

    def _answered(self, response: Response, now: float) -> list[Command]:
        if response.status < 300:
            return [Registered(_given(response, self._expires_s))]
        if self._tries < MAX_TRIES and self._may_ask_again(response):
            return self.start(now)
        return [Failed(response.status, response.reason)]

    def _may_ask_again(self, response: Response) -> bool:
        if response.status == 423:
            least = response.header("min-expires")
            self._expires_s = int(least) if least.isascii() and least.isdigit() else 0
            return 0 < self._expires_s < 86_400
        proxy = response.status == 407
        if response.status not in (401, 407) or self._target.credentials is None:
            return False
        values = response.all("proxy-authenticate" if proxy else "www-authenticate")
        challenge = digest.strongest(values)
        if challenge is None or (self._proof and not challenge.stale):
            return False  # The password itself is wrong.
        uri = str(replace(self._target.uri, user=""))
        proof = digest.answer(
            challenge, self._target.credentials, "REGISTER", uri, cnonce=self._token()
        )
        self._proof = (("proxy-authorization" if proxy else "authorization", proof),)
        return True


def _given(response: Response, asked_s: int) -> int:
    """For how long we are known, as the exchange says."""
    given = response.header("expires")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 7 else asked_s
