# SPDX-License-Identifier: Apache-2.0
"""A person's voice on its way to a loudspeaker: a small buffer between two clocks. Pure.

Frames come over the network in bursts and leave on the 20 ms clock. A call that is still being
opened, or a network that stalls, makes them wait; what waits is bounded, and is caught up in the
pauses of speech by leaving silent frames out.
"""

from collections import deque

import numpy as np

from jiedao.voice import g711
from jiedao.voice.g711 import FRAME_S, FRAME_SAMPLES, Pcm

MOST_FRAMES = round(1.0 / FRAME_S)
"""What may wait: one second. The oldest is dropped for the newest, and counted."""
START_FRAMES = 3
"""What has to wait before sound begins: a burst of the browser's and one more."""
MORE_FRAMES = 2
"""So many more have to wait each time the sound ran dry, on a network that stalls."""
BEHIND_FRAMES = 8
"""With more than this waiting, 160 ms, the next pause is left out."""
LONGEST_FRAMES = round(30.0 / FRAME_S)
QUIET_SHARE = 0.1
"""Quieter than this share of the loudest frame is a pause, whatever the room."""


class Spoken:
    """What somebody says, as a source of sound for a call.

    Attributes:
        why: how it ended: "released", "stopped", "lost" or "limit"; "" while it goes on.
        is_released: the key was let go; what waits is still said.
        late: frames that were dropped: they came out of order, or more than could wait.
    """

    def __init__(self) -> None:
        self._gain = 1.0
        self._wake = b""
        self._waiting: deque[Pcm] = deque()
        self._newest = -1
        self._is_flowing = False
        self._needed = START_FRAMES
        self._loudest = 0.0
        self._sent: list[bytes] = []
        self._spoken_frames = 0
        self.is_released = False
        self.late = 0
        self.why = ""

    def tune(self, gain: float, wake: Pcm) -> None:
        """Fit it to a loudspeaker, before the first frame is asked for.

        Args:
            gain: what samples are multiplied by, for the loudspeaker's volume.
            wake: sound that goes before the first words, to wake an amplifier.
        """
        self._gain, self._wake = gain, g711.encode(wake)

    @property
    def waiting(self) -> int:
        """Frames that wait."""
        return len(self._waiting)

    @property
    def seconds(self) -> float:
        """How much of the person's own sound went out."""
        return self._spoken_frames * FRAME_S

    def take(self, sequence: int, pcm: Pcm) -> None:
        """A frame from the microphone; one that is out of its order is too late."""
        if sequence <= self._newest:
            self.late += 1
            return
        self._newest = sequence
        if len(self._waiting) >= MOST_FRAMES:
            self._waiting.popleft()
            self.late += 1
        self._waiting.append(pcm)
        self._loudest = max(self._loudest, _loudness(pcm))

    def release(self) -> None:
        """The key was let go: say what waits, then end."""
        self.is_released = True

    def end(self, why: str) -> None:
        """End at once; the first reason stays."""
        self.why = self.why or why
        self._waiting.clear()

    def next_frame(self) -> bytes | None:
        """The next 20 ms as A-law, silence where nothing has come; None at the end."""
        if self.why:
            return None
        if len(self._wake) >= FRAME_SAMPLES:
            frame, self._wake = self._wake[:FRAME_SAMPLES], self._wake[FRAME_SAMPLES:]
            return self._send(frame)
        if self._spoken_frames >= LONGEST_FRAMES:
            self.end("limit")
            return None
        self._catch_up()
        if self._waiting and (self._is_flowing or self._may_begin()):
            self._is_flowing = True
            self._spoken_frames += 1
            return self._send(self._coded(self._waiting.popleft()))
        if self.is_released:
            self.end("released")
            return None
        if self._is_flowing:
            self._is_flowing = False
            self._needed = min(self._needed + MORE_FRAMES, BEHIND_FRAMES)
        return self._send(g711.SILENCE * FRAME_SAMPLES)

    def sent(self) -> bytes:
        """All that went out, as A-law."""
        return b"".join(self._sent)

    def _may_begin(self) -> bool:
        return self.is_released or len(self._waiting) >= self._needed

    def _catch_up(self) -> None:
        if len(self._waiting) <= BEHIND_FRAMES:
            return
        quiet = QUIET_SHARE * self._loudest
        while len(self._waiting) > self._needed and _loudness(self._waiting[0]) <= quiet:
            self._waiting.popleft()

    def _coded(self, pcm: Pcm) -> bytes:
        return g711.encode(np.clip(np.rint(pcm * self._gain), -32768, 32767).astype(np.int16))

    def _send(self, frame: bytes) -> bytes:
        self._sent.append(frame)
        return frame


def _loudness(pcm: Pcm) -> float:
    return float(np.sqrt(np.mean(pcm.astype(np.float64) ** 2)))
