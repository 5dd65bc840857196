# SPDX-License-Identifier: Apache-2.0
"""RTP and as much RTCP (RFC 3550) as sending speech and proving it needs. No I/O."""

import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np

from jiedao.voice.g711 import FRAME_SAMPLES, RATE_HZ, SILENCE
from jiedao.voice.sdp import PCMA

_NTP_EPOCH_S = 2_208_988_800
"""Seconds from 1900, where NTP begins, to 1970."""
MAX_HEARD_S = 300
"""A monitor that sends longer than this is no longer recorded."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet. `timestamp` counts samples, `sequence` packets; both wrap."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def format(self) -> bytes:
        """The bytes for the wire."""
        second = self.payload_type | (0x80 if self.marker else 0)
        head = struct.pack("!BBHII", 0x80, second, self.sequence, self.timestamp, self.ssrc)
        return head + self.payload


def parse(data: bytes) -> Packet | None:
    """Read one datagram; None where it is no RTP."""
    if len(data) < 12 or data[0] >> 6 != 2 or 192 <= data[1] <= 223:
        return None
    first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if start > end:
        return None
    return Packet(
        second & 0x7F, sequence, timestamp, ssrc, data[start:end], marker=bool(second & 0x80)
    )


class Source(Protocol):
    """Where sound comes from, 20 ms at a time."""

    def next_frame(self) -> bytes | None:
        """FRAME_SAMPLES bytes of A-law; None when there is no more."""


@dataclass(slots=True)
class Clip:
    """Sound that is known from its beginning to its end, as A-law."""

    alaw: bytes
    _at: int = 0

    def next_frame(self) -> bytes | None:
        """The next 20 ms, the last one filled up with silence."""
        if self._at >= len(self.alaw):
            return None
        frame = self.alaw[self._at : self._at + FRAME_SAMPLES].ljust(FRAME_SAMPLES, SILENCE)
        self._at += FRAME_SAMPLES
        return frame


@dataclass(slots=True)
class Sender:
    """Sound in packets of 20 ms, one each time the clock ticks."""

    source: Source
    ssrc: int
    sequence: int = 0
    timestamp: int = 0
    packets: int = 0
    done: bool = False

    def next_packet(self) -> bytes | None:
        """The next 20 ms; None when all is sent."""
        frame = None if self.done else self.source.next_frame()
        if frame is None:
            self.done = True
            return None
        packet = Packet(
            PCMA, self.sequence, self.timestamp, self.ssrc, frame, marker=self.packets == 0
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self.timestamp = (self.timestamp + FRAME_SAMPLES) & 0xFFFFFFFF
        self.packets += 1
        return packet.format()

    def skip_rest(self) -> None:
        """Stop here: nothing more is sent."""
        self.done = True

    def report(self, at: datetime) -> bytes:
        """An RTCP sender report with our name, to be sent now and then (RFC 3550 §6.4)."""
        seconds = at.timestamp() + _NTP_EPOCH_S
        whole = int(seconds)
        fraction = int((seconds - whole) * 2**32) & 0xFFFFFFFF
        octets = (self.packets * FRAME_SAMPLES) & 0xFFFFFFFF
        body = (self.ssrc, whole & 0xFFFFFFFF, fraction, self.timestamp, self.packets, octets)
        cname = b"jiedao@voice"
        item = bytes((1, len(cname))) + cname + b"\0"
        item += b"\0" * (-len(item) % 4)
        description = struct.pack("!BBHI", 0x81, 202, len(item) // 4 + 1, self.ssrc) + item
        return struct.pack("!BBHIIIIII", 0x80, 200, 6, *body) + description


def parse_lost(data: bytes, ssrc: int) -> int | None:
    """How many of our packets the peer says it lost in all; None where it says nothing."""
    at = 0
    while len(data) >= at + 8 and data[at] >> 6 == 2:
        kind, count = data[at + 1], data[at] & 0x1F
        block = at + {200: 28, 201: 8}.get(kind, len(data))
        for _ in range(count):
            if len(data) < block + 24:
                break
            if int.from_bytes(data[block : block + 4], "big") == ssrc:
                lost = int.from_bytes(data[block + 5 : block + 8], "big")
                return lost - 0x1000000 if lost & 0x800000 else lost
            block += 24
        at += 4 * (int.from_bytes(data[at + 2 : at + 4], "big") + 1)
    return None


@dataclass(slots=True)
class Recorder:
    """Sound that comes back, put together by its timestamps; gaps become silence."""

    ssrc: int | None = None
    packets: int = 0
    _first: int = 0
    _frames: dict[int, bytes] = field(default_factory=dict)

    def take(self, packet: Packet) -> None:
        """Keep one packet; other codecs and other senders are ignored."""
        if packet.payload_type != PCMA or not packet.payload:
            return
        if self.ssrc is None:
            self.ssrc, self._first = packet.ssrc, packet.timestamp
        if packet.ssrc != self.ssrc:
            return
        offset = (packet.timestamp - self._first + 2**31) % 2**32 - 2**31
        if 0 <= offset < MAX_HEARD_S * RATE_HZ:
            self.packets += 1
            self._frames[offset] = packet.payload

    def alaw(self) -> bytes:
        """All of it in order, as A-law; empty if nothing came."""
        if not self._frames:
            return b""
        length = max(offset + len(payload) for offset, payload in self._frames.items())
        sound = np.full(length, SILENCE[0], np.uint8)
        for offset, payload in self._frames.items():
            sound[offset : offset + len(payload)] = np.frombuffer(payload, np.uint8)
        return sound.tobytes()
