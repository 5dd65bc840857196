# SPDX-License-Identifier: Apache-2.0
"""One file or address decoded and watched in a process of its own, telling its parent in lines.

A damaged or hostile file can kill a decoder; then it kills this process and nothing else. Frames
never leave it: only events do, one JSON object a line on standard output. The last line says how
it ended: `{"end": …}`, or `{"refused": {"code": …, "facts": …}}`.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import unquote, urlsplit

import av
import av.error
import numpy as np

from jiedao.base.child import watch_parent
from jiedao.base.errors import BadInput, JiedaoError
from jiedao.base.settings import load_settings
from jiedao.cameras.address import RTSP_PORT, check_address
from jiedao.cameras.errors import CameraAddressRefused
from jiedao.cameras.pull import LARGEST_PIXELS, RtspSource
from jiedao.vision import Frame, Image, Luma, Watcher, ZonePlan, bgr_of_yuv420, load_detector

BEAT_S: Final = 1.0  # How often, at least, the parent hears from a child that makes progress.
LARGEST_MEMORY: Final = 8 * 1024**3  # A header may claim any size; the system is not to pay.
PLAIN_LUMA: Final = frozenset(
    ["yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p", "nv12", "gray"]
)


class ClipUnreadable(BadInput):
    """The file is missing, is no video, or no picture in it can be decoded. Facts: file, why."""

    code = "clip.unreadable"


class ClipTooLarge(BadInput):
    """The pictures are larger than the platform takes. Facts: file, size, most."""

    code = "clip.too_large"


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent asks for.

    Attributes:
        source: a file's path, or an rtsp:// address.
        fps: pictures to judge in a second of the picture's own time.
        realtime: pace a file as it was filmed; an address always is.
    """

    source: str
    zones: str
    model: str | None
    fps: float
    realtime: bool

    @property
    def is_address(self) -> bool:
        return self.source.lower().startswith("rtsp://")


def open_clip(order: Order) -> Any:
    """An open container.

    Raises:
        ClipUnreadable: the file cannot be opened.
        CameraAddressRefused, CameraFault: the address cannot be used, or gives no picture.
    """
    if order.is_address:
        return RtspSource(_address(order.source)).open()
    path = Path(order.source)
    if not path.is_file():
        raise ClipUnreadable(file=order.source, why="没有这个文件 / no such file")
    try:
        # A name such as "concat:…" means something to the library, an absolute path does not.
        return av.open(str(path.absolute()), options={"protocol_whitelist": "file"})
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise ClipUnreadable(file=path.name, why=_why(error)) from error


def _address(url: str) -> Any:
    try:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return check_address(
            parts.hostname or "",
            parts.port or RTSP_PORT,
            path,
            load_settings().camera_networks(),
            login=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )
    except ValueError as error:
        raise CameraAddressRefused(where="address", why="rtsp://host:port/path") from error


def frames(order: Order) -> Iterator[Frame]:
    """The pictures to be judged, timed from the first one.

    Raises:
        ClipUnreadable: not one picture can be decoded.
        ClipTooLarge: absurd dimensions.
    """
    name = order.source if order.is_address else Path(order.source).name
    if order.is_address:
        name = urlsplit(order.source).hostname or ""
    container = open_clip(order)
    with container:
        if not container.streams.video:
            raise ClipUnreadable(file=name, why="没有视频 / no video in it")
        stream = container.streams.video[0]
        size = stream.codec_context.width, stream.codec_context.height
        if size[0] * size[1] > LARGEST_PIXELS:
            raise ClipTooLarge(file=name, size=f"{size[0]}×{size[1]}", most="4096×2304")
        stream.thread_type = "SLICE" if order.is_address else "AUTO"
        yield from _due(_decoded(container, stream, name), order)


