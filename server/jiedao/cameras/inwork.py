# SPDX-License-Identifier: Apache-2.0
"""Which camera a shard is working on this instant, readable after the shard was killed by it.

Memory shared between a shard and its parent: for each camera the moment since which the media
library works on its bytes, or zero. A crash leaves the marks of those that were in work.
"""

import mmap
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager

SLOTS = 512
_MARK = struct.Struct("<d")


class Marks:
    """The marks over a file descriptor that both processes hold. Moments are monotonic seconds."""

    def __init__(self, handle: int) -> None:
        self.handle = handle
        self._memory = mmap.mmap(handle, SLOTS * _MARK.size)

    @classmethod
    def fresh(cls) -> "Marks":
        """New marks, all zero."""
        handle = os.memfd_create("jiedao-in-work")
        os.ftruncate(handle, SLOTS * _MARK.size)
        return cls(handle)

    @contextmanager
    def working(self, slot: int) -> Iterator[None]:
        """Mark a slot while the block runs; the mark outlives the process if the block kills it."""
        at = slot * _MARK.size
        _MARK.pack_into(self._memory, at, time.monotonic())
        try:
            yield
        finally:
            _MARK.pack_into(self._memory, at, 0.0)

    def since(self) -> dict[int, float]:
        """The marked slots and since when."""
        values = (
            (slot, _MARK.unpack_from(self._memory, slot * _MARK.size)[0]) for slot in range(SLOTS)
        )
        return {slot: value for slot, value in values if value}

    def clear(self, slot: int) -> None:
        """Forget a slot's mark before another camera takes it."""
        _MARK.pack_into(self._memory, slot * _MARK.size, 0.0)

    def close(self) -> None:
        self._memory.close()
        os.close(self.handle)
