# SPDX-License-Identifier: Apache-2.0
"""Where observations wait while the database is away: a bounded, synced file, in order.

What is appended is on disk before the call returns. What was taken in is remembered by position;
after a crash some may be offered twice, which their ids make harmless.
"""

import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from jiedao.base.blobs import sync_folder

MOST_BYTES = 32 * 1024 * 1024


class Spool:
    """Lines of JSON, each with its checksum. One thread uses it at a time."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path, self._most_bytes = path, most_bytes
        path.parent.mkdir(parents=True, exist_ok=True)
        self._done_bytes = 0

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._path.exists() or self._path.stat().st_size <= self._done_bytes

    def append(self, line: bytes) -> bool:
        """Keep a line; False if the spool is full, which the caller has to say aloud.

        Raises:
            OSError: the disk refused.
        """
        if self._path.exists() and self._path.stat().st_size > self._most_bytes:
            return False
        is_new = not self._path.exists()
        with self._path.open("ab") as file:
            file.write(b"%08x %s\n" % (zlib.crc32(line), line))
            file.flush()
            os.fsync(file.fileno())
        if is_new:
            sync_folder(self._path.parent)
        return True

    def waiting(self) -> Iterator[tuple[bytes, int]]:
        """The waiting lines, oldest first, each with the position after it.

        A line torn by a power cut is passed over.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._done_bytes)
            at = self._done_bytes
            for raw in file:
                at += len(raw)
                mark, _, line = raw.rstrip(b"\n").partition(b" ")
                if mark == b"%08x" % zlib.crc32(line):
                    yield line, at

    def done(self, position: int) -> None:
        """Everything before the position was taken in; the file goes when nothing waits."""
        self._done_bytes = position
        if self.is_empty:
            self._path.unlink(missing_ok=True)
            self._done_bytes = 0
