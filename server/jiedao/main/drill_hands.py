# SPDX-License-Identifier: Apache-2.0
"""The hands of a drill: at the desk, over the public API."""

import http.client
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from jiedao.base.errors import BadInput
from jiedao.sim.phone.api import Api, Refused

AWAY = (OSError, http.client.HTTPException)
HANDS_WITHIN_S = 30.0
CALM_WITHIN_S = 240.0
GOING_ON = ("reported", "filed", "dispatched", "on_way", "on_scene", "handling")
RETRY_S = 0.3


class Desk:
    """An operator and a verifier, each signed in, who do what the story needs next."""

    def __init__(self, address: str) -> None:
        self._operator, self._verifier = _seat(address, "operator"), _seat(address, "verifier")
        self._acts: dict[tuple[str, str], str] = {}
        self._again_at: dict[tuple[str, str], float] = {}

    def position(self) -> int:
        return int(_insist(lambda: self._operator.get("/desk/snapshot"))["position"])

    def ticket(self) -> str:
        """The feed's address with a fresh ticket; OSError while the platform is away."""
        try:
            url = str(self._operator.post("/tickets", purpose="feed")["url"])
        except Refused as error:
            raise ConnectionError(str(error)) from error
        except http.client.HTTPException as error:
            raise ConnectionError(str(error)) from error
        return url.replace("http", "ws", 1)

    def wait_for_hands(self) -> None:
        """Wait until somebody with a phone is on duty."""
        until = time.monotonic() + HANDS_WITHIN_S
        while time.monotonic() < until:
            if _insist(lambda: self._operator.get("/desk/snapshot"))["on_duty"]:
                return
            time.sleep(RETRY_S)
        raise BadInput(where="on duty", why="nobody checked in / 没有人签到")

    def ask_for_drill(self, kind: str) -> None:
        """Have the demo's director play it.

        Raises:
            BadInput: another is under way, or there were too many of late.
        """
        act_id = str(uuid4())
        try:
            _insist(lambda: self._operator.post("/drills", act_id=act_id, kind=kind))
        except Refused as refusal:
            raise BadInput(where=f"drill {kind}", why=refusal.code) from refusal

    def wait_for_calm(self, item: str) -> None:
        """Wait until nothing of the kind is going on: the drill would be counted on that.

        Raises:
            BadInput: it does not end.
        """
        until = time.monotonic() + CALM_WITHIN_S
        while time.monotonic() < until:
            cards = _insist(lambda: self._operator.get("/desk/snapshot"))["cards"]
            going = [c["number"] for c in cards if c["item"] == item and c["state"] in GOING_ON]
            if not going:
                return
            time.sleep(1.0)
        raise BadInput(where="calm", why=f"{', '.join(going)} goes on / 还在处置")

    def do(self, matter: str, action: str) -> None:
        """Confirm, verify or rate: once, and again with the same id while nothing answers."""
        hand = self._operator if action == "confirm" else self._verifier
        now, key = time.monotonic(), (matter, action)
        if now < self._again_at.get(key, 0.0):
            return
        self._again_at[key] = now + RETRY_S
        act_id = self._acts.setdefault(key, str(uuid4()))
        values: dict[str, Any] = {"rating": 5} if action == "rate" else {}
        try:
            hand.post(f"/matters/{matter}/acts/{action}", act_id=act_id, **values)
        except Refused as refusal:
            if refusal.status < 500 and refusal.status != 409:
                raise
        except AWAY:
            return

    def records(self, matter: str) -> int:
        """How many records the matter's way has left."""
        way = _insist(lambda: self._verifier.get(f"/matters/{matter}"))
        return int(way["trace"]["records"])


def _seat(address: str, seat: str) -> Api:
    api = Api(address)
    _insist(lambda: api.post(f"/demo/seats/{seat}"))
    return api


def _insist(ask: Callable[[], Any]) -> Any:  # Any: whatever the API answers
    """Ask until the platform answers, for a while."""
    until = time.monotonic() + HANDS_WITHIN_S
    while True:
        try:
            return ask()
        except AWAY:
            if time.monotonic() > until:
                raise
        except Refused as refusal:
            if refusal.status < 500 or time.monotonic() > until:
                raise
        time.sleep(RETRY_S)
