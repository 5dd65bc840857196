# SPDX-License-Identifier: Apache-2.0
"""What is kept of an alarm: its picture first, then the last half minute, later the next one.

One thread per shard writes to disk, so that neither a puller nor the rules ever wait for it. What
is announced is on disk before it is announced.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import cv2

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.clock import Clock
from jiedao.base.ids import new_id
from jiedao.base.room import ROOM_BYTES
from jiedao.cameras.messages import ClipKept, FromShard, Observed
from jiedao.cameras.relay import Head, Piece, Ring, cut_clip
from jiedao.cameras.watching import Look, Picture, colour_of
from jiedao.vision.values import Event

AFTER_S = 30.0
STILL_QUALITY = 82


def jpeg_of(picture: Picture) -> bytes:
    """The picture as JPEG."""
    done, data = cv2.imencode(".jpg", colour_of(picture), [cv2.IMWRITE_JPEG_QUALITY, STILL_QUALITY])
    if not done:
        raise ValueError("the picture could not be coded as JPEG")
    return data.tobytes()


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a rule saw, and where its camera's pieces are."""

    camera: UUID
    epoch: int
    kind: str
    event: Event
    look: Look
    ring: Ring


@dataclass(slots=True)
class Recording:
    """Pieces being gathered after an alarm, by reference; nothing is copied until the cut.

    Attributes:
        until_s: capture time, seconds since the epoch, at which the clip is complete.
    """

    camera: UUID
    head: Head
    pieces: list[Piece]
    until_s: float
    observation: UUID | None = None
    matter: UUID | None = None


@dataclass(slots=True)
class Keeper:
    """Keeps alarms and live stills of one shard.

    Args:
        stills: folder of the live stills, one file a camera.
        tell: how the parent is told; may be called from any thread.
    """

    blobs: BlobStore
    stills: Path
    clock: Clock
    tell: Callable[[FromShard], None]
    _hands: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "keep"))
    _shots: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "still"))
    _recordings: dict[UUID, list[Recording]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def alarm(self, alarm: Alarm) -> None:
        """Keep an alarm and tell the parent."""
        self._hands.submit(self._safely, lambda: self._keep(alarm))

    def snap(self, camera: UUID, matter: UUID, ring: Ring) -> None:
        """Keep the clip for a matter that a person raised; the still came with it."""
        self._hands.submit(self._safely, lambda: self._snap(camera, matter, ring))

    def still(self, camera: UUID, picture: Picture) -> None:
        """Replace the camera's live still."""
        self._shots.submit(self._safely, lambda: self._write_still(camera, picture))

    def follow(self, camera: UUID, piece: Piece) -> None:
        """A piece came: recordings of the camera take it; complete ones are cut."""
        if camera not in self._recordings:
            return
        with self._lock:
            running = self._recordings.get(camera, [])
            for recording in running:
                recording.pieces.append(piece)
            done = [recording for recording in running if piece.at_s >= recording.until_s]
            self._forget(camera, done)
        for recording in done:
            self._finish(recording)

    def broken(self, camera: UUID) -> None:
        """The stream ended: what its recordings have is all they get."""
        with self._lock:
            ended = self._recordings.pop(camera, [])
        for recording in ended:
            self._finish(recording)

    def close(self) -> None:
        """Finish what is being written."""
        for camera in tuple(self._recordings):
            self.broken(camera)
        self._hands.shutdown(wait=True)
        self._shots.shutdown(wait=False, cancel_futures=True)

    def _forget(self, camera: UUID, done: list[Recording]) -> None:
        left = [r for r in self._recordings.get(camera, []) if r not in done]
        if left:
            self._recordings[camera] = left
        else:
            self._recordings.pop(camera, None)

    def _keep(self, alarm: Alarm) -> None:
        observation = new_id()
        # Without room the alarm goes on without its picture.
        still = self.blobs.put_if_room(jpeg_of(alarm.look.picture))
        self.tell(
            Observed(
                id=observation,
                camera=alarm.camera,
                epoch=alarm.epoch,
                kind=alarm.kind,
                zone=alarm.event.place,
                captured_at=datetime.fromtimestamp(alarm.event.t_s, UTC),
                received_at=self.clock.now(),
                still=still,
                facts=_facts(alarm),
            )
        )
        # Cutting half a minute takes longer than the alarm may; the clip follows the picture.
        head, pieces = alarm.ring.all()
        clip = self._cut(head, pieces)
        if clip is not None and head is not None:
            began_at = _began(pieces)
            self.tell(ClipKept(alarm.camera, clip, began_at, observation=observation))
            until_s = alarm.event.t_s + AFTER_S
            self._begin(Recording(alarm.camera, head, list(pieces), until_s, observation))

    def _snap(self, camera: UUID, matter: UUID, ring: Ring) -> None:
        head, pieces = ring.all()
        clip = self._cut(head, pieces)
        if clip is not None and head is not None:
            self.tell(ClipKept(camera, clip, _began(pieces), matter=matter))
            until_s = pieces[-1].at_s + AFTER_S
            self._begin(Recording(camera, head, list(pieces), until_s, matter=matter))

    def _cut(self, head: Head | None, pieces: tuple[Piece, ...]) -> str | None:
        if head is None or not pieces:
            return None
        return self.blobs.put_if_room(cut_clip(head, pieces), ROOM_BYTES)

    def _begin(self, recording: Recording) -> None:
        with self._lock:
            self._recordings.setdefault(recording.camera, []).append(recording)

    def _finish(self, recording: Recording) -> None:
        self._hands.submit(self._safely, lambda: self._tell_clip(recording))

    def _tell_clip(self, recording: Recording) -> None:
        clip = self._cut(recording.head, tuple(recording.pieces))
        if clip is not None:
            self.tell(
                ClipKept(
                    recording.camera,
                    clip,
                    _began(recording.pieces),
                    observation=recording.observation,
                    matter=recording.matter,
                )
            )

    def _write_still(self, camera: UUID, picture: Picture) -> None:
        target = self.stills / f"{camera}.jpg"
        draft = target.with_suffix(".new")
        draft.write_bytes(jpeg_of(picture))
        draft.replace(target)

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            # The top of a worker loop: a full disk must not end the thread that keeps alarms.
            log.get(__name__).exception("keeping failed")


def _began(pieces: Sequence[Piece]) -> datetime:
    """Capture time of the first picture of the pieces."""
    return datetime.fromtimestamp(pieces[0].at_s, UTC)


def _facts(alarm: Alarm) -> dict[str, object]:
    event = alarm.event
    facts: dict[str, object] = {
        "boxes": [list(seen.box) for seen in alarm.look.sighting.boxes][:64],
        "box": list(event.box) if event.box else None,
        "heading": list(event.heading) if event.heading else None,
        "decided_s": round(alarm.look.sighting.t_s - event.t_s, 3),
    }
    if event.threshold_s is not None:
        facts["threshold_s"] = event.threshold_s
        facts["spot"] = facts["box"]  # A stay belongs to its place, not to a track.
    return {name: value for name, value in facts.items() if value is not None}
