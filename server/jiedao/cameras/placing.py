# SPDX-License-Identifier: Apache-2.0
"""Which shard holds which camera, and what a crash changes. Pure: times are given."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

CAMERAS_PER_SHARD = 60
CRASHES_BEFORE_REST = 3
REST_S = 60.0
PARDON_S = 600.0
"""A camera that has run alone this long without a crash may join the others again."""


@dataclass(slots=True)
class _Apart:
    """A camera in a process of its own since a crash."""

    crashes: int
    last_crash_s: float


@dataclass(slots=True)
class Placing:
    """Keeps cameras in shards of many; those in work at a crash are put apart.

    Shards are named by keys: ``main 1`` and so on, or the camera's own id for one kept apart.
    """

    places: dict[UUID, str] = field(default_factory=dict)
    _apart: dict[UUID, _Apart] = field(default_factory=dict)

    def place(self, camera: UUID, now_s: float) -> str | None:
        """The key of the shard that is to hold a camera; None while it has to rest."""
        apart = self._apart.get(camera)
        if apart is not None and now_s - apart.last_crash_s > PARDON_S:
            del self._apart[camera]
            self.places.pop(camera, None)
            apart = None
        if apart is not None:
            if self._rests(apart, now_s):
                self.places.pop(camera, None)
                return None
            self.places[camera] = str(camera)
        elif camera not in self.places:
            self.places[camera] = self._roomy()
        return self.places[camera]

    def forget(self, camera: UUID) -> None:
        """The camera is held no longer; its crashes are remembered."""
        self.places.pop(camera, None)

    def crashed(self, key: str, in_work: Iterable[UUID], now_s: float) -> set[UUID]:
        """A shard crashed: put those that were in work apart; return them."""
        guilty = {camera for camera in in_work if self.places.get(camera) == key}
        for camera in guilty:
            before = self._apart.get(camera)
            self._apart[camera] = _Apart((before.crashes if before else 0) + 1, now_s)
            del self.places[camera]
        return guilty

    def rests(self, camera: UUID, now_s: float) -> bool:
        """Whether the camera crashed so often that it is tried only once a minute."""
        apart = self._apart.get(camera)
        return apart is not None and self._rests(apart, now_s)

    def _rests(self, apart: _Apart, now_s: float) -> bool:
        return apart.crashes >= CRASHES_BEFORE_REST and now_s - apart.last_crash_s < REST_S

    def _roomy(self) -> str:
        number = 1
        held = list(self.places.values())
        while held.count(f"main {number}") >= CAMERAS_PER_SHARD:
            number += 1
        return f"main {number}"
