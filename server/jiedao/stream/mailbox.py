# SPDX-License-Identifier: Apache-2.0
"""What waits to be sent to one client: bounded, and never lost silently."""

import asyncio
from collections import deque

LIMIT = 512


class Mailbox:
    """Messages for one client, in order.

    A client too slow to keep up loses the waiting messages and is told so by one resync message
    in their place; it then fetches a snapshot and follows again.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._filled = asyncio.Event()
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def put(self, text: str, resync: str) -> bool:
        """Add a message; False if the client had fallen behind and `resync` stands instead."""
        if self._closed:
            return True
        fits = len(self._waiting) < self._limit
        if not fits:
            self._waiting.clear()
            self._waiting.append(resync)
        else:
            self._waiting.append(text)
        self._filled.set()
        return fits

    def close(self, last: str | None = None) -> None:
        """Send nothing more than one last message; what waits is dropped."""
        self._closed = True
        self._waiting.clear()
        if last is not None:
            self._waiting.append(last)
        self._filled.set()

    async def take(self) -> str | None:
        """The next message, or None once the mailbox is closed and empty."""
        while not self._waiting:
            if self._closed:
                return None
            self._filled.clear()
            await self._filled.wait()
        return self._waiting.popleft()
