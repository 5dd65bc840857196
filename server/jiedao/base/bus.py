# SPDX-License-Identifier: Apache-2.0
"""The bus: three methods, ids only. Rows are the truth; the bus merely wakes who waits."""

import select
from typing import Protocol

import psycopg

CHANNEL = "jiedao"


class Bus(Protocol):
    """Announce that the trail has grown, and wait for it to grow."""

    def announce(self, position: int) -> None:
        """Tell everyone that records up to this position are sealed."""

    def wait(self, timeout_s: float) -> int | None:
        """The newest announced position, or None if nothing came in time."""

    def close(self) -> None:
        """Let go of the connection."""


class PostgresBus:
    """The bus over LISTEN and NOTIFY; needs a direct address, not a pooler."""

    def __init__(self, dsn: str) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute(f"listen {CHANNEL}")

    def announce(self, position: int) -> None:
        self._connection.execute("select pg_notify(%s, %s)", [CHANNEL, str(position)])

    def wait(self, timeout_s: float) -> int | None:
        newest: int | None = None
        for notice in self._connection.notifies(timeout=timeout_s, stop_after=1):
            newest = int(notice.payload)
        while newest is not None and select.select([self._connection], [], [], 0)[0]:
            more = list(self._connection.notifies(timeout=0))
            if not more:
                break
            newest = int(more[-1].payload)
        return newest

    def close(self) -> None:
        self._connection.close()
