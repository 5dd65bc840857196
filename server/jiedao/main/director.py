# SPDX-License-Identifier: Apache-2.0
"""The director of the living demo: cues the simulated cameras, answers drills, minds the seats.

It looks at rows and writes only what belongs to the demo: which drills were taken, and the list of
seats that simulated people may play. A seat that a visitor took is left to the visitor.
"""

import json
import os
import random
import socket
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiedao.main.django_settings")

import django
from django.db import Error as DatabaseError
from django.db import connections

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.child import run_until_parent_gone
from jiedao.base.clock import Clock, SystemClock
from jiedao.base.database import Tx, transact
from jiedao.base.health import Heartbeat
from jiedao.base.settings import Settings, load_settings
from jiedao.main.demo import SEED
from jiedao.main.tape import BRIDGE, STAGES, Cue, Direction, Moment, Stage, tape

LOOK_EVERY_S = 0.25
SEATS_EVERY_S = 1.0
RETRY_S = 2.0
LINE_PATIENCE_S = 2.0
# A browser that showed no sign of life for so long has left its seat.
SEAT_KEPT = timedelta(minutes=3)
DRILL_FINDS_MATTER_WITHIN = timedelta(seconds=60)
CREWS_EVERY_S = 60.0
SEATS_FILE = "sim-seats.json"
SIMULATED = "sim"

Json = dict[str, Any]


def main() -> None:
    settings = load_settings()
    log.configure("director", settings.log)
    django.setup()
    run_until_parent_gone(lambda stop: _live(settings, SystemClock(), stop))


def _live(settings: Settings, clock: Clock, stop: threading.Event) -> None:
    lives = settings.demo_tape == "day"
    plays = [
        Play(
            Direction(
                stage,
                tape(SEED, stage) if lives else None,
                random.Random(SEED),  # noqa: S311 - a story, not a secret
                is_film=bool(settings.demo_source) and stage is BRIDGE,
            ),
            StageRows(clock, stage),
        )
        for stage in STAGES
    ]
    rows = DemoRows(clock)
    seats = settings.data_dir / "run" / SEATS_FILE
    seats_due_s = crews_due_s = 0.0
    with Heartbeat("director", settings.data_dir, patience_s=20) as heart:
        while not stop.wait(LOOK_EVERY_S):
            try:
                now_s = clock.monotonic_s()
                if now_s >= seats_due_s:
                    seats_due_s = now_s + SEATS_EVERY_S
                    # On a quiet platform a drill brings its own people.
                    free = rows.free_seats() if lives else []
                    write_seats(seats, free, reports=lives)
                if lives and now_s >= crews_due_s:
                    crews_due_s = now_s + CREWS_EVERY_S
                    rows.relieve()
                _look(plays, settings.demo_control_port, now_s)
                heart.ready()
            except DatabaseError as error:
                connections.close_all()
                heart.not_ready("database.away")
                log.get().warning("database away", error=str(error).strip()[:200])
                stop.wait(RETRY_S)
            except OSError as error:
                heart.not_ready("demo.camera_away")
                log.get().warning("simulated cameras away", error=str(error))
                stop.wait(RETRY_S)


@dataclass(frozen=True, slots=True)
class Play:
    """A stage's direction, and its rows."""

    direction: Direction
    rows: "StageRows"


def _look(plays: list[Play], port: int, now_s: float) -> None:
    """One look round: who speaks, who asks for a drill, whose turn it is on the tape."""
    status = tell_cameras(port, {"status": True})
    for play in plays:
        watched = is_watched(status, play.direction.stage.mount)
        news = play.rows.news(watched=watched)
        cues = play.direction.clear() if news.drill_waits else []
        moment = Moment(watched, news.drill, news.spoken, news.arrived)
        for cue in [*cues, *play.direction.live(now_s, moment)]:
            _cue(port, cue)
        play.rows.follow_drills()


def _cue(port: int, cue: Cue) -> None:
    answer = tell_cameras(port, cue.command())
    told = {"mount": cue.mount, "variant": cue.variant, "ok": answer.get("ok")}
    log.get().info("cued", cue=cue.name, **told)


def is_watched(status: Json, name: str) -> bool:
    """Whether somebody films a stage; another's camera is taken to be."""
    mount = status.get("mounts", {}).get(name)
    return mount is None or mount["sessions"] > 0


def tell_cameras(port: int, command: Json) -> Json:
    """Say one line to the simulated cameras, and hear the answer.

    Raises:
        OSError: nobody answers.
    """
    address = ("127.0.0.1", port)
    with socket.create_connection(address, timeout=LINE_PATIENCE_S) as line:
        line.sendall(json.dumps(command).encode() + b"\n")
        said = line.makefile("rb").readline()
    try:
        answer = json.loads(said)
    except ValueError as error:
        raise ConnectionError("no answer") from error
    return dict(answer)


