# SPDX-License-Identifier: Apache-2.0
"""Recording without transcoding: a camera's pieces in files of about ten seconds, and its gaps.

A segment holds pieces that the ring keeps anyway, so recording costs no memory of its own. It is on
disk, synced and hashed, before it is told. ``Segmenter`` and ``Gaps`` are pure.
"""

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from jiedao.base import log
from jiedao.base.blobs import sync_folder
from jiedao.base.ids import new_id
from jiedao.cameras.messages import FromShard, GapSeen, Recorded
from jiedao.cameras.relay import FRAGMENT_S, Head, Piece

SEGMENT_S: Final = 10.0
LEAST_GAP_S: Final = 1.0
"""A hole shorter than this is not told."""


@dataclass(slots=True)
class Segment:
    """Consecutive pieces of one stream, beginning with a key frame.

    Attributes:
        to_s: capture time at which it ends, seconds since the epoch; set when it is complete.
    """

    head: Head
    pieces: list[Piece]
    to_s: float = 0.0

    @property
    def from_s(self) -> float:
        return self.pieces[0].at_s


@dataclass(slots=True)
class Segmenter:
    """Cuts a camera's pieces into segments."""

    _open: Segment | None = None

    def add(self, head: Head, piece: Piece) -> Segment | None:
        """Take the next piece; return the segment that it completed, if any."""
        done = None
        if self._open is not None:
            full = piece.key and piece.at_s - self._open.from_s >= SEGMENT_S
            if full or head is not self._open.head:
                done = self.end() if head is not self._open.head else self._close(piece.at_s)
        if self._open is not None:
            self._open.pieces.append(piece)
        elif piece.key:
            self._open = Segment(head, [piece])
        return done

    def end(self) -> Segment | None:
        """The stream ended; return what it gave last."""
        if self._open is None:
            return None
        return self._close(self._open.pieces[-1].at_s + FRAGMENT_S)

    def _close(self, to_s: float) -> Segment | None:
        done, self._open = self._open, None
        if done is not None:
            done.to_s = to_s
        return done


@dataclass(slots=True)
class Gaps:
    """Finds the spans without a usable picture. Times are capture times, in seconds."""

    code: str = ""
    _good_until_s: float | None = None

    def bad(self, code: str, since_s: float | None = None) -> None:
        """There is no usable picture.

        Args:
            since_s: when that began, where it is found only later; else the last good picture.
        """
        self.code = code
        if since_s is not None and self._good_until_s is not None:
            self._good_until_s = min(self._good_until_s, since_s)

    def good(self, at_s: float, until_s: float) -> tuple[float, float, str] | None:
        """A usable piece; return the gap before it (from, to, code), if there was one."""
        before_s, self._good_until_s = self._good_until_s, until_s
        code, self.code = self.code, ""
        if before_s is None or at_s - before_s < LEAST_GAP_S:
            return None
        return before_s, at_s, code or "camera.silent"


@dataclass(slots=True)
class Recorder:
    """Writes the segments of a shard's cameras in a thread of its own.

    Args:
        folder: of all recordings; a folder for each camera and day is made in it.
        tell: how the parent is told; called from that thread, and from the pullers'.
    """

    folder: Path
    tell: Callable[[FromShard], None]
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "record"))

    def write(self, camera: UUID, epoch: int, segment: Segment, *, first: bool) -> None:
        """Keep a complete segment and tell it; one that cannot be kept is told as a gap."""
        self._hands.submit(self._write, camera, epoch, segment, first)

    def close(self) -> None:
        """Finish what is being written."""
        self._hands.shutdown(wait=True)

    def _write(self, camera: UUID, epoch: int, segment: Segment, first: bool) -> None:
        began, ended = (datetime.fromtimestamp(s, UTC) for s in (segment.from_s, segment.to_s))
        try:
            name, digest, size = self._keep(camera, segment, began)
        except OSError:
            log.get(__name__).exception("segment not kept", camera=str(camera))
            self.tell(GapSeen(camera, epoch, began, ended, "recording.disk"))
            return
        except Exception:
            # The top of a worker loop.
            log.get(__name__).exception("recording failed", camera=str(camera))
            return
        self.tell(Recorded(new_id(), camera, epoch, began, ended, name, digest, size, first=first))

    def _keep(self, camera: UUID, segment: Segment, began: datetime) -> tuple[str, str, int]:
        """Write, sync, rename; return the name within the folder, SHA-256 and bytes."""
        name = f"{camera}/{began:%Y-%m-%d}/{began:%H%M%S}.{began.microsecond // 1000:03d}.mp4"
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        parts = [segment.head.init, *(piece.data for piece in segment.pieces)]
        digest, draft = hashlib.sha256(), target.with_suffix(".part")
        with draft.open("wb") as file:
            for part in parts:
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        sync_folder(target.parent)
        return name, digest.hexdigest(), sum(len(part) for part in parts)


class CameraRecording:
    """The recording of one camera, over reconnections. Called from its puller's thread."""

    def __init__(self, camera: UUID, epoch: int, recorder: Recorder) -> None:
        self.epoch = epoch
        self._camera, self._recorder = camera, recorder
        self._segmenter, self._gaps = Segmenter(), Gaps()
        self._first = True

    def take(self, head: Head, piece: Piece, fault: tuple[str, float] | None) -> None:
        """The next piece.

        Args:
            fault: why its picture is of no use, and since which capture time; None if it is good.
        """
        if fault is not None:
            self._gaps.bad(*fault)
        else:
            self._tell(self._gaps.good(piece.at_s, piece.at_s + FRAGMENT_S))
        self._write(self._segmenter.add(head, piece))

    def broken(self, code: str) -> None:
        """The stream is lost, by this fault; a later one that only follows from it changes none."""
        if not self._gaps.code:
            self._gaps.bad(code)
        self._write(self._segmenter.end())

    def _tell(self, gap: tuple[float, float, str] | None) -> None:
        if gap is not None:
            began, ended = (datetime.fromtimestamp(s, UTC) for s in gap[:2])
            self._recorder.tell(GapSeen(self._camera, self.epoch, began, ended, gap[2]))

    def _write(self, segment: Segment | None) -> None:
        if segment is not None:
            self._recorder.write(self._camera, self.epoch, segment, first=self._first)
            self._first = False
