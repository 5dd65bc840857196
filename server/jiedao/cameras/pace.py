# SPDX-License-Identifier: Apache-2.0
"""Whether pictures come as they should: often enough, soon enough, by a clock that is right. Pure.

A stream that starves is told from a machine that is short: only waiting for the camera counts
against the camera, what we leave unread counts as blindness elsewhere.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

STARVED, SKEWED = "camera.starved", "camera.skewed"

WINDOW_S: Final = 5.0
ENOUGH: Final = 0.4
"""Share of its usual pictures below which a camera starves; half is what slow shutters do."""
LAG_S: Final = 2.0
WAITING: Final = 0.5
"""Share of the time that the reader waited, above which the camera or its line is to blame."""
SKEW_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Span:
    seconds: float
    pictures: int
    bits: int
    waited_s: float
    lag_s: float


@dataclass(slots=True)
class Pace:
    """The pictures of one camera since its stream stands open; gathered between looks.

    Attributes:
        skew_s: how far the camera's own clock is ahead of ours, by its last word on it.
    """

    skew_s: float = 0.0
    _usual_fps: float = 0.0
    _spans: deque[_Span] = field(default_factory=deque)
    _began_s: float = 0.0
    _pictures: int = 0
    _bytes: int = 0
    _waited_s: float = 0.0
    _lag_s: float = 0.0

    def restart(self, now_s: float) -> None:
        """A stream stands open (again); what it usually gives is learnt anew."""
        self._spans.clear()
        self._usual_fps = 0.0
        self._forget(now_s)

    def take(self, size_bytes: int, waited_s: float, lag_s: float) -> None:
        """A picture came.

        Args:
            waited_s: how long the reader waited for it.
            lag_s: how long after its capture it was read.
        """
        self._pictures += 1
        self._bytes += size_bytes
        self._waited_s += waited_s
        self._lag_s = max(self._lag_s, lag_s)

    def look(self, now_s: float) -> None:
        """Close a span of about a second; call it often."""
        seconds = now_s - self._began_s
        if seconds < 0.95:
            return
        span = _Span(seconds, self._pictures, self._bytes * 8, self._waited_s, self._lag_s)
        self._spans.append(span)
        while sum(s.seconds for s in self._spans) - self._spans[0].seconds >= WINDOW_S:
            self._spans.popleft()
        self._forget(now_s)
        if self._is_full and not self.starves:
            # What it usually gives follows slowly: cameras take fewer pictures at night.
            self._usual_fps = max(self.fps, self._usual_fps * 0.998)

    @property
    def fps(self) -> float:
        return self._sum("pictures") / max(self._sum("seconds"), 1e-6)

    @property
    def kbps(self) -> float:
        return self._sum("bits") / 1000 / max(self._sum("seconds"), 1e-6)

    @property
    def starves(self) -> bool:
        """Far fewer pictures than usual, or late ones, while the reader mostly waits."""
        if not self._is_full or self._sum("waited_s") < WAITING * self._sum("seconds"):
            return False
        late = min(span.lag_s for span in self._spans) > LAG_S
        return late or self.fps < ENOUGH * self._usual_fps

    @property
    def fault(self) -> str:
        """The code of what is wrong now, or ""."""
        if self.starves:
            return STARVED
        return SKEWED if abs(self.skew_s) > SKEW_S else ""

    @property
    def _is_full(self) -> bool:
        return self._sum("seconds") >= WINDOW_S

    def _sum(self, name: str) -> float:
        return float(sum(getattr(span, name) for span in self._spans))

    def _forget(self, now_s: float) -> None:
        self._began_s = now_s
        self._pictures, self._bytes, self._waited_s, self._lag_s = 0, 0, 0.0, 0.0
