# SPDX-License-Identifier: Apache-2.0
"""Simulated people at work: decisions of `worker` and `desk`, carried out over the API."""

import http.client
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jiedao.sim.phone import photo
from jiedao.sim.phone.api import Api, Refused
from jiedao.sim.phone.desk import Deed, DutyRoom, plan_goes_on
from jiedao.sim.phone.worker import Act, Answer, CheckIn, Fix, Raise, Worker

Json = dict[str, Any]
AWAY = (OSError, http.client.HTTPException)
# At the pace of life; a faster pace looks as much more often.
DESK_EVERY_S = 6.0
IDLE_PHONE_EVERY_S = 4.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seat:
    """An account that may be played.

    Attributes:
        kind: worker, operator or verifier.
        party: its party's id.
        home: the worker's post, lon and lat.
    """

    login: str
    password: str
    kind: str
    party: str
    home: tuple[float, float]


@dataclass(slots=True)
class Player:
    """Plays one seat: signs in when first needed, and again when its session has ended."""

    seat: Seat
    api: Api
    is_signed_in: bool = False
    is_away: bool = False
    due_s: float = 0.0

    def sign_in(self) -> None:
        if not self.is_signed_in:
            self.api.sign_in(self.seat.login, self.seat.password)
            self.is_signed_in = True


@dataclass(slots=True)
class Company:
    """Everybody who is simulated.

    Attributes:
        free: logins that no visitor sits at; only these are played.
        reports: whether workers come upon things by themselves.
        say: told each deed, for the log and for tests.
    """

    players: list[Player]
    seed: int
    pace: float
    say: Callable[[Json], None]
    free: frozenset[str] = frozenset()
    reports: bool = False
    _workers: dict[str, Worker] = field(init=False, default_factory=dict)
    _room: DutyRoom = field(init=False)
    _desk_due_s: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._room = DutyRoom(random.Random(f"{self.seed}:desk"), self.pace)  # noqa: S311

    def live(self, now_s: float) -> None:
        """Let everybody do what is due; who cannot reach the platform tries again later."""
        for player in self._free("worker"):
            if now_s >= player.due_s:
                self._try(player, partial(self._work, player, now_s))
        if now_s >= self._desk_due_s:
            self._desk_due_s = now_s + DESK_EVERY_S / self.pace
            self._run_desk(now_s)

    def _free(self, kind: str) -> list[Player]:
        return [p for p in self.players if p.seat.kind == kind and p.seat.login in self.free]

    def _try(self, player: Player, do: Callable[[], None]) -> None:
        try:
            player.sign_in()
            do()
            player.is_away = False
        except Refused as refusal:
            # Signed out, or somebody was quicker: both are everyday.
            player.is_signed_in = player.is_signed_in and refusal.status != 401
            self.say({"event": "refused", "login": player.seat.login, "why": str(refusal)})
        except AWAY as error:
            if not player.is_away:
                self.say({"event": "away", "login": player.seat.login, "why": str(error)})
            player.is_away = True

    def _work(self, player: Player, now_s: float) -> None:
        seat = player.seat
        worker = self._workers.get(seat.login)
        if worker is None:
            dice = random.Random(f"{self.seed}:{seat.login}")  # noqa: S311 - nothing secret
            worker = self._workers[seat.login] = Worker(seat.home, dice, self.pace)
        today = player.api.get("/phone/today")
        if not today["tasks"]:
            player.due_s = now_s + IDLE_PHONE_EVERY_S / self.pace
        for act in worker.live(now_s, today, reports=self.reports):
            self._do(player, worker, act)

    def _do(self, player: Player, worker: Worker, act: Act) -> None:
        api, (lon, lat) = player.api, worker.at
        at = datetime.now(UTC).isoformat()
        match act:
            case CheckIn():
                api.act("/shifts/check-in", lon=lon, lat=lat, at=at)
            case Fix(at=spot, battery_pct=battery_pct):
                api.send_fix(at, *spot, battery_pct)
                return
            case Raise(item=item, note=note, at=spot):
                api.act("/matters", item=item, note=note, lon=spot[0], lat=spot[1])
            case Answer(task=task, action="report", note=note, scene=scene):
                picture = photo.take(at[:19].replace("T", " "), int(time.time()), scene)
                blob = api.upload(picture, "image/jpeg")
                path = f"/tasks/{task}/acts/report"
                api.act(path, note=note, blobs=[blob], lon=lon, lat=lat, at=at)
            case Answer(task=task, action=action):
                api.act(f"/tasks/{task}/acts/{action}", lon=lon, lat=lat, at=at)
        self.say({"event": "act", "login": player.seat.login, "act": repr(act)})

    def _run_desk(self, now_s: float) -> None:
        operators, verifiers = self._free("operator"), self._free("verifier")
        watcher = next(iter([*operators, *verifiers]), None)
        if watcher is not None:
            self._try(watcher, partial(self._serve, watcher, operators, verifiers, now_s))

    def _serve(
        self, watcher: Player, operators: list[Player], verifiers: list[Player], now_s: float
    ) -> None:
        cards = watcher.api.get("/desk/snapshot")["cards"]
        for deed in self._room.live(now_s, cards):
            kind = "verifier" if deed.do in ("verify", "rate") else "operator"
            hands = verifiers if kind == "verifier" else operators
            # A visitor at one desk has the desk: the other seat of the same kind keeps still.
            if hands and len(hands) == sum(p.seat.kind == kind for p in self.players):
                self._try(hands[0], partial(self._perform, hands[0], deed))

    def _perform(self, player: Player, deed: Deed) -> None:
        api = player.api
        if deed.do == "send":
            self._send(api, deed.matter)
        else:
            detail = api.get(f"/matters/{deed.matter}")
            wanted = {
                "confirm": ("confirm", "confirm_underway"),
                "verify": ("verify_pass",),
                "rate": ("rate",),
            }[deed.do]
            open_now = {o["action"] for o in detail["actions"]}
            action = next((name for name in wanted if name in open_now), None)
            if action is None:
                return
            extra = {"rating": 5} if action == "rate" else {}
            api.act(f"/matters/{deed.matter}/acts/{action}", **extra)
        self.say({"event": "deed", "login": player.seat.login, "do": deed.do, "on": deed.matter})

    def _send(self, api: Api, matter: str) -> None:
        """Send the nearest who has a phone, unless a plan is still at it: it sends by itself."""
        if plan_goes_on(api.get(f"/matters/{matter}")):
            return
        phones = {p.seat.party for p in self.players if p.seat.kind == "worker"}
        for candidate in api.get(f"/matters/{matter}/candidates"):
            if str(candidate["party"]) in phones:
                api.act(f"/matters/{matter}/dispatch", party=str(candidate["party"]))
                return
