# SPDX-License-Identifier: Apache-2.0
"""From decoded pictures to sightings, five or ten a second, never holding up the demuxer.

Each camera has a slot for one picture. The puller's thread puts the newest in and goes on; an
analyser thread takes it out. A picture that is displaced before anyone took it is counted, so that
a rule which could not look is never silently blind.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from jiedao.base import log
from jiedao.cameras.tamper import Tamper
from jiedao.vision.values import Frame, Image, Luma, Sighting
from jiedao.vision.watcher import Watcher

ANALYSED_FPS = 5.0
BUSY_FPS = 10.0
"""While something moves: an alarm is decided by the sighting after the crossing."""
SPARE_S = 5.0
"""After a picture was dropped the usual pace has to do for so long: the processor is short."""
_MEMORY = 1 / (60 * ANALYSED_FPS)

# PyAV ships no types that mypy can follow here.
Picture = Any


def luma_of(picture: Picture) -> Luma:
    """The picture's brightness, uint8 (height, width), without a copy where it lies as 8 bit."""
    if picture.format.name not in {"yuv420p", "yuvj420p", "nv12", "gray", "yuv422p", "yuvj422p"}:
        return cast("Luma", picture.reformat(format="gray").to_ndarray())
    plane = picture.planes[0]
    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
    return rows[: picture.height, : picture.width]


def colour_of(picture: Picture) -> Image:
    """The picture as uint8 (height, width, 3), BGR."""
    return cast("Image", picture.to_ndarray(format="bgr24"))


@dataclass(slots=True)
class Counters:
    """What became of the pictures that were due.

    Attributes:
        analysed: judged by the rules.
        calibrating: looked at, but no rule could judge it.
        skipped: not even decoded, because the stream ran late.
        dropped: displaced in the slot by a newer one.
        blindness: share of the last minute's due pictures that no rule judged, 0..1.
    """

    analysed: int = 0
    calibrating: int = 0
    skipped: int = 0
    dropped: int = 0
    blindness: float = 0.0

    def judged(self) -> None:
        self.analysed += 1
        self.blindness -= self.blindness * _MEMORY

    def missed(self) -> None:
        """One due picture was not judged; the caller counts why."""
        self.blindness += (1.0 - self.blindness) * _MEMORY


@dataclass(frozen=True, slots=True)
class Look:
    """A sighting with the picture it was made from."""

    sighting: Sighting
    picture: Picture


class Watching:
    """One camera's slot, watcher and counters.

    Args:
        tell: called in an analyser's thread with every look.
        tamper: judges whether the pictures can be trusted at all.
    """

    def __init__(
        self, watcher: Watcher, tell: Callable[[Look], None], tamper: Tamper | None = None
    ) -> None:
        self.counters = Counters()
        self._watcher, self._tell = watcher, tell
        self._tamper = tamper or Tamper()
        self._slot: tuple[Picture, float] | None = None
        self._lock = threading.Lock()
        self._next_s = 0.0
        self._every_s = 1.0 / ANALYSED_FPS
        self._spare_until_s = 0.0

    def offer(self, picture: Picture, captured_s: float) -> bool:
        """Put a due picture into the slot; False if it is not due yet.

        Pace follows capture time: a picture is due a fifth of a second after the last one, half
        of that while something moves.
        """
        if captured_s < self._next_s:
            return False
        behind = captured_s - self._next_s > 1.0
        self._next_s = captured_s if behind else self._next_s
        self._next_s += self._every_s
        with self._lock:
            if self._slot is not None:
                self.counters.dropped += 1
                self.counters.missed()
                self._spare_until_s = captured_s + SPARE_S
            self._slot = (picture, captured_s)
        return True

    def skip(self, captured_s: float) -> None:
        """Note that a picture passed undecoded."""
        if captured_s >= self._next_s:
            self._next_s = captured_s + self._every_s
            self.counters.skipped += 1
            self.counters.missed()

    def work(self) -> None:
        """Judge what lies in the slot, if anything does."""
        with self._lock:
            slot, self._slot = self._slot, None
        if slot is None:
            return
        picture, captured_s = slot
        luma = luma_of(picture)
        self._tamper.look(luma, captured_s, key=bool(picture.key_frame))
        frame = Frame(luma, captured_s, lambda: colour_of(picture))
        sighting = self._watcher.see(frame)
        busy = bool(sighting.boxes) and captured_s > self._spare_until_s
        self._every_s = 1.0 / (BUSY_FPS if busy else ANALYSED_FPS)
        if sighting.blind:
            self.counters.calibrating += 1
            self.counters.missed()
        else:
            self.counters.judged()
        self._tell(Look(sighting, picture))


class Analysers:
    """The threads that judge pictures for all cameras of a shard; a camera is in one at a time."""

    def __init__(self, threads: int = 1) -> None:
        self._waiting: deque[Watching] = deque()
        self._queued: set[int] = set()
        self._busy: set[int] = set()
        self._changed = threading.Condition()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._run, name=f"analyse {n}", daemon=True)
            for n in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def wake(self, watching: Watching) -> None:
        """Something lies in its slot."""
        with self._changed:
            if id(watching) not in self._queued:
                self._queued.add(id(watching))
                self._waiting.append(watching)
                self._changed.notify()

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(2.0)

    def _run(self) -> None:
        while (watching := self._take()) is not None:
            try:
                watching.work()
            except Exception:
                # The top of a worker loop: one camera's defect must not blind the others.
                log.get(__name__).exception("analysis failed")
                watching.counters.missed()
            finally:
                with self._changed:
                    self._busy.discard(id(watching))
                    self._changed.notify()

    def _take(self) -> Watching | None:
        with self._changed:
            while not self._closing:
                for _ in range(len(self._waiting)):
                    watching = self._waiting.popleft()
                    if id(watching) not in self._busy:
                        self._queued.discard(id(watching))
                        self._busy.add(id(watching))
                        return watching
                    self._waiting.append(watching)
                self._changed.wait()
        return None
