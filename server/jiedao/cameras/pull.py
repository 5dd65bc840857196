# SPDX-License-Identifier: Apache-2.0
"""One puller thread per camera: opens, reads packets, names what goes wrong, tries again.

The puller knows nothing of what becomes of the packets; it hands them to a ``PacketSink`` in its
own thread. Only that thread ever touches the container, because closing one from outside crashes
the library under it.
"""

import io
import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import av.error

from jiedao.base import log
from jiedao.base.clock import Clock
from jiedao.cameras.address import CameraAddress
from jiedao.cameras.capture import CaptureClock
from jiedao.cameras.errors import (
    CameraChanged,
    CameraFault,
    CameraGarbled,
    CameraHasNoSuchStream,
    CameraHungUp,
    CameraRefusedLogin,
    CameraSilent,
    CameraUnreachable,
    CameraUnsupported,
)
from jiedao.cameras.hop import Hop
from jiedao.cameras.probe import probe
from jiedao.cameras.relay import parameter_sets
from jiedao.cameras.rtp import CLOCK_HZ, Picture, Times
from jiedao.cameras.rtsp import RtspReader

OPEN_S, READ_S = 3.0, 3.0
LARGEST_PIXELS = 4096 * 2304
RTSP_OPTIONS = {
    "rtsp_transport": "tcp",
    "allowed_media_types": "video",
    "protocol_whitelist": "rtsp,rtp,tcp",
    "fflags": "nobuffer",
    "analyzeduration": "200000",
    "probesize": "65536",
}
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.25, 8.0
"""Bounds of the back-off; with the time to open, a camera is live within 15 s of its return."""
CODECS = ("h264", "hevc")
TICK = Fraction(1, CLOCK_HZ)
FIRST_KEY_S = 12.0
"""Cameras send a key picture every few seconds; one that sends none so long cannot be shown."""

# PyAV ships no types that mypy can follow here; these names keep the signatures readable.
Stream = Any
Packet = Any


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a packet came, and when its picture was taken.

    Attributes:
        captured_s: capture time in seconds since the epoch, by the server's clock.
        lag_s: how long after its capture the packet was read; starving shows here.
        drift_s: how far the stream's time has moved against ours since the opening.
        waited_s: how long the reader waited for it.
        skew_s: how far the camera's own clock is ahead of ours; None where it says nothing.
    """

    captured_s: float
    lag_s: float
    drift_s: float = 0.0
    waited_s: float = 0.0
    skew_s: float | None = None


class PacketSink(Protocol):
    """Who takes the packets. All calls come from the puller's thread."""

    def opened(self, stream: Stream) -> None:
        """A stream stands open; packets of it follow."""

    def take(self, packet: Packet, arrival: Arrival) -> None:
        """The next packet. May raise CameraFault to have the stream opened again."""

    def lost(self, fault: CameraFault) -> None:
        """The stream is gone, or could not be opened; the puller tries again."""


class Opened(Protocol):
    """A stream that stands open. Only the puller's thread touches it."""

    stream: Stream

    def next(self) -> tuple[Packet, float | None] | None:
        """The next packet, and the camera's own time of it where it says one; None at the end.

        Raises:
            CameraFault: named.
        """

    def close(self) -> None:
        """Let go of it."""


class Source(Protocol):
    """Where packets come from."""

    @property
    def where(self) -> str:
        """Address without credentials, or file name."""

    def start(self) -> Opened:
        """Open it, up to the first picture that can be decoded.

        Raises:
            CameraFault: named.
        """


@dataclass(frozen=True, slots=True)
class RtspSource:
    """A camera on the wire, always over TCP.

    Attributes:
        working: stands around each moment in which the media library reads its bytes.
    """

    address: CameraAddress
    working: Callable[[], AbstractContextManager[None]] = nullcontext

    @property
    def where(self) -> str:
        return self.address.authority

    def start(self) -> Opened:
        return _Wire(self.address, self.working)

    def open(self) -> Any:
        """An open container of the media library, for whoever decodes it all in its own process."""
        probe(self.address, OPEN_S)
        hop = Hop(self.address, OPEN_S)
        try:
            return _open(hop.address.url, self.where, RTSP_OPTIONS)
        except CameraFault as fault:
            raise hop.fault or fault from fault


@dataclass(frozen=True, slots=True)
class FileSource:
    """A recorded clip in place of a camera. ``realtime`` paces it as it was filmed."""

    path: Path
    realtime: bool = True

    @property
    def where(self) -> str:
        return self.path.name

    def start(self) -> Opened:
        return _Clip(str(self.path.absolute()), self.where)


