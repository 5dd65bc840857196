# SPDX-License-Identifier: Apache-2.0
"""A span of a recording as one file; run as a program, imported only for its order.

A recording is what a camera sent, so it is opened in a process of its own with limits. Pictures are
copied; only where masks are to be burned in, or the stream changed within the span, they are
decoded and coded anew. Times go on through gaps, so that the file lasts as long as the span shown.
"""

import errno
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import cv2
import numpy as np

MEMORY_BYTES: Final = 4 << 30
CPU_S: Final = 3600
CLOCK_HZ: Final = 90_000
_CRF: Final = "20"


@dataclass(frozen=True, slots=True)
class Part:
    """A segment of the span: its file, and how long after the span's begin it begins."""

    file: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made.

    Attributes:
        target: the file to write.
        parts: in order of time.
        from_s, to_s: what of them is wanted, seconds from the first part's begin.
        masks: polygons in picture units, 0..1, burned in black.
    """

    target: str
    parts: list[Part]
    from_s: float
    to_s: float
    masks: list[list[list[float]]]


def command() -> list[str]:
    """The command line of a child that makes the order that it reads from its input."""
    return [sys.executable, "-m", "jiedao.cameras.exporting"]


def encoded(order: Order) -> bytes:
    """The order as its input."""
    return json.dumps(asdict(order)).encode()


def packets_of(order: Order) -> Iterator[tuple[Any, float]]:
    """The span's packets, each with the second of the span at which its segment begins.

    A copy can begin only with a key picture, so it may begin up to a group of pictures early.
    """
    for part in order.parts:
        with av.open(part.file, "r", format="mp4") as container:
            stream = container.streams.video[0]
            first: int | None = None
            for packet in container.demux(stream):
                if packet.dts is None or packet.pts is None:
                    continue
                first = packet.dts if first is None else first
                packet.dts, packet.pts = packet.dts - first, packet.pts - first
                yield packet, part.at_s


def copy(order: Order) -> None:
    """Copy the span's pictures into one file, as they were sent."""
    out: Any = av.open(order.target, "w", format="mp4", options={"movflags": "faststart"})
    track: Any = None
    last, zero_s = -1, 0.0
    held: list[tuple[Any, float]] = []
    with out:
        for packet, at_s in packets_of(order):
            second = at_s + float(packet.dts * packet.time_base)
            if second >= order.to_s:
                break
            if second < order.from_s:
                # Kept back since the last key picture, in case the span begins after it.
                held = [(packet, at_s)] if packet.is_keyframe else [*held, (packet, at_s)]
                continue
            ready = [(packet, at_s)]
            if track is None:
                ready = ready if packet.is_keyframe else [*held, *ready]
                head, begins_s = ready[0]
                track = out.add_stream_from_template(head.stream)
                zero_s = begins_s + float(head.dts * head.time_base)
            for one, begins_s in ready:
                last = _mux_at(out, track, one, begins_s - zero_s, last)


def _mux_at(out: Any, track: Any, packet: Any, at_s: float, last: int) -> int:
    """Mux a packet so many seconds later than it says; return its decoding time."""
    base = packet.time_base
    shift = round(at_s / base)
    packet.dts = max(packet.dts + shift, last + 1)
    packet.pts = max(packet.pts + shift, packet.dts)
    last = int(packet.dts)
    packet.stream = track
    out.mux_one(packet)
    return last


def code_anew(order: Order) -> None:
    """Decode the span, burn the masks in, and code it again; all in the first picture's size."""
    out: Any = av.open(order.target, "w", format="mp4", options={"movflags": "faststart"})
    track: Any = None
    last = -1
    with out:
        for frame, at_s in _pictures(order):
            second = at_s + float(frame.pts * frame.time_base)
            if not order.from_s <= second < order.to_s:
                continue
            if track is None:
                track = out.add_stream("libx264", rate=Fraction(25))
                track.width, track.height = frame.width // 2 * 2, frame.height // 2 * 2
                track.pix_fmt, track.time_base = "yuv420p", Fraction(1, CLOCK_HZ)
                track.codec_context.time_base = Fraction(1, CLOCK_HZ)
                track.options = {"crf": _CRF, "preset": "veryfast"}
            picture = frame.to_ndarray(format="bgr24", width=track.width, height=track.height)
            made = av.VideoFrame.from_ndarray(burn(picture, order.masks), format="bgr24")
            last = max(round((second - order.from_s) * CLOCK_HZ), last + 1)
            made.pts, made.time_base = last, Fraction(1, CLOCK_HZ)
            out.mux(track.encode(made))
        if track is not None:
            out.mux(track.encode(None))


def _pictures(order: Order) -> Iterator[tuple[Any, float]]:
    for part in order.parts:
        with av.open(part.file, "r", format="mp4") as container:
            first: int | None = None
            for frame in container.decode(video=0):
                if frame.pts is None:
                    continue
                first = frame.pts if first is None else first
                frame.pts -= first
                yield frame, part.at_s


def burn(picture: Any, masks: list[list[list[float]]]) -> Any:
    """The BGR picture with what may not be shown painted black, in place."""
    height, width = picture.shape[:2]
    shapes = [np.array([[x * width, y * height] for x, y in mask]).round() for mask in masks]
    if shapes:
        cv2.fillPoly(picture, [shape.astype(np.int32) for shape in shapes], (0, 0, 0))
    return picture


def is_one_stream(parts: list[Part]) -> bool:
    """Whether all segments continue one stream, so that a copy can be played through."""
    heads = set()
    for part in parts:
        with av.open(part.file, "r", format="mp4") as container:
            context = container.streams.video[0].codec_context
            heads.add(
                (context.name, context.width, context.height, bytes(context.extradata or b""))
            )
    return len(heads) == 1


def main() -> int:
    """Make one order, given as JSON on standard input; one line of JSON tells how it ended."""
    found = json.load(sys.stdin)
    order = Order(**{**found, "parts": [Part(**part) for part in found["parts"]]})
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    av.logging.set_level(None)
    try:
        copied = not order.masks and is_one_stream(order.parts)
        (copy if copied else code_anew)(order)
        done = Path(order.target).stat().st_size > 0
    except Exception as error:
        # Demuxers raise whatever they like on broken bytes.
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        return _tell("recording.disk" if full else "recording.unreadable")
    return _tell("" if done else "recording.unreadable")


def _tell(code: str) -> int:
    print(json.dumps({"refused": code} if code else {"made": True}), flush=True)
    # The decoders' own threads may not delay the end.
    os._exit(1 if code else 0)


if __name__ == "__main__":
    sys.exit(main())
