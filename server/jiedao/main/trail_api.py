# SPDX-License-Identifier: Apache-2.0
"""Reading the trail over HTTP."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from jiedao.matters import store as matters
from jiedao.town import door
from jiedao.trace import store

router = Router(tags=["trace"], auth=door.signed_in)


@router.get("/trace/head")
def head(request: HttpRequest) -> dict[str, Any]:
    """The newest position and its hash."""
    with door.acting(request):
        position, hashed = store.head()
        return {"position": position, "head": hashed}


@router.get("/trace/matters/{matter_id}")
def records(request: HttpRequest, matter_id: UUID) -> list[dict[str, Any]]:
    """A matter's records with their places in the chain."""
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
            for r in store.records_of(matter_id)
        ]
