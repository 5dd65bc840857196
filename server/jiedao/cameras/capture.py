# SPDX-License-Identifier: Apache-2.0
"""When a picture was taken: server time of the first packet plus stream time, drift-corrected.

A camera's own clock is never asked. Packets may come late, never early, so the least delayed
packet tells how stream time lies on server time; a slow drift between the two clocks is followed.
"""

from dataclasses import dataclass

WINDOW_S = 10.0
"""How long the least delay is watched before the mapping follows it."""
STEP_S = 0.05
"""The most that the mapping moves later per window: 0.5 %, far beyond any quartz."""
JUMP_S = 5.0
"""Stream time that moves so differently from server time has been started anew."""


@dataclass(slots=True)
class CaptureClock:
    """Maps a stream's time to server time. All values are in seconds.

    Attributes:
        drift_s: how far the mapping has moved since the first packet; a drifting camera shows here.
        jumps: how often stream time was started anew, or ran backwards.
    """

    drift_s: float = 0.0
    jumps: int = 0
    _anchored: bool = False
    _offset_s: float = 0.0
    _last_stream_s: float = 0.0
    _last_arrived_s: float = 0.0
    _last_captured_s: float = 0.0
    _window_ends_s: float = 0.0
    _least_lag_s: float = 0.0

    def stamp(self, stream_s: float, arrived_s: float) -> float:
        """Server time at which the packet's picture was taken; strictly rising.

        Args:
            stream_s: the packet's own time.
            arrived_s: server time of its arrival.
        """
        if not self._anchored:
            self._anchor(stream_s, arrived_s)
        elif self._has_jumped(stream_s, arrived_s):
            self.jumps += 1
            self._anchor(stream_s, arrived_s)
        else:
            self._follow(arrived_s - stream_s, arrived_s)
        self._last_stream_s, self._last_arrived_s = stream_s, arrived_s
        captured_s = stream_s + self._offset_s
        self._last_captured_s = max(captured_s, self._last_captured_s + 0.001)
        return self._last_captured_s

    def _anchor(self, stream_s: float, arrived_s: float) -> None:
        self._anchored = True
        self._offset_s = arrived_s - stream_s
        self._window_ends_s = arrived_s + WINDOW_S
        self._least_lag_s = JUMP_S

    def _has_jumped(self, stream_s: float, arrived_s: float) -> bool:
        moved_s = stream_s - self._last_stream_s
        passed_s = arrived_s - self._last_arrived_s
        # Reordered pictures step back by a few frames; that is no jump.
        return moved_s < -1.0 or moved_s > passed_s + JUMP_S

    def _follow(self, delay_s: float, arrived_s: float) -> None:
        lag_s = delay_s - self._offset_s
        if lag_s < 0:
            self._move(lag_s)
            self._least_lag_s = 0.0
            return
        self._least_lag_s = min(self._least_lag_s, lag_s)
        if arrived_s >= self._window_ends_s:
            self._move(min(self._least_lag_s, STEP_S))
            self._window_ends_s = arrived_s + WINDOW_S
            self._least_lag_s = JUMP_S

    def _move(self, by_s: float) -> None:
        self._offset_s += by_s
        self.drift_s += by_s
