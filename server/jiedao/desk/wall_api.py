# SPDX-License-Identifier: Apache-2.0
"""The big screen over HTTP: its figures, and how it is set."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.desk import wall
from jiedao.desk.actions import set_wall
from jiedao.desk.answers import CameraState, Words
from jiedao.desk.models import Wall
from jiedao.matters import actions as matters
from jiedao.town import door
from jiedao.trace.writing import once

router = Router(tags=["wall"], auth=door.signed_in)


class WallMode(Schema):
    """How the wall is set; without a page, pages take turns."""

    page: Literal["", "overview", "cameras"] = ""
    visitors: bool = False


class WallSet(WallMode):
    act_id: UUID


class DayPart(Schema):
    """A part of a day: matters opened, of them closed, of them reached, and the middle wait."""

    opened: int
    closed: int
    arrived: int
    response_s: float | None


class Share(Schema):
    on_duty: int
    total: int


class Devices(Schema):
    online: int
    total: int


class ItemCount(Schema):
    item: str
    title: Words
    n: int


class Trouble(Schema):
    """A camera without a usable picture; `why` is a message code."""

    name: str
    state: CameraState
    why: str
    since: datetime


class Figures(Schema):
    """Today against the same part of the same weekday before it; hours 0..23 of the town."""

    at: datetime
    today: DayPart
    week_ago: DayPart
    workers: Share
    hours: list[int] = Field(description="opened in each hour of today, up to the present one")
    usual_hours: list[float] | None = Field(description="the middle of the last 28 days, 24 hours")
    types: list[ItemCount]
    cameras: Devices
    loudspeakers: Devices
    troubles: list[Trouble]
    mode: WallMode


@router.get("/wall", response=Figures)
def figures(request: HttpRequest) -> dict[str, Any]:
    """What the wall shows beside the open matters."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "wall")
        mode = Wall.objects.filter(id=1).first() or Wall()
        return {**wall.figures(tx.now), "mode": mode}


@router.post("/wall/mode", response=WallMode, auth=door.signed_in_or_wall)
def set_mode(request: HttpRequest, given: WallSet) -> dict[str, Any]:
    """Choose the wall's page from the desk, or hide people while visitors are in the room."""
    with door.acting(request) as tx:
        values: dict[str, Any] = {"page": given.page, "visitors": given.visitors}

        def perform() -> dict[str, object]:
            set_wall(tx, given.page, visitors=given.visitors)
            return {}

        once(tx, given.act_id, {"do": "wall", **values}, perform)
        return values