def write_seats(file: Path, free: list[str], *, reports: bool) -> None:
    """Tell the simulated people who of them may act."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".new")
    draft.write_text(json.dumps({"free": free, "reports": reports}), "utf-8")
    draft.replace(file)


class DemoRows:
    """What the director reads and writes of the people of the demo."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._actor = system("director")

    def free_seats(self) -> list[str]:
        """Logins of the demo at which no visitor sits."""
        from jiedao.town.models import Account, Session  # noqa: PLC0415

        with transact(self._actor, self._clock) as tx:
            taken = (
                Session.objects.filter(expires_at__gt=tx.now, seen_at__gt=tx.now - SEAT_KEPT)
                .exclude(screen=SIMULATED)
                .values("account_id")
            )
            accounts = Account.objects.filter(demo=True, is_active=True).exclude(id__in=taken)
            return sorted(accounts.values_list("login", flat=True))

    def relieve(self) -> None:
        """Let one crew relieve the other, when it is time."""
        from jiedao.main.crews import relieve  # noqa: PLC0415

        with transact(self._actor, self._clock) as tx:
            relieve(tx)


@dataclass(frozen=True, slots=True)
class News:
    """What happened about a stage since the last look.

    Attributes:
        drill: a drill was taken up.
        drill_waits: one waits until what goes on there is over.
    """

    drill: bool
    drill_waits: bool
    spoken: bool
    arrived: bool


class StageRows:
    """What the director reads and writes in the database for one stage."""

    def __init__(self, clock: Clock, stage: Stage, loudspeaker: str | None = None) -> None:
        self._clock, self._stage = clock, stage
        self._loudspeaker = loudspeaker or stage.loudspeaker
        self._actor = system("director")
        self._heard_until = self._arrived_until = clock.now()
        self._asked_to_clear: UUID | None = None

    def news(self, *, watched: bool) -> News:
        """What happened since the last call; the drill that waits is taken up once it may be.

        It may be while the camera is watched, for else nobody would see it, and while no matter
        of its kind is going on, for it would only be counted on that.
        """
        with transact(self._actor, self._clock) as tx:
            taken, waits = self._take_drill(tx, watched=watched)
            return News(taken, waits, self._newly_spoken(), self._newly_arrived())

    def _newly_spoken(self) -> bool:
        from jiedao.voice.models import Announcement  # noqa: PLC0415

        begun = Announcement.objects.filter(
            loudspeaker__code=self._loudspeaker, first_packet_at__gt=self._heard_until
        )
        times = [at for at in begun.values_list("first_packet_at", flat=True) if at is not None]
        self._heard_until = max([self._heard_until, *times])
        return bool(times)

    def _newly_arrived(self) -> bool:
        from jiedao.matters.models import Task  # noqa: PLC0415

        there = Task.objects.filter(
            matter__item=self._stage.item, matter__demo=True, arrived_at__gt=self._arrived_until
        )
        times = [at for at in there.values_list("arrived_at", flat=True) if at is not None]
        self._arrived_until = max([self._arrived_until, *times])
        return bool(times)

    def _take_drill(self, tx: Tx, *, watched: bool) -> tuple[bool, bool]:
        """Whether one was taken up, and whether one has just begun to wait for calm."""
        from jiedao.plans.store import drills_under_way  # noqa: PLC0415
        from jiedao.trace.writing import Fact, record  # noqa: PLC0415

        waiting = drills_under_way(tx.now).filter(kind=self._stage.drill, taken_at=None)
        drill = waiting.select_for_update().order_by("asked_at").first()
        if drill is None or not watched:
            return False, False
        if self._goes_on():
            begins, self._asked_to_clear = self._asked_to_clear != drill.id, drill.id
            return False, begins
        drill.taken_at = tx.now
        drill.save(update_fields=["taken_at"])
        record(tx, Fact("drill.taken", "drill", drill.id, payload={"kind": drill.kind}))
        return True, False

    def _goes_on(self) -> bool:
        """Whether the next of its kind would be taken for the same again."""
        from jiedao.catalog.store import Catalogue  # noqa: PLC0415
        from jiedao.matters.intake import SAME_SPOT_WITHIN, SAME_WITHIN  # noqa: PLC0415
        from jiedao.matters.models import Matter  # noqa: PLC0415
        from jiedao.signals.store import spot_of  # noqa: PLC0415
        from jiedao.town.calendar import local_day  # noqa: PLC0415

        catalogue = Catalogue(local_day(self._clock.now()))
        item, _pack = catalogue.item(self._stage.item)
        flow, _pack = catalogue.flow(item.flow)
        now = self._clock.now()
        going = Matter.objects.filter(item=self._stage.item, demo=True, state__in=flow.absorbs)
        return any(
            now - seen_at < (SAME_WITHIN if spot_of(matter) is None else SAME_SPOT_WITHIN)
            for matter, seen_at in going.values_list("id", "last_seen_at")
        )

    def follow_drills(self) -> None:
        """Write down which matter a drill became, and that it is over once all of it has ended."""
        from jiedao.matters.models import Matter  # noqa: PLC0415
        from jiedao.plans.store import drills_under_way  # noqa: PLC0415

        with transact(self._actor, self._clock) as tx:
            taken = drills_under_way(tx.now).filter(kind=self._stage.drill).exclude(taken_at=None)
            for drill in taken:
                since = drill.taken_at or tx.now
                seen = Matter.objects.filter(item=self._stage.item, last_seen_at__gte=since)
                drill.matter_id = (
                    seen.order_by("-last_seen_at").values_list("id", flat=True).first()
                )
                if drill.matter_id is None:
                    is_over = tx.now - since > DRILL_FINDS_MATTER_WITHIN
                else:
                    is_over = not seen.filter(closed_at=None).exists()
                drill.over_at = tx.now if is_over else None
                drill.save(update_fields=["matter_id", "over_at"])


if __name__ == "__main__":
    main()
