# SPDX-License-Identifier: Apache-2.0
"""Cameras over HTTP: the list, stills, and opening one for a stated purpose."""

from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from jiedao.cameras.actions import accept_view, note_watching, open_camera
from jiedao.desk import camera_health, devices
from jiedao.desk.answers import Accepted, Camera, CameraHealthRow
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.town import door, sessions
from jiedao.town.api import TicketGiven, stream_url

router = Router(tags=["cameras"], auth=door.signed_in)


class Opening(Schema):
    purpose: str = Field(max_length=40)
    matter: UUID | None = None


@router.get("/cameras", response=list[Camera])
def cameras(request: HttpRequest) -> list[Camera]:
    """Own cameras with their state."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "cameras")
        return devices.cameras(tx.now)


@router.get("/cameras/health", response=list[CameraHealthRow])
def health(request: HttpRequest) -> list[CameraHealthRow]:
    """How every own camera fares, the troubled first, each reason in words."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "cameras")
        return camera_health.all_cameras(tx.now)


@router.post("/cameras/{camera_id}/view", response=Accepted)
def accept(request: HttpRequest, camera_id: UUID) -> Accepted:
    """Take the camera's present view for the one that it is meant to have."""
    with door.acting(request) as tx:
        accept_view(tx, camera_id)
    return {"accepted": True}


@router.post("/cameras/{camera_id}/open", auth=door.signed_in_or_wall, response=TicketGiven)
def open_one(request: HttpRequest, camera_id: UUID, given: Opening) -> dict[str, str]:
    """Open a camera's live picture for a purpose; leaves a record, gives a one-use pass."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "open_camera")
        devices.camera(camera_id)
        if given.matter is not None:
            matter_store.read(given.matter)
        if tx.actor.screen == door.WALL:
            note_watching(tx, camera_id)
        else:
            open_camera(tx, camera_id, given.purpose, given.matter)
        ticket = sessions.issue_ticket(tx, door.who(request), "video", camera_id)
    return {"ticket": ticket, "url": f"{stream_url(request)}/video?ticket={ticket}"}


@router.get("/cameras/{camera_id}/still")
def still(request: HttpRequest, camera_id: UUID) -> HttpResponseBase:
    """The latest still, at most about a second old; its time is in Last-Modified."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "still")
        devices.camera(camera_id)
        file = devices.still_file(camera_id)
        note_watching(tx, camera_id)
    response = FileResponse(file.open("rb"), content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    response["X-Captured-At"] = str(file.stat().st_mtime)
    return response
