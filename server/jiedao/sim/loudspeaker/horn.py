# SPDX-License-Identifier: Apache-2.0
"""One call at one loudspeaker: takes the sound, notes when it is voiced, sends it back."""

import asyncio
import secrets
import struct
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import numpy as np

from jiedao.sim.loudspeaker.wire import FRAME, RATE_HZ, decode, receiver_report, rtp

VOICED_RMS = 1000.0
"""A packet at least this loud (of 32,768) is speech; the caller's wake-up tone lies far below."""
LONGEST_S = 300


class Hearing(asyncio.DatagramProtocol):
    """What one loudspeaker receives in one call."""

    def __init__(self, *, monitor: bool, on_voiced: Callable[[], None]) -> None:
        self.first_packet_at: str | None = None
        self.last_packet_at: str | None = None
        self.first_voiced_at: str | None = None
        self.packets = 0
        self.mute = False
        self._monitor = monitor
        self._on_voiced = on_voiced
        self._ssrc, self._source = secrets.randbits(32), 0
        self._frames: dict[int, bytes] = {}
        self._first = (0, 0)
        self._highest = 0
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Before Python 3.12 the loop's own class is not declared as what it is.
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        if len(data) < 13 or data[0] != 0x80 or data[1] & 0x7F != 8 or self.mute:
            return
        _, _, sequence, timestamp, source = struct.unpack_from("!BBHII", data)
        if self.first_packet_at is None:
            self.first_packet_at = utc_now()
            self._first, self._source = (sequence, timestamp), source
        offset = (timestamp - self._first[1] + 2**31) % 2**32 - 2**31
        if source != self._source or not 0 <= offset < LONGEST_S * RATE_HZ:
            return
        payload = data[12:]
        self.packets += 1
        self.last_packet_at = utc_now()
        self._frames[offset] = payload
        ahead = (sequence - self._first[0] + 2**15) % 2**16 - 2**15
        self._highest = max(self._highest, ahead)
        self._listen(payload)
        if self._monitor and self._transport is not None:
            # A-law decoded and coded again is the same bytes, so they go back as they came.
            self._transport.sendto(rtp(sequence, timestamp, self._ssrc, payload), addr)

    def _listen(self, payload: bytes) -> None:
        if self.first_voiced_at is None:
            loudness = float(np.sqrt(np.mean(decode(payload).astype(np.float64) ** 2)))
            if loudness >= VOICED_RMS:
                self.first_voiced_at = utc_now()
                self._on_voiced()

    @property
    def lost(self) -> int:
        """Packets that were sent before the last one we got, and never came."""
        return self._highest + 1 - self.packets if self.packets else 0

    def report(self, address: tuple[str, int]) -> None:
        """Tell the caller how much was lost (RTCP)."""
        if self._transport is not None and self.packets:
            self._transport.sendto(
                receiver_report(
                    self._ssrc, self._source, self.lost, self._first[0] + self._highest
                ),
                address,
            )

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def write(self, path: Path) -> str:
        """Keep what was heard as a WAV of int16 at 8 kHz; "" if nothing was."""
        if not self._frames:
            return ""
        length = max(self._frames) + FRAME
        sound = np.zeros(length + LONGEST_S, np.int16)
        for offset, payload in self._frames.items():
            piece = decode(payload)[: len(sound) - offset]
            sound[offset : offset + len(piece)] = piece
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes(sound[:length].astype("<i2").tobytes())
        return str(path)


def utc_now() -> str:
    return datetime.now(UTC).isoformat()
