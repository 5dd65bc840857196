# SPDX-License-Identifier: Apache-2.0
"""Makes the exports that were asked for, one at a time, in a thread of the media process."""

import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from django.db.models import Q

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.blobs import BlobRef, BlobStore
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.base.ids import MatterId
from jiedao.cameras import exporting, footage
from jiedao.cameras.intake import away_if_lost
from jiedao.cameras.models import Export
from jiedao.cameras.taking import DatabaseAway
from jiedao.trace.writing import Fact, record

LOOK_EVERY_S: Final = 1.0
MOST_S: Final = 1800.0
"""An export that takes longer has failed."""
PIECE: Final = 1 << 20
EXPORTER = system("recorder")
DUTY_ROOM = ("role:operator", "role:duty_lead")


class Exports:
    """Runs until closed.

    Args:
        recordings: folder of all recordings.
    """

    def __init__(self, recordings: Path, blobs: BlobStore, clock: Clock) -> None:
        self._recordings, self._blobs, self._clock = recordings, blobs, clock
        self._closing = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="exports", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._child is not None:
            self._child.kill()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def make_next(self) -> bool:
        """Make the export that waits longest; False if none waits."""
        with away_if_lost(), transact(EXPORTER, self._clock) as tx:
            asked = _claim(tx)
            if asked is None:
                return False
            parts, masks = self._parts_of(asked), asked.camera.masks
        code, made = self._make(asked, parts, masks)
        with away_if_lost(), transact(EXPORTER, self._clock) as tx:
            _finish(tx, asked.id, made, code, masked=bool(masks))
        return True

    def _parts_of(self, asked: Export) -> list[exporting.Part]:
        segments = footage.segments_of(asked.camera_id, asked.from_at, asked.to_at)
        if not segments:
            return []
        zero = segments[0].from_at
        return [
            exporting.Part(str(self._recordings / s.file), (s.from_at - zero).total_seconds())
            for s in segments
        ]

    def _make(
        self, asked: Export, parts: list[exporting.Part], masks: list[list[list[float]]]
    ) -> tuple[str, BlobRef | None]:
        """Make the file and keep it; returns the code of what went wrong, or its reference."""
        if not parts:
            return "recording.none", None
        began = footage.segments_of(asked.camera_id, asked.from_at, asked.to_at)[0].from_at
        with tempfile.TemporaryDirectory(prefix="export-") as folder:
            target = Path(folder) / "span.mp4"
            order = exporting.Order(
                str(target),
                parts,
                (asked.from_at - began).total_seconds(),
                (asked.to_at - began).total_seconds(),
                masks,
            )
            code = self._run_child(order)
            return code, None if code else self._blobs.put(_pieces(target))

    def _run_child(self, order: exporting.Order) -> str:
        self._child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            exporting.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            said, _ = self._child.communicate(exporting.encoded(order), MOST_S)
            told = json.loads(said.splitlines()[-1]) if said else {}
        except (subprocess.TimeoutExpired, ValueError):
            told = {}
        finally:
            self._child.kill()
            self._child.wait()
        return "" if told.get("made") else str(told.get("refused", "recording.unreadable"))

    def _run(self) -> None:
        while not self._closing.wait(LOOK_EVERY_S):
            try:
                while not self._closing.is_set() and self.make_next():
                    pass
            except DatabaseAway:
                continue
            except Exception:
                # The top of a worker loop.
                log.get(__name__).exception("export failed")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as source:
        while piece := source.read(PIECE):
            yield piece


def _claim(tx: Tx) -> Export | None:
    """The export that waits longest, now ours; one whose maker died is taken up again."""
    dead = Q(state=Export.WORKING, claimed_at__lt=tx.now - timedelta(seconds=MOST_S))
    waiting = Export.objects.select_for_update(skip_locked=True, of=("self",))
    asked = waiting.filter(Q(state=Export.ASKED) | dead).order_by("asked_at").first()
    if asked is not None:
        asked.state, asked.claimed_at = Export.WORKING, tx.now
        asked.save(update_fields=["state", "claimed_at"])
    return asked


def _finish(tx: Tx, export_id: UUID, made: BlobRef | None, code: str, *, masked: bool) -> None:
    export = Export.objects.select_related("camera").get(id=export_id)
    gaps = footage.gaps_of(export.camera_id, export.from_at, export.to_at)
    payload: dict[str, object] = {
        "name": export.camera.name,
        "from": export.from_at.isoformat(),
        "to": export.to_at.isoformat(),
        "purpose": export.purpose,
        "masked": masked,
        "gaps": len(gaps),
    }
    if made is None:
        verb, payload["code"] = "recording.export_failed", code
        export.state, export.code = Export.FAILED, code
    else:
        verb, payload["sha256"] = "recording.exported", made.sha256
        export.state, export.sha256, export.size_bytes = Export.DONE, made.sha256, made.size_bytes
    fact = Fact(
        verb,
        "camera",
        export.camera_id,
        matter=None if export.matter_id is None else MatterId(export.matter_id),
        payload=payload,
        audience=(*DUTY_ROOM, f"party:{export.asked_by}"),
        place_path=export.camera.place_path,
    )
    export.record_id, export.masked, export.finished_at = record(tx, fact), masked, tx.now
    export.save()
