# SPDX-License-Identifier: Apache-2.0
"""Asking for a drill from the doorway; the demo's director takes it up."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from jiedao.base.errors import NotAllowed
from jiedao.base.ids import new_id
from jiedao.plans.models import Drill
from jiedao.town import door
from jiedao.town.models import Town
from jiedao.trace.writing import Fact, once, record

router = Router(tags=["drill"])


class DrillAsked(Schema):
    act_id: UUID
    kind: Literal["fence"] = "fence"


@router.post("/drills", auth=door.anyone)
def ask(request: HttpRequest, given: DrillAsked) -> dict[str, Any]:
    """Rehearse. Anyone may in the demo; elsewhere drills start from the command line."""
    with door.acting_for_all("doorway") as tx:
        if not Town.objects.filter(demo=True).exists():
            raise NotAllowed(action="drill")

        def perform() -> dict[str, object]:
            drill = Drill.objects.create(
                id=new_id(), kind=given.kind, asked_by=tx.actor.id, asked_at=tx.now
            )
            record(tx, Fact("drill.asked", "drill", drill.id, payload={"kind": given.kind}))
            return {"drill": str(drill.id)}

        return once(tx, given.act_id, {"do": "drill", "kind": given.kind}, perform)
