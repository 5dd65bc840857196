# SPDX-License-Identifier: Apache-2.0
"""The one sequencer: orders, chains and announces what has been recorded.

It takes records that wait in ``trace_unsealed`` in batches, gives each the next gapless position,
chains its hash, and announces the new head once per batch. Once a second it appends the head to
a checkpoint file that lies outside the data directory and is synced.
"""

import errno
import json
import os
from contextlib import suppress
from pathlib import Path

import psycopg

from jiedao.base.blobs import sync_folder
from jiedao.base.bus import Bus
from jiedao.base.clock import Clock
from jiedao.trace.chain import ALGORITHM, CANONICAL, GENESIS, link

BATCH = 1000
LEADER_LOCK = 7_420_001
CHECKPOINT_EVERY_S = 1.0

_TAKE = f"""
select u.arrival, r.id, {CANONICAL}
from trace_unsealed u join trace_record r on r.id = u.record_id
order by u.arrival limit {BATCH}
"""  # noqa: S608  # built from constants


_WAITS = "select 1 from trace_unsealed limit 1"


class Sequencer:
    """Seals batches over a connection of the seal role."""

    def __init__(self, connection: psycopg.Connection, bus: Bus, clock: Clock, file: Path) -> None:
        self._connection, self._bus, self._clock = connection, bus, clock
        self._file = file
        self._checkpointed = -1
        self._checkpoint_at_s = float("-inf")
        self._head: tuple[int, bytes] | None = None

    def lead(self) -> bool:
        """Try to become the one active sequencer; the lock ends with the connection."""
        row = self._connection.execute("select pg_try_advisory_lock(%s)", [LEADER_LOCK]).fetchone()
        self._connection.commit()
        return bool(row and row[0])

    def seal_batch(self) -> int:
        """Seal what waits, up to BATCH records; returns how many."""
        if self._connection.execute(_WAITS).fetchone() is None:
            return 0
        with self._connection.transaction():
            rows = self._connection.execute(_TAKE).fetchall()
            if not rows:
                return 0
            position, head = self._read_head()
            seals = []
            for _arrival, record_id, canonical in rows:
                position += 1
                previous, head = head, link(head, position, canonical)
                seals.append((position, record_id, ALGORITHM, previous, head))
            with self._connection.cursor() as cursor:
                cursor.executemany(
                    "insert into trace_seal (position, record_id, algorithm, previous, hash)"
                    " values (%s, %s, %s, %s, %s)",
                    seals,
                )
                cursor.execute(
                    "delete from trace_unsealed where arrival = any(%s)", [[r[0] for r in rows]]
                )
        self._head = (position, head)
        self._bus.announce(position)
        return len(rows)

    def checkpoint(self) -> None:
        """Append (position, head, time) to the checkpoint file, at most once a second."""
        now_s = self._clock.monotonic_s()
        if now_s - self._checkpoint_at_s < CHECKPOINT_EVERY_S:
            return
        position, head = self._head or self._read_head()
        if position == self._checkpointed:
            return
        line = {"position": position, "head": head.hex(), "at": self._clock.now().isoformat()}
        append_synced(self._file, json.dumps(line) + "\n")
        self._checkpointed, self._checkpoint_at_s = position, now_s

    def _read_head(self) -> tuple[int, bytes]:
        row = self._connection.execute(
            "select position, hash from trace_seal order by position desc limit 1"
        ).fetchone()
        return (row[0], bytes(row[1])) if row else (0, GENESIS)


def append_synced(file: Path, line: str) -> None:
    """Append a line and have it on disk before returning.

    Raises:
        OSError: the disk refused; the file is as it was, so that the next line begins anew.
    """
    is_new = not file.exists()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab", buffering=0) as out:
        length = out.seek(0, os.SEEK_END)
        try:
            if out.write(line.encode()) != len(line.encode()):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))
            os.fsync(out.fileno())
        except OSError:
            with suppress(OSError):
                out.truncate(length)
            raise
    if is_new:
        sync_folder(file.parent)
