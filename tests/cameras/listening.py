# SPDX-License-Identifier: Apache-2.0
"""A sink that notes what a puller tells it, and waits on conditions rather than on time."""

import threading
from collections.abc import Callable
from typing import Any

from jiedao.cameras.errors import CameraFault
from jiedao.cameras.pull import Arrival


class Listening:
    """Notes openings, packets and faults."""

    def __init__(self) -> None:
        self.openings = 0
        self.arrivals: list[Arrival] = []
        self.faults: list[CameraFault] = []
        self._changed = threading.Condition()

    def opened(self, stream: Any) -> None:
        with self._changed:
            self.openings += 1
            self._changed.notify_all()

    def take(self, packet: Any, arrival: Arrival) -> None:
        with self._changed:
            self.arrivals.append(arrival)
            self._changed.notify_all()

    def lost(self, fault: CameraFault) -> None:
        with self._changed:
            self.faults.append(fault)
            self._changed.notify_all()

    def wait(self, until: Callable[[], bool], at_most_s: float = 30.0) -> None:
        """Return once the condition holds; fail if it does not in time."""
        with self._changed:
            assert self._changed.wait_for(until, at_most_s), (self.openings, self.faults)

    @property
    def codes(self) -> set[str]:
        return {fault.code for fault in self.faults}
