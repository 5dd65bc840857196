# SPDX-License-Identifier: Apache-2.0
"""H.264 access units to RTP packets (RFC 6184), and RTCP sender reports (RFC 3550)."""

import secrets
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

CLOCK_HZ = 90_000
PAYLOAD_TYPE = 96
MAX_PAYLOAD = 1400

_NAL_STAP_A, _NAL_FU_A = 24, 28
_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)


def nal_units(annex_b: bytes) -> tuple[bytes, ...]:
    """Split a byte stream at its start codes; the codes themselves are left out."""
    starts: list[tuple[int, int]] = []
    at = annex_b.find(b"\0\0\1")
    while at >= 0:
        starts.append((at, at + 3))
        at = annex_b.find(b"\0\0\1", at + 3)
    ends = [code for code, _ in starts[1:]] + [len(annex_b)]
    pieces = (annex_b[first:end] for (_, first), end in zip(starts, ends, strict=False))
    # A four-byte start code leaves its leading zero on the unit before it.
    return tuple(piece.rstrip(b"\0") for piece in pieces if piece)


def payloads(nals: Sequence[bytes], together: int = 0, limit: int = MAX_PAYLOAD) -> Iterator[bytes]:
    """RTP payloads of one access unit.

    Args:
        nals: the units in order, none empty.
        together: how many of the first units (the parameter sets) travel in one STAP-A.
        limit: largest payload in bytes, at least 3.
    """
    if together:
        head = max((nal[0] & 0x60 for nal in nals[:together]), default=0x60)
        parts = b"".join(struct.pack(">H", len(nal)) + nal for nal in nals[:together])
        yield bytes([head | _NAL_STAP_A]) + parts
    for nal in nals[together:]:
        if len(nal) <= limit:
            yield nal
        else:
            yield from _fragments(nal, limit)


def _fragments(nal: bytes, limit: int) -> Iterator[bytes]:
    indicator = nal[0] & 0xE0 | _NAL_FU_A
    kind, body, step = nal[0] & 0x1F, nal[1:], limit - 2
    for offset in range(0, len(body), step):
        first = 0x80 if offset == 0 else 0
        last = 0x40 if offset + step >= len(body) else 0
        yield bytes([indicator, first | last | kind]) + body[offset : offset + step]


@dataclass(slots=True)
class RtpSender:
    """One viewer's RTP stream: its source id, sequence numbers and counts."""

    ssrc: int = field(default_factory=lambda: secrets.randbits(32))
    sequence: int = field(default_factory=lambda: secrets.randbits(16))
    packets: int = 0
    octets: int = 0

    def packets_of(
        self, nals: Sequence[bytes], timestamp: int, together: int = 0
    ) -> Iterator[bytes]:
        """RTP packets of one access unit; all carry its timestamp, the last one the marker."""
        pieces = list(payloads(nals, together))
        for number, payload in enumerate(pieces, 1):
            marker = 0x80 if number == len(pieces) else 0
            head = struct.pack(
                ">BBHII",
                0x80,
                marker | PAYLOAD_TYPE,
                self.sequence,
                timestamp & 0xFFFFFFFF,
                self.ssrc,
            )
            self.sequence = (self.sequence + 1) & 0xFFFF
            self.packets += 1
            self.octets += len(payload)
            yield head + payload

    def report(self, at: datetime, timestamp: int) -> bytes:
        """A sender report that ties the RTP timestamp to the wall clock, with our name."""
        seconds = (at - _NTP_EPOCH).total_seconds()
        whole = int(seconds)
        body = struct.pack(
            ">IIIIII",
            self.ssrc,
            whole & 0xFFFFFFFF,
            int((seconds - whole) * 2**32) & 0xFFFFFFFF,
            timestamp & 0xFFFFFFFF,
            self.packets & 0xFFFFFFFF,
            self.octets & 0xFFFFFFFF,
        )
        return _rtcp(200, 0, body) + _rtcp(202, 1, struct.pack(">I", self.ssrc) + _NAME)

    def goodbye(self) -> bytes:
        """The RTCP packet that ends the stream."""
        return _rtcp(203, 1, struct.pack(">I", self.ssrc))


_CNAME = b"camera@jiedao.sim"
_NAME = bytes([1, len(_CNAME)]) + _CNAME + b"\0" * (4 - (2 + len(_CNAME)) % 4)


def _rtcp(kind: int, count: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body


def interleaved(channel: int, packet: bytes) -> bytes:
    """A packet framed for the RTSP connection itself (RFC 2326 §10.12)."""
    return struct.pack(">cBH", b"$", channel, len(packet)) + packet
