# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with cameras on poles, played on request."""

import random
import time
from collections.abc import Callable, Sequence
from enum import StrEnum


class Fault(StrEnum):
    """A way for a camera to fail."""

    SILENT = "silent"  # the connection stands and answers, but no pictures come
    FREEZE = "freeze"  # the same picture again and again
    DROP = "drop"  # every connection is cut; new ones are welcome
    GARBLE = "garble"  # the bytes of the pictures are damaged
    HALF_OPEN = "halfopen"  # nothing is sent or answered any more
    DRIP = "drip"  # a few bytes now and then
    REFUSE = "refuse"  # connections are cut, and new viewers are turned away


class Faults:
    """The fault of one camera that is in force now, if any."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._fault: Fault | None = None
        self._until_s = 0.0
        self._random = random.Random(7)  # noqa: S311 - damage, not a secret

    def begin(self, fault: Fault, for_s: float) -> None:
        self._fault, self._until_s = fault, self._clock_s() + for_s

    @property
    def now(self) -> Fault | None:
        if self._fault is not None and self._clock_s() >= self._until_s:
            self._fault = None
        return self._fault

    def garble(self, nals: Sequence[bytes]) -> tuple[bytes, ...]:
        """The same units with one byte in forty changed; their first byte stays."""
        damaged = []
        for nal in nals:
            body = bytearray(nal)
            for _ in range(len(body) // 40 + 1):
                body[self._random.randrange(min(1, len(body) - 1), len(body))] = (
                    self._random.randrange(256)
                )
            damaged.append(bytes(body))
        return tuple(damaged)
