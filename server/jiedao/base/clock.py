# SPDX-License-Identifier: Apache-2.0
"""Time is an argument. Everything that needs "now" is handed a clock."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where an action reads the time from."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""

    def monotonic_s(self) -> float:
        """Seconds on a clock that never jumps; only differences mean anything."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()


class HandClock:
    """A clock that is turned by hand, for tests and rehearsals."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._elapsed_s = 0.0

    def now(self) -> datetime:
        return self._at

    def monotonic_s(self) -> float:
        return self._elapsed_s

    def forward(self, span: timedelta) -> None:
        self._at += span
        self._elapsed_s += span.total_seconds()
