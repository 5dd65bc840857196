# SPDX-License-Identifier: Apache-2.0
"""Keeps recordings no longer than they may be kept, and the disk no fuller than it may be.

A thread of the media process looks at the disk every few seconds and at the recordings once a
minute. What goes is bounded each time and put on record; files go after the rows are gone for good.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.base.ids import new_id
from jiedao.cameras import device_matters, disk, footage
from jiedao.cameras.intake import away_if_lost
from jiedao.cameras.taking import DatabaseAway
from jiedao.catalog.store import Catalogue
from jiedao.matters.intake import Observation
from jiedao.town.calendar import local_day
from jiedao.town.models import Place
from jiedao.trace.writing import Fact, record

RECORDER: Final = uuid5(NAMESPACE_URL, "jiedao:recorder")
"""The one device that its disk's faults are told of."""
DISK_EVERY_S, KEEP_EVERY_S = 5.0, 60.0
JUMP: Final = timedelta(hours=1)
"""A clock that moved so much more than time did is not believed; nothing is forgotten by it."""
HOUSEKEEPING = system("recorder")


class Housekeeping:
    """Runs until closed.

    Args:
        folder: of all recordings.
        used: tells how full the disk is, percent; raises OSError if it cannot be told.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        used: Callable[[Path], float] = disk.used_percent,
    ) -> None:
        self._folder, self._clock, self._used = folder, clock, used
        self.level = 0
        self._told: int | None = None
        self._next_keep_s = clock.monotonic_s() + KEEP_EVERY_S
        self._known = (clock.now(), clock.monotonic_s())
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recordings", daemon=True)

    @property
    def is_full(self) -> bool:
        """Whether recording has to stop. Alarms, their pictures and their clips go on."""
        return self.level >= disk.STOP

    def start(self) -> None:
        self._look_at_disk()
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def sweep(self) -> None:
        """One look at everything that is due."""
        self._look_at_disk()
        if self.level != self._told:
            with away_if_lost(), transact(HOUSEKEEPING, self._clock) as tx:
                self._tell(tx)
            self._told = self.level
        now_s = self._clock.monotonic_s()
        if now_s >= self._next_keep_s or self.level >= disk.SHED:
            self._next_keep_s = now_s + KEEP_EVERY_S
            self.keep()

    def keep(self) -> None:
        """Class what matters need, and let go of what may be kept no longer."""
        now, now_s = self._clock.now(), self._clock.monotonic_s()
        expected = self._known[0] + timedelta(seconds=now_s - self._known[1])
        if abs(now - expected) > JUMP:
            log.get(__name__).error("clock jumped, nothing is forgotten", by=str(now - expected))
            return
        self._known = (now, now_s)
        with away_if_lost(), transact(HOUSEKEEPING, self._clock) as tx:
            footage.class_by_matters(tx.now)
            self._let_go(tx, "ceiling", footage.beyond_ceiling(tx.now))
            if self.level >= disk.SHED:
                most = disk.bytes_to_free(self._folder)
                self._let_go(tx, "disk", footage.beyond_floor(tx.now, most))

    def _let_go(self, tx: Tx, cause: str, old: list[footage.Old]) -> None:
        if not old:
            return
        footage.forget(old)
        payload = {
            "cause": cause,
            "segments": len(old),
            "bytes": sum(one.size_bytes for one in old),
            "until": max(one.to_at for one in old).isoformat(),
        }
        fact = Fact("recordings.forgotten", "recorder", RECORDER, payload=payload)
        record(tx, fact)
        tx.after_commit.append(lambda: self._unlink(old))

    def _unlink(self, old: list[footage.Old]) -> None:
        for one in old:
            file = self._folder / one.file
            file.unlink(missing_ok=True)
            for folder in (file.parent, file.parent.parent):
                try:
                    folder.rmdir()
                except OSError:
                    break  # Something else still lies in it.

    def _tell(self, tx: Tx) -> None:
        """Open the matter of the level in force, and end those of levels that are not."""
        catalogue = Catalogue(local_day(tx.now))
        standing = disk.SIGNALS.get(self.level, "")
        device_matters.end_signals(tx, catalogue, RECORDER, set(disk.SIGNALS.values()) - {standing})
        root = Place.objects.filter(parent=None).order_by("path").first()
        if standing and root is not None:
            device_matters.file_once(tx, catalogue, _seen(standing, tx.now, self.level, root))

    def _look_at_disk(self) -> None:
        try:
            self.level = disk.level_of(self._used(self._folder), self.level)
        except OSError:
            log.get(__name__).exception("disk of recordings cannot be looked at")
            self.level = disk.STOP

    def _run(self) -> None:
        while not self._closing.wait(DISK_EVERY_S):
            try:
                self.sweep()
            except DatabaseAway:
                continue
            except Exception:
                # The top of a worker loop.
                log.get(__name__).exception("housekeeping failed")


def _seen(kind: str, at: datetime, level: int, root: Place) -> Observation:
    return Observation(
        id=new_id(),
        source="recorder",
        source_id=RECORDER,
        kind=kind,
        place_path=root.path,
        captured_at=at,
        received_at=at,
        demo=root.demo,
        facts={"used_percent": level},
    )
