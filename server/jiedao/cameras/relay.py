# SPDX-License-Identifier: Apache-2.0
"""Packets to fragmented MP4 by stream copy, the last half minute kept, clips cut from it."""

import io
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import av
import msgspec

FRAGMENT_S = 0.2
KEEP_S = 30.0
KEEP_BYTES = 32 * 1024 * 1024
_MOVFLAGS = "empty_moov+default_base_moof+frag_keyframe+skip_trailer"


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment.

    Attributes:
        number: rises by one from piece to piece of a camera, over reconnections too.
        key: begins with a key frame, so a viewer can begin here.
        at_s: capture time of its first picture, seconds since the epoch.
        data: moof and mdat.
    """

    number: int
    key: bool
    at_s: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What a viewer needs before the first fragment.

    Attributes:
        mime: with the codec string, as the browser's MediaSource wants it.
        init: ftyp and moov.
        at_s: capture time at media time zero, seconds since the epoch.
    """

    mime: str
    width: int
    height: int
    init: bytes
    at_s: float

    def as_json(self) -> bytes:
        """The codec message of the live protocol."""
        began = datetime.fromtimestamp(self.at_s, UTC)
        return msgspec.json.encode(
            {"mime": self.mime, "width": self.width, "height": self.height, "at": began}
        )


class _Spout:
    """A writable that the muxer fills and the fragmenter empties."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

    def drain(self) -> bytes:
        data = bytes(self.data)
        self.data.clear()
        return data


class Fragmenter:
    """Muxes one stream into fragments of about 200 ms, none crossing a key frame.

    The first fragment begins with the first key frame; what comes before it is left out.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._codec: str = stream.codec_context.name
        self._reorders = bool(stream.codec_context.has_b_frames)
        self._spout = _Spout()
        self._out: Any = None
        self._track: Any = None
        self.head: Head | None = None
        self._zero = 0
        self._last_dts = -1
        self._open_piece: tuple[bool, float] | None = None

    def push(self, packet: Any, captured_s: float) -> tuple[bool, float, bytes] | None:
        """Take a packet; return (key, capture time, bytes) of a fragment it completed, if any.

        A key frame is to be decoded before it is pushed: a camera that does not describe its
        stream tells its picture size only there.
        """
        if self._out is None:
            size = (self._stream.codec_context.width, self._stream.codec_context.height)
            if not packet.is_keyframe or 0 in size:
                return None
            self._begin(packet, *size)
        self._mux(packet)
        data = self._spout.drain()
        if self.head is None:
            self.head = self._make_head(data, captured_s)
            data = b""
        done, begins = self._open_piece, (bool(packet.is_keyframe), captured_s)
        if done is None:
            self._open_piece = begins
            return None
        if not data:
            return None
        # The muxer writes a fragment when the packet after it arrives.
        self._open_piece = begins
        return (*done, data)

    def close(self) -> None:
        """Let go of the muxer."""
        if self._out is not None:
            self._out.close()

    def _begin(self, packet: Any, width: int, height: int) -> None:
        self._zero = packet.dts if packet.dts is not None else packet.pts
        self._out = av.open(
            self._spout,
            "w",
            format="mp4",
            options={
                "movflags": _MOVFLAGS,
                "frag_duration": str(int(FRAGMENT_S * 1e6)),
                "flush_packets": "1",
            },
        )
        self._track = self._out.add_stream_from_template(self._stream)
        context = self._track.codec_context
        context.width, context.height = width, height
        if not context.extradata:
            # Some cameras leave the parameter sets out of their description.
            context.extradata = parameter_sets(bytes(packet), self._codec)
        if self._codec == "hevc":
            # Browsers take H.265 only with its parameter sets outside the stream.
            context.codec_tag = "hvc1"

    def _mux(self, packet: Any) -> None:
        """Mux with times that rise from zero, and leave the packet as it was."""
        stream, base, pts, dts = packet.stream, packet.time_base, packet.pts, packet.dts
        zero = self._zero
        # With reordered pictures the first have no decoding time yet; any rising one serves.
        known = dts if dts is not None else zero if self._reorders else pts
        self._last_dts = decode = max(known - zero, self._last_dts + 1)
        packet.dts = decode
        packet.pts = max(pts - zero, decode) if pts is not None else decode
        packet.stream = self._track
        try:
            self._out.mux_one(packet)
        finally:
            packet.stream = stream
            packet.time_base, packet.pts, packet.dts = base, pts, dts

    def _make_head(self, init: bytes, captured_s: float) -> Head:
        mime = f'video/mp4; codecs="{codec_string(init)}"'
        context = self._track.codec_context
        return Head(mime, context.width, context.height, init, captured_s)


def parameter_sets(data: bytes, codec: str) -> bytes:
    """The parameter sets (Annex B) at the beginning of a key frame; empty if there are none."""
    wanted = {7, 8} if codec == "h264" else {32, 33, 34}
    found = b""
    for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]:
        kind = unit[0] & 31 if codec == "h264" else (unit[0] >> 1) & 63 if unit else -1
        if kind in wanted:
            found += b"\0\0\0\1" + unit
    return found


def codec_string(init: bytes) -> str:
    """The RFC 6381 codec string of an init segment, such as ``avc1.4D401F``.

    Raises:
        ValueError: neither H.264 nor H.265.
    """
    at = init.find(b"avcC")
    if at >= 0:
        return f"avc1.{init[at + 5 : at + 8].hex().upper()}"
    at = init.find(b"hvcC")
    if at >= 0:
        return _hevc_string(init[at + 4 : at + 4 + 13])
    raise ValueError("neither avcC nor hvcC in the init segment")


