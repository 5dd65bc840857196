# SPDX-License-Identifier: Apache-2.0
"""One 20 ms clock for every call, so that neighbouring horns speak in step and the load is flat."""

import asyncio
from collections.abc import Callable

from jiedao.base import log
from jiedao.voice.g711 import FRAME_S

LATE_S = 0.1
"""Further behind than this the clock is set anew: a burst would be thrown away by the speakers."""


class Playout:
    """Calls each stream's `step` once every 20 ms until it answers False."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], bool]] = []
        self._task: asyncio.Task[None] | None = None

    def join(self, step: Callable[[], bool]) -> None:
        """Let a stream take part from the next tick on; `step` must not block."""
        self._steps.append(step)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Stop the clock; streams still in it are dropped."""
        self._steps.clear()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        # Whoever joins in this turn of the loop starts at the same tick.
        await asyncio.sleep(0)
        due = loop.time()
        while self._steps:
            self._steps = [step for step in self._steps if _goes_on(step)]
            due += FRAME_S
            behind = loop.time() - due
            if behind > LATE_S:
                due += behind
            await asyncio.sleep(max(0.0, -behind))


def _goes_on(step: Callable[[], bool]) -> bool:
    try:
        return step()
    except Exception:  # one broken stream must not stop the clock of all the others
        log.get().exception("a stream failed")
        return False


class Gate:
    """Holds several calls until all are up, so that they begin together.

    Args:
        members: how many are expected.
        patience_s: how long the first one waits for the last.
    """

    def __init__(self, members: int, patience_s: float = 0.8) -> None:
        self._missing = members
        self._patience_s = patience_s
        self._open = asyncio.Event()

    async def arrive(self) -> None:
        """This call is up; come back when all are, or when the patience is over."""
        self.leave()
        if not self._open.is_set():
            loop = asyncio.get_running_loop()
            loop.call_later(self._patience_s, self._open.set)
            await self._open.wait()

    def leave(self) -> None:
        """One fewer to wait for: it is here, or it will never come."""
        self._missing -= 1
        if self._missing <= 0:
            self._open.set()
