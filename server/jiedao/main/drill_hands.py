# SPDX-License-Identifier: Apache-2.0
"""The hands of a drill: at the desk over the public API, and at the simulated camera's cue line."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from jiedao.base.errors import BadInput
from jiedao.sim.phone.api import Api, Refused

AWAY = (OSError, http.client.HTTPException)
HANDS_WITHIN_S = 30.0
RETRY_S = 0.3


class Desk:
    """An operator and a verifier, each signed in, who do what the story needs next."""

    def __init__(self, address: str) -> None:
        self._operator, self._verifier = _seat(address, "operator"), _seat(address, "verifier")
        self._acts: dict[str, str] = {}
        self._again_at: dict[str, float] = {}

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

    def do_next(self, matter: str, at: Mapping[str, datetime]) -> None:
        """Confirm when the alarm stands, verify what was reported, rate what was closed."""
        for after, done, action in (
            (("alarm",), "confirmed", "confirm"),
            (("reported", "looked"), "verified", "verify_pass"),
            (("closed",), "rated", "rate"),
        ):
            if done not in at and all(step in at for step in after):
                hand = self._operator if action == "confirm" else self._verifier
                self._act(hand, matter, action)

    def records(self, matter: str) -> int:
        """How many records the matter's way has left."""
        way = _insist(lambda: self._verifier.get(f"/matters/{matter}"))
        return int(way["trace"]["records"])

    def _act(self, hand: Api, matter: str, action: str) -> None:
        """Once, and again with the same id while the platform does not answer."""
        now = time.monotonic()
        if now < self._again_at.get(action, 0.0):
            return
        self._again_at[action] = now + RETRY_S
        act_id = self._acts.setdefault(action, str(uuid4()))
        values: dict[str, Any] = {"rating": 5} if action == "rate" else {}
        try:
            hand.post(f"/matters/{matter}/acts/{action}", act_id=act_id, **values)
        except Refused as refusal:
            if refusal.status < 500 and refusal.status != 409:
                raise
        except AWAY:
            return


def cue_camera(status: Path) -> None:
    """Tell the simulated camera under the bridge: a crossing, now."""
    port = int(json.loads(status.read_text("utf-8"))["control_port"])
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(json.dumps({"cue": "crossing", "mount": "bridge"}).encode() + b"\n")
        answer = json.loads(line.makefile().readline())
    if not answer.get("ok"):
        raise BadInput(where="sim-camera", why=str(answer.get("error")))


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
