# SPDX-License-Identifier: Apache-2.0
"""Reading the trail over HTTP."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.matters import store as matters
from jiedao.town import door
from jiedao.trace import store

#: Of the trail's gapless positions; as large as the database counts.
Position = Annotated[int, Field(ge=0, lt=2**63)]

router = Router(tags=["trace"], auth=door.signed_in)


class HeadOut(Schema):
    """The newest position of the trail and its hash; 0 and "" before the first."""

    position: int
    head: str


class RecordOut(Schema):
    """A record with its place in the chain; position and hash are null until it is sealed."""

    position: int | None
    id: UUID
    verb: str
    version: int | None
    at: datetime
    actor: UUID
    screen: str
    payload: dict[str, Any]
    hash: str | None


@router.get("/trace/head", response=HeadOut)
def head(request: HttpRequest) -> dict[str, Any]:
    """The newest position and its hash."""
    with door.acting(request):
        position, hashed = store.head()
        return {"position": position, "head": hashed}


@router.get("/trace/matters/{matter_id}", response=list[RecordOut])
def records(
    request: HttpRequest, matter_id: UUID, before: Position | None = None
) -> list[dict[str, Any]]:
    """A matter's newest records with their places in the chain; `before` gives the earlier ones."""
    with door.acting(request):
        matters.read(matter_id)
        return [
            {
                "position": r.position,
                "id": r.id,
                "verb": r.verb,
                "version": r.version,
                "at": r.at,
                "actor": r.actor_id,
                "screen": r.screen,
                "payload": r.payload,
                "hash": r.hash,
            }
            for r in store.records_of(matter_id, before)
        ]