class _Wire:
    """Pictures of a camera as the media library's packets.

    The stream's parameters come from its first key picture, which the library reads from memory.
    """

    def __init__(
        self, address: CameraAddress, working: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._where, self._times = address.authority, Times()
        self._reader = RtspReader(address, OPEN_S, READ_S)
        try:
            offer = self._reader.open()
            self._first: Picture | None = self._key(offer.sets)
            with working():
                described = _described(self._first.data, offer.codec, self._where)
            self._container, self.stream = described
        except BaseException:
            self._reader.close()
            raise

    def next(self) -> tuple[Packet, float | None] | None:
        picture, self._first = self._first or self._reader.read(), None
        packet = av.Packet(picture.data)
        packet.stream, packet.time_base = self.stream, TICK
        packet.pts, packet.dts = self._times.of(picture.ticks)
        packet.is_keyframe = picture.key
        return packet, self._reader.wall_s() if picture.key else None

    def close(self) -> None:
        self._reader.close()
        self._container.close()

    def _key(self, sets: bytes) -> Picture:
        """The first key picture, with the parameter sets if it does not bring them itself."""
        until_s = time.monotonic() + FIRST_KEY_S
        while not (picture := self._reader.read()).key:
            if time.monotonic() > until_s:
                raise CameraSilent(address=self._where)
        codec = self._reader.offer.codec if self._reader.offer else CODECS[0]
        if parameter_sets(picture.data, codec):
            return picture
        return Picture(sets + picture.data, picture.ticks, picture.key)


def _described(key: bytes, codec: str, where: str) -> tuple[Any, Stream]:
    """The stream that a key picture begins, and what holds it."""
    with _named_faults(where):
        container = av.open(io.BytesIO(key), format=codec, options={"probesize": "32"})
    try:
        stream = _video_of(container, where)
        if not stream.codec_context.width:
            raise CameraGarbled(address=where)
    except BaseException:
        container.close()
        raise
    return container, stream


class _Clip:
    """Packets of a file."""

    def __init__(self, name: str, where: str) -> None:
        self._where = where
        self._container = _open(name, where, {"protocol_whitelist": "file"})
        self.stream = _video_of(self._container, where)
        self._packets = self._container.demux(self.stream)

    def next(self) -> tuple[Packet, float | None] | None:
        while True:
            with _named_faults(self._where):
                packet = next(self._packets, None)
            if packet is None:
                return None
            if packet.dts is None and packet.pts is not None:
                packet.dts = packet.pts
            if packet.dts is not None and packet.size:
                return packet, None

    def close(self) -> None:
        self._container.close()


def _open(url: str, where: str, options: dict[str, str]) -> Any:
    with _named_faults(where):
        return av.open(url, options=options, timeout=(OPEN_S, READ_S))


@contextmanager
def _named_faults(where: str) -> Iterator[None]:
    """Translate the media library's errors where we call the library."""
    try:
        yield
    except (av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError) as error:
        raise CameraRefusedLogin(address=where) from error
    except av.error.HTTPNotFoundError as error:
        raise CameraHasNoSuchStream(address=where) from error
    except (av.error.ExitError, av.error.TimeoutError) as error:
        raise CameraSilent(address=where) from error
    except av.error.EOFError as error:
        raise CameraHungUp(address=where) from error
    except (av.error.ConnectionResetError, av.error.BrokenPipeError) as error:
        raise CameraHungUp(address=where) from error
    except av.error.InvalidDataError as error:
        raise CameraGarbled(address=where) from error
    except (av.error.FFmpegError, OSError) as error:
        raise CameraUnreachable(address=where) from error


class BackOff:
    """Waits that double, each shortened by chance so that cameras do not return in step."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self._wait_s = SHORTEST_WAIT_S

    def reset(self) -> None:
        """The camera was well: begin again with the shortest wait."""
        self._wait_s = SHORTEST_WAIT_S

    def next_s(self) -> float:
        """How long to wait now."""
        wait_s, self._wait_s = self._wait_s, min(self._wait_s * 2, LONGEST_WAIT_S)
        return wait_s * (0.5 + 0.5 * self._chance())


class Puller:
    """Pulls one camera in a thread of its own until stopped."""

    def __init__(self, source: Source, sink: PacketSink, clock: Clock, name: str = "") -> None:
        self._source, self._sink, self._clock = source, sink, clock
        self._stopping = threading.Event()
        self._back_off = BackOff()
        self._thread = threading.Thread(
            target=self._run, name=f"pull {name or source.where}", daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; it does so within the read time-out."""
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; True if it came."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._pull_once()
            except CameraChanged as change:
                self._sink.lost(change)
                continue
            except CameraFault as fault:
                self._sink.lost(fault)
            except Exception:
                # The top of a worker loop: one camera's defect must not end its thread for good.
                log.get(__name__).exception("puller failed", camera=self._source.where)
                self._sink.lost(CameraGarbled(address=self._source.where))
            self._stopping.wait(self._back_off.next_s())

    def _pull_once(self) -> None:
        opened = self._source.start()
        try:
            self._sink.opened(opened.stream)
            self._read(opened)
        finally:
            opened.close()
        if not self._stopping.is_set():
            raise CameraHungUp(address=self._source.where)

    def _read(self, opened: Opened) -> None:
        captures = CaptureClock()
        start_s, started_s = self._clock.now().timestamp(), self._clock.monotonic_s()
        paced = getattr(self._source, "realtime", False)
        free_s = started_s
        while not self._stopping.is_set():
            found = opened.next()
            if found is None:
                return
            packet, wall_s = found
            stream_s = float(packet.dts * packet.time_base)
            if paced:
                self._stopping.wait(max(0.0, started_s + stream_s - self._clock.monotonic_s()))
            came_s = self._clock.monotonic_s()
            arrived_s = start_s + came_s - started_s
            captured_s = captures.stamp(stream_s, arrived_s)
            skew_s = None if wall_s is None else wall_s - captured_s
            lag_s = arrived_s - captured_s
            self._sink.take(
                packet, Arrival(captured_s, lag_s, captures.drift_s, came_s - free_s, skew_s)
            )
            free_s = self._clock.monotonic_s()
            if arrived_s - start_s > LONGEST_WAIT_S:
                self._back_off.reset()


def _video_of(container: Any, where: str) -> Stream:
    """The container's video stream, refused if we do not take its codec or size."""
    for stream in container.streams.video:
        codec = stream.codec_context
        if codec.name not in CODECS:
            raise CameraUnsupported(address=where, why=codec.name)
        if codec.width * codec.height > LARGEST_PIXELS:
            raise CameraUnsupported(address=where, why=f"{codec.width}×{codec.height}")
        return stream
    raise CameraUnsupported(address=where, why="video?")