def _decoded(container: Any, stream: Any, name: str) -> Iterator[tuple[float, Any]]:
    """Every picture that can be decoded, with its time from the first; damaged ones are skipped."""
    every_s = 1 / float(stream.average_rate or 25)
    start_s: float | None = None
    last_s = -1.0
    trouble = ""
    for packet in _packets(container, stream):
        try:
            pictures = packet.decode()
        except av.error.FFmpegError as error:
            trouble = _why(error)
            continue
        for picture in pictures:
            if picture.pts is None:
                # A raw stream carries no times; then the pictures are counted out evenly.
                t_s = 0.0 if last_s < 0 else last_s + every_s
            else:
                start_s = float(picture.time) if start_s is None else start_s
                t_s = float(picture.time) - start_s
            if t_s > last_s:
                last_s = t_s
                yield t_s, picture
    if last_s < 0:
        raise ClipUnreadable(file=name, why=trouble or "没有画面 / no picture in it")


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Packets until the end, or until the container is too damaged to go on."""
    packets = container.demux(stream)
    while True:
        try:
            yield next(packets)
        except (StopIteration, av.error.FFmpegError):
            return


def _due(pictures: Iterator[tuple[float, Any]], order: Order) -> Iterator[Frame]:
    """Those pictures whose turn it is, going by their own time."""
    started_s = time.monotonic()
    turn = 0
    for t_s, picture in pictures:
        if t_s * order.fps < turn - 1e-6:
            continue
        turn = int(t_s * order.fps + 1e-6) + 1
        if order.realtime and not order.is_address:
            time.sleep(max(0.0, started_s + t_s - time.monotonic()))
        yield as_frame(picture, t_s)


def as_frame(picture: Any, t_s: float) -> Frame:
    """A decoded picture as vision takes it; the luma plane is looked at where it lies."""
    if picture.format.name not in PLAIN_LUMA:
        picture = picture.reformat(format="yuv420p")

    def bgr() -> Image:
        whole = picture if "420p" in picture.format.name else picture.reformat(format="yuv420p")
        return bgr_of_yuv420(*(_plane(whole.planes[i]) for i in range(3)))

    return Frame(_plane(picture.planes[0]), t_s, bgr)


def _plane(plane: Any) -> Luma:
    """A decoder's plane where it lies, without the padding of its lines."""
    lines: Luma = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    return lines[:, : plane.width]


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__)[:160]


def watch(order: Order, out: TextIO) -> None:
    """Watch to the end, telling each event, and a beat while there is none."""
    detector = None if order.model is None else load_detector(order.model)
    watcher = Watcher(ZonePlan.parse(Path(order.zones)), detector)
    told_s = time.monotonic()
    judged, t_s = 0, 0.0
    cpu_s = time.process_time()
    for frame in frames(order):
        sighting = watcher.see(frame)
        judged, t_s = judged + 1, frame.t_s
        for event in sighting.events:
            _tell(out, {"event": event.as_json()})
        if sighting.events or time.monotonic() - told_s > BEAT_S:
            told_s = time.monotonic()
            _tell(out, {"beat": round(t_s, 3)})
    cpu_s = time.process_time() - cpu_s
    _tell(out, {"end": {"frames": judged, "t_s": round(t_s, 3), "cpu_s": round(cpu_s, 3)}})


def _tell(out: TextIO, line: dict[str, object]) -> None:
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()


def main() -> int:
    """Run one order, given as JSON in the first argument."""
    order = Order(**json.loads(sys.argv[1]))
    watch_parent(lambda: os._exit(1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST_MEMORY, LARGEST_MEMORY))
    try:
        watch(order, sys.stdout)
    except JiedaoError as refusal:
        facts = {name: str(value) for name, value in refusal.facts.items()}
        _tell(sys.stdout, {"refused": {"code": refusal.code, "facts": facts}})
        return 1
    return 0


def command(order: Order) -> list[str]:
    """The command line of a child that runs an order."""
    return [sys.executable, "-m", "jiedao.cameras.clip", json.dumps(asdict(order))]


if __name__ == "__main__":
    sys.exit(main())