def _hevc_string(box: bytes) -> str:
    """From the first 13 bytes of hvcC, as ISO/IEC 14496-15 annex E spells it."""
    space = ("", "A", "B", "C")[box[1] >> 6]
    tier = "H" if box[1] & 0x20 else "L"
    profile = box[1] & 0x1F
    compatible = int(f"{int.from_bytes(box[2:6], 'big'):032b}"[::-1], 2)
    constraints = box[6:12].rstrip(b"\0")
    tail = "".join(f".{byte:X}" for byte in constraints)
    return f"hvc1.{space}{profile}.{compatible:X}.{tier}{box[12]}{tail}"


class Ring:
    """The last pieces of one camera, bounded in seconds and bytes. Safe between threads."""

    def __init__(self, keep_s: float = KEEP_S, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_s, self._keep_bytes = keep_s, keep_bytes
        self._pieces: deque[Piece] = deque()
        self._bytes = 0
        self._number = 0
        self._head: Head | None = None
        self._lock = threading.Lock()

    def begin(self, head: Head) -> None:
        """A new stream: pieces of the old one cannot be joined to it and are let go."""
        with self._lock:
            self._head = head
            self._pieces.clear()
            self._bytes = 0

    def add(self, key: bool, at_s: float, data: bytes) -> Piece:
        """Keep a fragment, and let go of what is too old or too much."""
        with self._lock:
            self._number += 1
            piece = Piece(self._number, key, at_s, data)
            self._pieces.append(piece)
            self._bytes += len(data)
            if key:
                self._trim(at_s - self._keep_s)
            while self._bytes > self._keep_bytes and len(self._pieces) > 1:
                self._drop()
            return piece

    def _trim(self, until_s: float) -> None:
        """Drop whole groups of pictures that the last half minute does not need."""
        starts = [i for i, piece in enumerate(self._pieces) if piece.key and piece.at_s <= until_s]
        for _ in range(starts[-1] if starts else 0):
            self._drop()

    def _drop(self) -> None:
        self._bytes -= len(self._pieces.popleft().data)

    @property
    def head(self) -> Head | None:
        return self._head

    def now(self) -> tuple[Head | None, tuple[Piece, ...]]:
        """The head and the current group of pictures: what a new viewer gets at once."""
        with self._lock:
            group: list[Piece] = []
            for piece in reversed(self._pieces):
                group.append(piece)
                if piece.key:
                    return self._head, tuple(reversed(group))
            return self._head, ()

    def all(self) -> tuple[Head | None, tuple[Piece, ...]]:
        """The head and everything kept, from the first key frame on."""
        with self._lock:
            pieces = list(self._pieces)
        first = next((i for i, piece in enumerate(pieces) if piece.key), len(pieces))
        return self._head, tuple(pieces[first:])


def cut_clip(head: Head, pieces: Sequence[Piece]) -> bytes:
    """The pieces as one plain MP4 that any player opens and seeks; pictures are copied, not coded.

    Args:
        pieces: consecutive, beginning with a key piece; at least one.
    """
    source = io.BytesIO(head.init + b"".join(piece.data for piece in pieces))
    target = io.BytesIO()
    with (
        av.open(source, "r", format="mp4") as inside,
        av.open(target, "w", format="mp4") as outside,
    ):
        stream = inside.streams.video[0]
        track = outside.add_stream_from_template(stream)
        zero: int | None = None
        for packet in inside.demux(stream):
            if packet.dts is None or packet.pts is None:
                continue
            zero = packet.dts if zero is None else zero
            packet.dts, packet.pts = packet.dts - zero, packet.pts - zero
            packet.stream = track
            outside.mux_one(packet)
    return index_first(target.getvalue())


def index_first(movie: bytes) -> bytes:
    """Move the index (moov) before the pictures, so that a player can begin and seek at once.

    The muxer can do this only for named files; ours are in memory.
    """
    boxes: list[tuple[bytes, bytes]] = []
    at = 0
    while at + 8 <= len(movie):
        length = int.from_bytes(movie[at : at + 4], "big")
        boxes.append((movie[at + 4 : at + 8], movie[at : at + max(length, 8)]))
        at += max(length, 8)
    kinds = [kind for kind, _ in boxes]
    if b"moov" not in kinds or b"mdat" not in kinds or kinds.index(b"moov") < kinds.index(b"mdat"):
        return movie
    index = bytearray(boxes[kinds.index(b"moov")][1])
    _shift_offsets(index, len(index))
    rest = [box for kind, box in boxes if kind not in (b"ftyp", b"moov")]
    return boxes[0][1] + bytes(index) + b"".join(rest)


def _shift_offsets(index: bytearray, by: int) -> None:
    """Add to every chunk offset of an index; clips are far below the 4 GiB of 32-bit offsets."""
    at = index.find(b"stco")
    while at >= 0:
        count = int.from_bytes(index[at + 8 : at + 12], "big")
        for entry in range(at + 12, at + 12 + 4 * count, 4):
            moved = int.from_bytes(index[entry : entry + 4], "big") + by
            index[entry : entry + 4] = moved.to_bytes(4, "big")
        at = index.find(b"stco", at + 12 + 4 * count)
