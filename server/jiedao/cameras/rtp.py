# SPDX-License-Identifier: Apache-2.0
"""RTP packets to coded pictures: H.264 (RFC 6184) and H.265 (RFC 7798). Pure.

Packets come over TCP, in order. What is lost on the camera's own side of it shows as a hole in
their numbers; the picture with the hole is let go.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

CLOCK_HZ: Final = 90_000
MOST_BYTES: Final = 8 * 1024 * 1024
"""No coded picture is larger; one that is comes from no camera."""
_START: Final = b"\0\0\0\1"
_H264_KEY: Final = frozenset([5])
_H265_KEY: Final = frozenset(range(16, 22))
_NTP_TO_UNIX_S: Final = 2_208_988_800
_IsKey = Callable[[memoryview], bool]


class TooLarge(ValueError):
    """A picture without end."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One coded picture: Annex B bytes.

    Attributes:
        ticks: its time, 90 kHz from the first picture; rises over the wrap of 32 bits.
        key: decoding can begin here.
    """

    data: bytes
    ticks: int
    key: bool


@dataclass(slots=True)
class Depacketizer:
    """Puts the pictures of one stream together.

    Args:
        codec: "h264" or "hevc".
    """

    codec: str
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0
    _key: bool = False
    _whole: bool = True
    _stamp: int | None = None
    _first: int | None = None
    _ticks: int = 0
    _sequence: int | None = None

    def take(self, packet: memoryview) -> list[Picture]:
        """Take a packet; return the pictures that it completed, mostly none or one.

        Raises:
            ValueError: it is no RTP packet.
            TooLarge: a picture without end.
        """
        body = _payload(packet)
        stamp = int.from_bytes(packet[4:8], "big")
        sequence = int.from_bytes(packet[2:4], "big")
        done = []
        if stamp != self._stamp:
            # A camera that forgets the marker ends a picture by beginning the next.
            done = self._finish()
            self._begin(stamp)
        if self._sequence is not None and sequence != (self._sequence + 1) & 0xFFFF:
            self._whole = False
        self._sequence = sequence
        if len(body) > 1:
            self._add(body)
        if packet[1] & 0x80:
            done += self._finish()
        return done

    def _begin(self, stamp: int) -> None:
        if self._first is None or self._stamp is None:
            self._first = stamp
        else:
            moved = (stamp - self._stamp) & 0xFFFFFFFF
            self._ticks += moved - (1 << 32 if moved >= 1 << 31 else 0)
        self._stamp = stamp

    def _finish(self) -> list[Picture]:
        parts, key, whole = self._parts, self._key, self._whole
        self._parts, self._size, self._key, self._whole = [], 0, False, True
        if not parts or not whole:
            return []
        return [Picture(b"".join(parts), self._ticks, key)]

    def _add(self, body: memoryview) -> None:
        self._size += len(body)
        if self._size > MOST_BYTES:
            raise TooLarge
        if self.codec == "h264":
            self._add_h264(body)
        else:
            self._add_h265(body)

    def _add_h264(self, body: memoryview) -> None:
        kind = body[0] & 0x1F
        if kind == 28:
            head = body[1]
            if head & 0x80:
                self._key |= head & 0x1F in _H264_KEY
                self._parts += (_START, bytes([body[0] & 0xE0 | head & 0x1F]))
            self._parts.append(bytes(body[2:]))
        elif kind == 24:
            self._add_together(body[1:], lambda unit: unit[0] & 0x1F in _H264_KEY)
        elif kind <= 23:
            self._key |= kind in _H264_KEY
            self._parts += (_START, bytes(body))

    def _add_h265(self, body: memoryview) -> None:
        if len(body) < 3:
            return
        kind = body[0] >> 1 & 0x3F
        if kind == 49:
            head = body[2]
            if head & 0x80:
                self._key |= head & 0x3F in _H265_KEY
                first = bytes([body[0] & 0x81 | (head & 0x3F) << 1, body[1]])
                self._parts += (_START, first)
            self._parts.append(bytes(body[3:]))
        elif kind == 48:
            self._add_together(body[2:], lambda unit: unit[0] >> 1 & 0x3F in _H265_KEY)
        elif kind < 48:
            self._key |= kind in _H265_KEY
            self._parts += (_START, bytes(body))

    def _add_together(self, body: memoryview, is_key: _IsKey) -> None:
        at = 0
        while at + 2 < len(body):
            length = int.from_bytes(body[at : at + 2], "big")
            unit = body[at + 2 : at + 2 + length]
            at += 2 + length
            if len(unit):
                self._key |= is_key(unit)
                self._parts += (_START, bytes(unit))


def _payload(packet: memoryview) -> memoryview:
    """What an RTP packet carries, without its head, extension and padding."""
    if len(packet) < 12 or packet[0] >> 6 != 2:
        raise ValueError("no RTP packet")
    at = 12 + 4 * (packet[0] & 0x0F)
    if packet[0] & 0x10:
        at += 4 + 4 * int.from_bytes(packet[at + 2 : at + 4], "big")
    end = len(packet)
    if packet[0] & 0x20:
        end -= packet[-1]
    return packet[at : max(at, end)]


def report_of(packet: memoryview) -> tuple[float, int] | None:
    """A sender report's wall clock (seconds since the epoch) and RTP time; None if it is none."""
    if len(packet) < 20 or packet[1] != 200:
        return None
    whole = int.from_bytes(packet[8:12], "big") - _NTP_TO_UNIX_S
    part = int.from_bytes(packet[12:16], "big") / (1 << 32)
    return whole + part, int.from_bytes(packet[16:20], "big")


@dataclass(slots=True)
class Times:
    """Presentation and decoding times of pictures as they come. All in ticks.

    Cameras send pictures in the order in which they are shown. One that sorts them is shown a
    little later, so that none is due before it has come.
    """

    _newest: int | None = None
    _count: int = 0
    _first: int = 0
    _sorted: bool = False
    _last: int = -1

    def of(self, ticks: int) -> tuple[int, int]:
        """(presentation, decoding) of the next picture; the latter rises strictly."""
        self._count += 1
        if self._newest is None:
            self._newest = self._first = ticks
        if ticks < self._newest and self._newest - ticks < CLOCK_HZ:
            self._sorted = True
        elif ticks < self._newest:
            # Not sorted but begun anew; whoever maps times to the clock sees the jump.
            self._newest, self._first, self._count, self._last = ticks, ticks, 1, -1
        self._newest = max(self._newest, ticks)
        if not self._sorted:
            self._last = max(ticks, self._last + 1) if self._count > 1 else ticks
            return max(ticks, self._last), self._last
        step = max(1, (self._newest - self._first) // max(1, self._count - 1))
        self._last = max(self._last + 1, min(self._last + step, ticks + 2 * step))
        return max(ticks + 2 * step, self._last), self._last
