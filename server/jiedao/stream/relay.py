# SPDX-License-Identifier: Apache-2.0
"""One upstream for each camera that is watched, however many watch it."""

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import msgspec
import structlog

from jiedao.stream.answers import error_content
from jiedao.stream.errors import NoLivePicture
from jiedao.stream.frames import Frame, Kind, Upstream
from jiedao.stream.viewer import Viewer

LINGER_S = 5.0
BACK_OFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
GROUP_BYTES = 16 * 1024 * 1024

log = structlog.get_logger("jiedao.stream")

MEDIA_AWAY = msgspec.json.encode({"kind": "error", **error_content(NoLivePicture())}).decode()


class Watch:
    """A camera that somebody watches: its viewers, and what a new one needs to begin.

    A viewer that comes gets the stream's beginning and the group of pictures under way at once,
    so its first picture does not wait for the next key frame.

    Attributes:
        said: why there is no picture, as it was told; None while there is one.
    """

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self._codec: Frame | None = None
        self._init: Frame | None = None
        self._group: list[Frame] = []
        self._group_bytes = 0
        self.said: str | None = None

    def welcome(self, viewer: Viewer) -> None:
        """Add a viewer."""
        self.viewers.add(viewer)
        if self._codec is not None and self._init is not None:
            viewer.begin(self._codec, self._init)
            for frame in self._group:
                viewer.give(frame)
        if self.said is not None:
            viewer.tell(self.said)

    def hear(self, frame: Frame) -> None:
        """Pass a frame on, and remember what the next viewer will need."""
        match frame.kind:
            case Kind.CODEC:
                self._codec, self._init = frame, None
                self._forget_group()
            case Kind.INIT:
                self._begin(frame)
            case Kind.KEY | Kind.FRAGMENT:
                self._piece(frame)
            case Kind.ERROR:
                self.trouble(frame.body.decode(errors="replace"))

    def trouble(self, text: str) -> None:
        """Tell everybody why there is no picture, now and until there is one."""
        self.said = text
        self._forget_group()
        for viewer in self.viewers:
            viewer.tell(text)

    def _begin(self, init: Frame) -> None:
        self._init = init
        self.said = None
        self._forget_group()
        for viewer in self.viewers:
            if self._codec is not None:
                viewer.begin(self._codec, init)

    def _piece(self, frame: Frame) -> None:
        if self.said is not None and frame.kind is Kind.KEY:
            self.said = None
        if frame.kind is Kind.KEY or self._group_bytes > GROUP_BYTES:
            self._forget_group()
        # Without its key frame the rest of a group shows nothing.
        if frame.kind is Kind.KEY or self._group:
            self._group.append(frame)
            self._group_bytes += len(frame.body)
        for viewer in self.viewers:
            viewer.give(frame)

    def _forget_group(self) -> None:
        self._group.clear()
        self._group_bytes = 0


class Relay:
    """The cameras that are watched now. Lives in one event loop."""

    def __init__(self, socket_path: Path, linger_s: float = LINGER_S) -> None:
        self._path = socket_path
        self._linger_s = linger_s
        self._watches: dict[UUID, Watch] = {}
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    @property
    def watched(self) -> int:
        """Cameras with an upstream, or trying to get one."""
        return len(self._watches)

    @contextlib.contextmanager
    def watching(self, camera: UUID) -> Iterator[Viewer]:
        """A viewer of a camera; the upstream outlives the last one by a moment."""
        watch = self._watches.get(camera)
        if watch is None:
            watch = self._watches[camera] = Watch()
            self._tasks[camera] = asyncio.create_task(self._follow(camera, watch))
        viewer = Viewer()
        watch.welcome(viewer)
        try:
            yield viewer
        finally:
            watch.viewers.discard(viewer)
            if not watch.viewers:
                asyncio.get_running_loop().call_later(self._linger_s, self._leave, camera, watch)

    async def close(self) -> None:
        """End every upstream."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _leave(self, camera: UUID, watch: Watch) -> None:
        if watch.viewers or self._watches.get(camera) is not watch:
            return
        del self._watches[camera]
        self._tasks.pop(camera).cancel()

    async def _follow(self, camera: UUID, watch: Watch) -> None:
        """Keep an upstream to the camera until cancelled."""
        failures = 0
        while True:
            try:
                upstream = await Upstream.open(self._path, camera)
                try:
                    while True:
                        frame = await upstream.next()
                        watch.hear(frame)
                        # A camera that is refused again and again is asked less and less often.
                        failures = failures if frame.kind is Kind.ERROR else 0
                finally:
                    upstream.close()
            except OSError as error:
                if watch.said is None:
                    log.info("live picture interrupted", camera=str(camera), why=repr(error))
                    watch.trouble(MEDIA_AWAY)
            await asyncio.sleep(BACK_OFF_S[min(failures, len(BACK_OFF_S) - 1)])
            failures += 1
