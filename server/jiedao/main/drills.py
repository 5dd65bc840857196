# SPDX-License-Identifier: Apache-2.0
"""Asking for a drill, from the doorway or the command line; the demo's director takes it up."""

from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema

from jiedao.base.errors import NotAllowed, NotSignedIn
from jiedao.plans.actions import ask_drill
from jiedao.town import door
from jiedao.town.models import Town
from jiedao.trace.writing import once

router = Router(tags=["drill"])


class DrillAsked(Schema):
    act_id: UUID
    kind: Literal["fence", "stall"] = "fence"


class DrillGiven(Schema):
    drill: UUID


@router.post("/drills", auth=door.anyone, response=DrillGiven)
def ask(request: HttpRequest, given: DrillAsked) -> dict[str, Any]:
    """Rehearse. Anyone may in the demo; elsewhere the duty lead may."""
    leads = _leads(request)
    with door.acting_for_all("doorway") as tx:
        if not leads and not Town.objects.filter(demo=True).exists():
            raise NotAllowed(action="drill")

        def perform() -> dict[str, object]:
            return {"drill": str(ask_drill(tx, given.kind))}

        return once(tx, given.act_id, {"do": "drill", "kind": given.kind}, perform)


def _leads(request: HttpRequest) -> bool:
    try:
        return "duty_lead" in door.signed_in(request).actor.roles
    except NotSignedIn:
        return False
