# SPDX-License-Identifier: Apache-2.0
"""How cameras fare and who stands in their zones, written twice a second for everyone to see."""

import threading
from collections.abc import Callable, Sequence
from uuid import UUID

from jiedao.base import log
from jiedao.cameras.messages import Condition, Presence
from jiedao.cameras.taking import DatabaseAway
from jiedao.cameras.troubles import Troubles, Turns

EVERY_S = 0.5
HEALTH_EVERY_S = 2.0


class Reporting:
    """Gathers the latest words and writes them from a thread of its own."""

    def __init__(
        self,
        now_s: Callable[[], float],
        presence: Callable[[Sequence[Presence]], None],
        health: Callable[[Sequence[Condition], Turns], None],
    ) -> None:
        self._now_s, self._write_presence, self._write_health = now_s, presence, health
        self._conditions: dict[UUID, Condition] = {}
        self._presences: dict[UUID, Presence] = {}
        self._troubles = Troubles()
        self._unwritten = Turns()
        self._written: dict[UUID, tuple[str, str]] = {}
        self._next_health_s = 0.0
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="report", daemon=True)
        self._thread.start()

    def fare(self, conditions: Sequence[Condition]) -> None:
        """The latest word on some cameras."""
        with self._lock:
            self._conditions.update({c.camera: c for c in conditions})

    def stand(self, presence: Presence) -> None:
        """The latest word on a camera's zones."""
        with self._lock:
            self._presences[presence.camera] = presence

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2.0)

    def _run(self) -> None:
        while not self._closing.wait(EVERY_S):
            try:
                self._write()
            except DatabaseAway:
                # Old words are not kept: the next ones are true, these would not be.
                continue
            except Exception:
                # The top of a worker loop.
                log.get(__name__).exception("report failed")

    def _write(self) -> None:
        with self._lock:
            presences, self._presences = list(self._presences.values()), {}
            conditions = list(self._conditions.values())
        if presences:
            self._write_presence(presences)
        # What could not be written last time is still to be put on record.
        self._unwritten |= self._troubles.hear(conditions, self._now_s())
        told = {c.camera: (c.state, c.code) for c in conditions}
        news = told != self._written or self._unwritten != Turns()
        if not news and self._now_s() < self._next_health_s:
            return
        self._write_health(conditions, self._unwritten)
        self._unwritten = Turns()
        with self._lock:
            # Said once: nobody pulls it any more, so there will be no further word.
            for condition in conditions:
                if condition.state == "idle" and self._conditions[condition.camera] is condition:
                    del self._conditions[condition.camera]
        self._written, self._next_health_s = told, self._now_s() + HEALTH_EVERY_S
