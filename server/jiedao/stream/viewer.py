# SPDX-License-Identifier: Apache-2.0
"""What waits for one viewer of a live picture: never old, always something that can be decoded."""

import asyncio
from collections import deque

from jiedao.stream.frames import Frame, Kind

MOST_PIECES = 30  # Six seconds in fragments of 0.2 s.
MOST_BYTES = 8 * 1024 * 1024
SKIPPED = '{"kind":"skipped"}'
FRAGMENTS = (Kind.KEY, Kind.FRAGMENT)


class Viewer:
    """A queue of texts (codec, errors), init segments and fragments, in order.

    A viewer that falls behind loses the waiting fragments, is told so once, and goes on with the
    next key frame.
    """

    def __init__(self) -> None:
        self._waiting: deque[str | Frame] = deque()
        self._pieces = 0
        self._bytes = 0
        self._needs_key = True
        self._closed = False
        self._filled = asyncio.Event()

    def begin(self, codec: Frame, init: Frame) -> None:
        """A stream starts, or starts again; what waits of the earlier one is of no use."""
        self._waiting.clear()
        self._pieces = self._bytes = 0
        self._needs_key = True
        self._put(codec.body.decode())
        self._put(init)

    def give(self, frame: Frame) -> None:
        """Add a fragment, unless the viewer waits for a key frame and this is none."""
        is_key = frame.kind is Kind.KEY
        if self._needs_key and not is_key:
            return
        if self._pieces >= MOST_PIECES or self._bytes + len(frame.body) > MOST_BYTES:
            self._skip()
            self._needs_key = not is_key
            if self._needs_key:
                return
        self._needs_key = False
        self._pieces += 1
        self._bytes += len(frame.body)
        self._put(frame)

    def tell(self, text: str) -> None:
        """Say why there is no picture; the same thing twice is said once."""
        if not self._waiting or self._waiting[-1] != text:
            self._put(text)

    def close(self) -> None:
        """Send nothing more."""
        self._closed = True
        self._waiting.clear()
        self._filled.set()

    async def take(self) -> str | bytes | None:
        """The next message, or None once closed."""
        while not self._waiting:
            if self._closed:
                return None
            self._filled.clear()
            await self._filled.wait()
        item = self._waiting.popleft()
        if isinstance(item, str):
            return item
        if item.kind in FRAGMENTS:
            self._pieces -= 1
            self._bytes -= len(item.body)
        return item.body

    def _put(self, item: str | Frame) -> None:
        if not self._closed:
            self._waiting.append(item)
            self._filled.set()

    def _skip(self) -> None:
        """Drop the fragments that wait; a stream's beginning, if it waits too, stays."""
        self._waiting = deque(
            item for item in self._waiting if isinstance(item, str) or item.kind is Kind.INIT
        )
        self._pieces = self._bytes = 0
        self.tell(SKIPPED)
