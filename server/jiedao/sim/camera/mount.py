# SPDX-License-Identifier: Apache-2.0
"""One camera of the simulator: its viewers, and the loop that films while anyone watches."""

import asyncio
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from jiedao.sim.camera.faults import Fault, Faults
from jiedao.sim.camera.rtp import CLOCK_HZ
from jiedao.sim.camera.sources import Shot, Source
from jiedao.sim.camera.truth import TruthFile

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """A coded picture with its place in time."""

    nals: tuple[bytes, ...]
    key: bool
    timestamp: int
    at: datetime


class Viewer(Protocol):
    """Who takes the pictures of a camera."""

    def take(self, unit: AccessUnit) -> bool:
        """Send one picture, now, without waiting; False if this viewer gets none."""

    def cut(self) -> None:
        """Break the connection off."""


class Mount:
    """A camera by name. Films only while it has viewers; time goes on regardless."""

    def __init__(self, name: str, source: Source, truth: TruthFile) -> None:
        self.name = name
        self.source = source
        self.faults = Faults()
        self.pictures = 0
        self.sessions_ever = 0
        self._truth = truth
        self._viewers: set[Viewer] = set()
        self._filming: asyncio.Task[None] | None = None
        self._switched_on_s = time.monotonic()
        self._timestamp_base = secrets.randbits(31)
        self._next_ticks = 0

    @property
    def sessions(self) -> int:
        """How many viewers are playing now."""
        return len(self._viewers)

    def join(self, viewer: Viewer) -> int:
        """Add a viewer; returns the RTP timestamp of the next picture."""
        self._viewers.add(viewer)
        self.sessions_ever += 1
        if self._filming is None or self._filming.done():
            self._next_ticks = self._elapsed_ticks()
            self._filming = asyncio.create_task(self._film())
        return self._timestamp_base + self._next_ticks

    def leave(self, viewer: Viewer) -> None:
        self._viewers.discard(viewer)

    def cue(self, command: Mapping[str, object]) -> dict[str, object]:
        """See Source.cue; the answer also says whether anyone is watching."""
        return {**self.source.cue(command), "sessions": self.sessions}

    def fail(self, fault: Fault, for_s: float) -> None:
        """Let the camera fail for a while."""
        self.faults.begin(fault, for_s)
        if fault in (Fault.DROP, Fault.REFUSE):
            for viewer in list(self._viewers):
                viewer.cut()

    async def close(self) -> None:
        """Stop filming."""
        self._viewers.clear()
        if self._filming:
            self._filming.cancel()
            await asyncio.gather(self._filming, return_exceptions=True)

    def _elapsed_ticks(self) -> int:
        return round((time.monotonic() - self._switched_on_s) * CLOCK_HZ)

    async def _film(self) -> None:
        try:
            await asyncio.to_thread(self.source.open)
            self._next_ticks = max(self._next_ticks, self._elapsed_ticks())
            while self._viewers:
                await asyncio.sleep((self._next_ticks - self._elapsed_ticks()) / CLOCK_HZ)
                # A machine that was busy for long skips pictures instead of sending them late.
                late = self._elapsed_ticks() - self._next_ticks
                if late > CLOCK_HZ:
                    self._next_ticks += late
                at = datetime.now(UTC)
                frozen = self.faults.now is Fault.FREEZE
                shot = await asyncio.to_thread(self.source.shoot, self._next_ticks, at, frozen)
                self._send(shot, at)
                self._next_ticks += shot.ticks
        except Exception:
            log.exception("camera %s stopped filming", self.name)
            for viewer in list(self._viewers):
                viewer.cut()

    def _send(self, shot: Shot, at: datetime) -> None:
        fault = self.faults.now
        nals = self.faults.garble(shot.nals) if fault is Fault.GARBLE else shot.nals
        timestamp = self._timestamp_base + self._next_ticks
        unit = AccessUnit(nals, shot.key, timestamp, at)
        mute = fault in (Fault.SILENT, Fault.HALF_OPEN)
        taken = [viewer.take(unit) for viewer in list(self._viewers) if not mute]
        self.pictures += 1
        if not any(taken):
            return  # Nobody can have seen it.
        sent_at, sent_s = datetime.now(UTC), time.monotonic()
        for happening in shot.happenings:
            self._truth.write(happening.row(self.name, sent_at, sent_s, timestamp & 0xFFFFFFFF))
