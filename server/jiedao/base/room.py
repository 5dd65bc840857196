# SPDX-License-Identifier: Apache-2.0
"""Room on the disk: who has to wait first when it gets scarce, and a full disk told in our words.

Files that people send and clips wait while less than ROOM_BYTES is free; pictures of alarms and
what loudspeakers heard are kept to the last; records and alarms themselves live on the reserve.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jiedao.base.errors import DiskFull

ROOM_BYTES = 512 * 1024 * 1024


def is_full(error: BaseException | None) -> bool:
    """Whether an error means that there is no room."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def has_room(folder: Path, wanted_bytes: int, room_bytes: int = ROOM_BYTES) -> bool:
    """Whether so many bytes may be kept by those who wait first."""
    return shutil.disk_usage(folder).free >= room_bytes + wanted_bytes


@contextmanager
def told_when_full() -> Iterator[None]:
    """Say in our words that the disk is full.

    Raises:
        DiskFull: in place of what the system says.
    """
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise DiskFull from error
        raise


class Reserve:
    """A file whose only use is to be given up when the disk is full.

    The database needs room to write down an alarm, and to come back after it had none.
    """

    def __init__(self, path: Path, size_bytes: int = 64 * 1024 * 1024) -> None:
        self._path, self._size_bytes = path, size_bytes

    @property
    def is_there(self) -> bool:
        return self._path.exists()

    def check(self) -> None:
        """Give it up when nearly nothing else is free; lay it aside again once there is plenty."""
        free = shutil.disk_usage(self._path.parent).free
        if self.is_there and free < self._size_bytes // 2:
            self._path.unlink()
        elif not self.is_there and free > 4 * self._size_bytes:
            with self._path.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, self._size_bytes)
