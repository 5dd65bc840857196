# SPDX-License-Identifier: Apache-2.0
"""Recordings over HTTP: what there is and is not, looking at it, handing it out, holding it."""

from datetime import datetime
from typing import cast
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from jiedao.base.blobs import BlobStore
from jiedao.base.errors import NotFound
from jiedao.base.settings import load_settings
from jiedao.cameras import footage, footage_actions
from jiedao.cameras.models import Export, Segment
from jiedao.desk import recordings
from jiedao.desk.answers import (
    ExportAsked,
    ExportShown,
    ExportState,
    HoldLifted,
    HoldSet,
    Kept,
    RecordingSet,
    ReplayOpened,
    SpanShown,
)
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.town import door
from jiedao.trace import store as trace

router = Router(tags=["recordings"], auth=door.signed_in)


class Span(Schema):
    """From when to when, with their time zones; at most a day."""

    from_at: AwareDatetime = Field(alias="from")
    to_at: AwareDatetime = Field(alias="to")

    @property
    def pair(self) -> tuple[datetime, datetime]:
        return self.from_at, self.to_at


class Asked(Span):
    purpose: str = Field(max_length=40)
    matter: UUID | None = None


class Held(Span):
    reason: str = Field(max_length=500)
    matter: UUID | None = None


@router.get("/cameras/{camera_id}/recordings", response=SpanShown)
def listed(request: HttpRequest, camera_id: UUID, span: Query[Span]) -> SpanShown:
    """What is kept of a span, what is missing and why, and how long it stays."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "recordings")
        return recordings.span_of(camera_id, span.from_at, span.to_at, tx.now)


@router.post("/cameras/{camera_id}/replays", response=ReplayOpened)
def replay(request: HttpRequest, camera_id: UUID, given: Asked) -> ReplayOpened:
    """Open a span for a purpose; its segments can then be read for a quarter of an hour."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "replay")
        if given.matter is not None:
            matter_store.read(given.matter)
        opening = footage_actions.replay(tx, camera_id, given.pair, given.purpose, given.matter)
        return {"opening": opening.id, "until": opening.until}


@router.get("/cameras/{camera_id}/recordings/{segment_id}")
def segment(request: HttpRequest, camera_id: UUID, segment_id: UUID) -> HttpResponseBase:
    """A segment of a span that the asker has open: fragmented MP4 from a key picture on."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "replay")
        found = footage_actions.opened_segment(tx, camera_id, segment_id)
    return _file_of(found)


def _file_of(found: Segment) -> HttpResponseBase:
    file = load_settings().recording_dir / found.file
    if not file.is_file():
        raise NotFound(what="recording / 录像")
    response = FileResponse(file.open("rb"), content_type="video/mp4")
    response["ETag"] = f'"{found.sha256}"'
    response["Cache-Control"] = "private, no-store"
    return response


@router.post("/cameras/{camera_id}/exports", response=ExportAsked)
def ask_export(request: HttpRequest, camera_id: UUID, given: Asked) -> ExportAsked:
    """Have a span made into one file, with the camera's masks burned in."""
    with door.acting(request) as tx:
        if given.matter is not None:
            matter_store.read(given.matter)
        made = footage_actions.ask_export(tx, camera_id, given.pair, given.purpose, given.matter)
        return {"export": made}


@router.get("/exports/{export_id}", response=ExportShown)
def export(request: HttpRequest, export_id: UUID) -> ExportShown:
    """How an export fares; once done its SHA-256, and its record's position in the trail."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "export_recording")
        found = _export(export_id)
        position = None if found.record_id is None else trace.position_of(found.record_id)
    return {
        "id": found.id,
        "camera": found.camera_id,
        "from": found.from_at,
        "to": found.to_at,
        "state": cast("ExportState", found.state),
        "why": found.code,
        "sha256": found.sha256,
        "size_bytes": found.size_bytes,
        "masked": found.masked,
        "record": found.record_id,
        "position": position,
    }


@router.get("/exports/{export_id}/file")
def export_file(request: HttpRequest, export_id: UUID) -> HttpResponseBase:
    """The file of an export that is done; taking it is on record."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "export_recording")
        found = _export(export_id)
        if not found.sha256:
            raise NotFound(what="export / 导出")
        footage_actions.note_taken(tx, found)
    file = BlobStore(load_settings().blob_dir).open(found.sha256)
    response = FileResponse(file, content_type="video/mp4", as_attachment=True)
    response["Content-Disposition"] = f'attachment; filename="{found.sha256[:16]}.mp4"'
    return response


def _export(export_id: UUID) -> Export:
    found = Export.objects.select_related("camera").filter(id=export_id).first()
    if found is None:
        raise NotFound(what="export / 导出")
    return found


@router.post("/cameras/{camera_id}/holds", response=HoldSet)
def hold(request: HttpRequest, camera_id: UUID, given: Held) -> HoldSet:
    """Keep a span whatever its age."""
    with door.acting(request) as tx:
        if given.matter is not None:
            matter_store.read(given.matter)
        made = footage_actions.hold(tx, camera_id, given.pair, given.reason, given.matter)
        return {"hold": made}


@router.post("/holds/{hold_id}/lift", response=HoldLifted)
def lift(request: HttpRequest, hold_id: UUID) -> HoldLifted:
    """Let a held span go the way of all others again."""
    with door.acting(request) as tx:
        footage_actions.lift_hold(tx, hold_id)
    return {"lifted": True}


class Recording(Schema):
    recorded: bool


@router.post("/cameras/{camera_id}/recording", response=RecordingSet)
def switch(request: HttpRequest, camera_id: UUID, given: Recording) -> RecordingSet:
    """Record a camera round the clock, or stop it."""
    with door.acting(request) as tx:
        footage_actions.set_recording(tx, camera_id, recorded=given.recorded)
    return {"recorded": given.recorded}


@router.get("/recordings/retention", response=dict[str, Kept])
def retention(request: HttpRequest) -> dict[str, Kept]:
    """How long each class is kept, in days: at least the floor, at most the ceiling."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "recordings")
        rows = footage.retention().items()
    return {kind: {"floor_days": low, "ceiling_days": high} for kind, (low, high) in rows}
