# SPDX-License-Identifier: Apache-2.0
"""One shard: a child of the media process in whose threads cameras are pulled and watched.

It knows no database. It is told which cameras to hold, tells what they see, and ends when its
parent does. A stream that kills a decoder kills this process and no other.
"""

import argparse
import array
import contextlib
import os
import resource
import select
import socket
import threading
from uuid import UUID

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.child import run_until_parent_gone
from jiedao.base.clock import SystemClock
from jiedao.base.errors import JiedaoError
from jiedao.base.settings import load_settings
from jiedao.cameras.detectors import Detectors
from jiedao.cameras.holding import Holding, Kit
from jiedao.cameras.inwork import Marks
from jiedao.cameras.keeping import Keeper
from jiedao.cameras.live import LiveLoop, error_frame
from jiedao.cameras.messages import (
    LONGEST_MESSAGE,
    Condition,
    FromShard,
    Release,
    Snap,
    Status,
    ToShard,
    View,
    Watch,
    encode,
    to_shard,
)
from jiedao.cameras.recording import Recorder
from jiedao.cameras.watching import Analysers

TICK_S = 1.0


class Shard:
    """The cameras of one process, and the line to its parent."""

    def __init__(self, line: socket.socket, kit: Kit) -> None:
        self._line, self._kit = line, kit
        self._holdings: dict[UUID, Holding] = {}

    def run(self, stop: threading.Event) -> None:
        """Obey and report until told to stop or the parent's end of the line closes."""
        # The line itself stays blocking, because other threads send on it.
        ready = select.poll()
        ready.register(self._line, select.POLLIN)
        next_s = 0.0
        while not stop.is_set():
            if ready.poll(TICK_S * 250):
                data, handles = _receive(self._line)
                if not data:
                    return
                self._obey(to_shard.decode(data), handles)
            now_s = self._kit.clock.monotonic_s()
            if now_s >= next_s:
                next_s = now_s + TICK_S
                self._report()

    def close(self) -> None:
        for holding in self._holdings.values():
            holding.close()
        self._kit.keeper.close()
        self._kit.recorder.close()

    def _obey(self, message: ToShard, handles: list[int]) -> None:
        match message:
            case Watch():
                self._watch(message)
            case Release():
                holding = self._holdings.pop(message.camera, None)
                if holding is not None:
                    holding.close()
            case View():
                self._view(message.camera, handles)
            case Snap():
                holding = self._holdings.get(message.camera)
                if holding is not None:
                    self._kit.keeper.snap(message.camera, message.matter, holding.ring)

    def _watch(self, watch: Watch) -> None:
        try:
            holding = self._holdings.get(watch.camera)
            if holding is None:
                self._holdings[watch.camera] = holding = Holding(watch, self._kit)
            else:
                holding.change(watch)
            holding.tick()
        except JiedaoError as refusal:
            # A plan that cannot be read leaves its camera unwatched, and says so in its health.
            self._kit.tell(Status([Condition(watch.camera, "stale", refusal.code)]))

    def _view(self, camera: UUID, handles: list[int]) -> None:
        for handle in handles:
            connection = socket.socket(fileno=handle)
            holding = self._holdings.get(camera)
            if holding is None:
                with contextlib.suppress(OSError):
                    connection.send(error_frame("camera.unknown"))
                connection.close()
                continue
            holding.want()
            holding.tick()
            self._kit.live.welcome(camera, connection)

    def _report(self) -> None:
        conditions = [holding.tick() for holding in self._holdings.values()]
        # In parts, so that no message outgrows what the socket pair carries whole.
        for start in range(0, max(1, len(conditions)), 200):
            self._kit.tell(Status(conditions[start : start + 200]))


def _receive(line: socket.socket) -> tuple[bytes, list[int]]:
    """One message and the descriptors beside it; empty when the parent is gone."""
    size = array.array("i").itemsize
    data, ancillary, _, _ = line.recvmsg(LONGEST_MESSAGE, socket.CMSG_SPACE(size))
    handles = array.array("i")
    for level, kind, body in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            handles.frombytes(body[: len(body) - len(body) % size])
    return data, list(handles)


class Teller:
    """Sends to the parent; any thread may call it. A parent that is gone is no error here."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._lock = threading.Lock()

    def __call__(self, message: FromShard) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._line.send(encode(message))


def main() -> None:
    """Run one shard on the descriptors that the parent passed."""
    options = argparse.ArgumentParser()
    options.add_argument("--line", type=int, required=True)
    options.add_argument("--marks", type=int, required=True)
    options.add_argument("--name", default="media")
    given = options.parse_args()
    settings = load_settings()
    log.configure(given.name, settings.log)
    # A decoder's crash is expected and contained; a core file of every camera's memory is not.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _single_threaded_libraries()
    line = socket.socket(fileno=given.line)
    teller = Teller(line)
    stills = settings.data_dir / "run" / "stills"
    stills.mkdir(parents=True, exist_ok=True)
    clock = SystemClock()
    kit = Kit(
        clock=clock,
        networks=settings.camera_networks(),
        live=LiveLoop(),
        analysers=Analysers(),
        keeper=Keeper(BlobStore(settings.blob_dir), stills, clock, teller),
        marks=Marks(given.marks),
        detectors=Detectors(settings.data_dir / "models"),
        recorder=Recorder(settings.recording_dir, teller),
        views=settings.data_dir / "views",
        tell=teller,
    )
    shard = Shard(line, kit)

    def work(stop: threading.Event) -> None:
        shard.run(stop)
        shard.close()

    run_until_parent_gone(work)
    # Pullers may still be inside the media library; they are not worth waiting for.
    os._exit(0)


def _single_threaded_libraries() -> None:
    """Many cameras share the cores; a library that spreads one picture over all only adds waits."""
    import cv2  # noqa: PLC0415  # after the command line, so that --help stays quick

    cv2.setNumThreads(1)


if __name__ == "__main__":
    main()
