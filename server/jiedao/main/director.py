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
from jiedao.main.tape import BRIDGE, Cue, Direction, tape

LOOK_EVERY_S = 0.25
SEATS_EVERY_S = 1.0
RETRY_S = 2.0
LINE_PATIENCE_S = 2.0
# A browser that showed no sign of life for so long has left its seat.
SEAT_KEPT = timedelta(minutes=3)
DRILL_FINDS_MATTER_WITHIN = timedelta(seconds=60)
SEATS_FILE = "sim-seats.json"
SIMULATED = "sim"
LOUDSPEAKER = "SP001"

Json = dict[str, Any]


def main() -> None:
    settings = load_settings()
    log.configure("director", settings.log)
    django.setup()
    run_until_parent_gone(lambda stop: _live(settings, SystemClock(), stop))


def _live(settings: Settings, clock: Clock, stop: threading.Event) -> None:
    lives = settings.demo_tape == "day"
    direction = Direction(
        tape(SEED) if lives else None,
        random.Random(SEED),  # noqa: S311 - a story, not a secret
        is_film=bool(settings.demo_source),
    )
    rows = DemoRows(clock)
    seats = settings.data_dir / "run" / SEATS_FILE
    seats_due_s = 0.0
    with Heartbeat("director", settings.data_dir, patience_s=20) as heart:
        while not stop.wait(LOOK_EVERY_S):
            try:
                now_s = clock.monotonic_s()
                if now_s >= seats_due_s:
                    seats_due_s = now_s + SEATS_EVERY_S
                    # On a quiet platform a drill brings its own people.
                    free = rows.free_seats() if lives else []
                    write_seats(seats, free, reports=lives)
                _look(direction, rows, settings.demo_control_port, now_s)
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


def _look(direction: Direction, rows: "DemoRows", port: int, now_s: float) -> None:
    """One look round: who speaks, who asks for a drill, whose turn it is on the tape."""
    watched = is_watched(tell_cameras(port, {"status": True}))
    # Drills wait until the camera is being watched; until then nobody would see them.
    news = rows.news(take_drills=watched)
    for cue in direction.live(now_s, watched=watched, drills=news.drills, spoken=news.spoken):
        _cue(port, cue)
    rows.tie_drills()


def _cue(port: int, cue: Cue) -> None:
    answer = tell_cameras(port, cue.command())
    log.get().info("cued", cue=cue.name, variant=cue.variant, ok=answer.get("ok"))


def is_watched(status: Json) -> bool:
    """Whether somebody films the bank under the bridge; another's camera is taken to be."""
    mount = status.get("mounts", {}).get(BRIDGE)
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


@dataclass(frozen=True, slots=True)
class News:
    """Drills taken up, and announcements under the bridge that began to sound."""

    drills: int
    spoken: int


class DemoRows:
    """What the director reads and writes in the database."""

    def __init__(self, clock: Clock, loudspeaker: str = LOUDSPEAKER) -> None:
        self._clock = clock
        self._loudspeaker = loudspeaker
        self._actor = system("director")
        self._heard_until = clock.now()
        self._untied: list[UUID] = []

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

    def news(self, *, take_drills: bool) -> News:
        """What happened since the last call; drills that wait are taken up, if they may be."""
        with transact(self._actor, self._clock) as tx:
            return News(self._take_drills(tx) if take_drills else 0, self._newly_spoken())

    def _newly_spoken(self) -> int:
        from jiedao.voice.models import Announcement  # noqa: PLC0415

        begun = Announcement.objects.filter(
            loudspeaker__code=self._loudspeaker, first_packet_at__gt=self._heard_until
        )
        times = list(begun.values_list("first_packet_at", flat=True))
        self._heard_until = max([self._heard_until, *(at for at in times if at is not None)])
        return len(times)

    def _take_drills(self, tx: Tx) -> int:
        from jiedao.plans.models import Drill  # noqa: PLC0415
        from jiedao.trace.writing import Fact, record  # noqa: PLC0415

        waiting = list(Drill.objects.select_for_update().filter(taken_at=None))
        for drill in waiting:
            drill.taken_at = tx.now
            drill.save(update_fields=["taken_at"])
            record(tx, Fact("drill.taken", "drill", drill.id, payload={"kind": drill.kind}))
        self._untied += [drill.id for drill in waiting]
        return len(waiting)

    def tie_drills(self) -> None:
        """Write down which matter a drill became, once the bridge's camera has reported it."""
        if not self._untied:
            return
        from jiedao.matters.models import Matter  # noqa: PLC0415
        from jiedao.plans.models import Drill  # noqa: PLC0415

        with transact(self._actor, self._clock) as tx:
            for drill in Drill.objects.filter(id__in=self._untied):
                since = drill.taken_at or tx.now
                seen = Matter.objects.filter(item="water_fence", last_seen_at__gte=since)
                matter = seen.order_by("-last_seen_at").values_list("id", flat=True).first()
                if matter is not None:
                    drill.matter_id = matter
                    drill.save(update_fields=["matter_id"])
                if matter is not None or tx.now - since > DRILL_FINDS_MATTER_WITHIN:
                    self._untied.remove(drill.id)


if __name__ == "__main__":
    main()
