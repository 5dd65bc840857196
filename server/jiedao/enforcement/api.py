# SPDX-License-Identifier: Apache-2.0
"""The routes of law enforcement."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.enforcement import actions
from jiedao.town import door
from jiedao.trace.writing import once

router = Router(tags=["enforcement"], auth=door.signed_in)


class LeadRaised(Schema):
    act_id: UUID
    note: str | None = Field(default=None, max_length=2000)


class LeadGiven(Schema):
    matter: UUID
    number: str


@router.post("/tasks/{task_id}/case-lead", response=LeadGiven)
def raise_case_lead(request: HttpRequest, task_id: UUID, given: LeadRaised) -> dict[str, Any]:
    """转为案源: what an officer reported back on becomes a case lead."""
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            lead = actions.raise_case_lead(tx, task_id, given.note)
            return {"matter": str(lead.id), "number": lead.number}

        values = given.dict(exclude={"act_id"})
        return once(tx, given.act_id, {"do": "case-lead", "task": task_id, **values}, perform)
