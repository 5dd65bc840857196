# SPDX-License-Identifier: Apache-2.0
"""The phone's routes: duty, tasks, reports."""

from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import AwareDatetime, Field, field_validator

from jiedao.base.database import Tx
from jiedao.desk.answers import Today
from jiedao.desk.view import tasks_out, told_to_lead
from jiedao.dispatch import actions as dispatch
from jiedao.dispatch.models import Shift
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.town import door
from jiedao.town.models import Appointment, Party
from jiedao.trace import store as trace
from jiedao.trace.writing import once

router = Router(tags=["phone"], auth=door.signed_in)

#: A phone without a battery for its clock begins in 1970.
FIRST_YEAR, LAST_YEAR = 1969, 2100
SHOWN_SINCE = timedelta(hours=16)
VERBS = {
    "accept": "task.accepted",
    "refuse": "task.refused",
    "arrive": "task.arrived",
    "begin": "task.begun",
    "report": "task.reported",
}


class Where(Schema):
    act_id: UUID
    lon: float | None = Field(default=None, ge=-180, le=180)
    lat: float | None = Field(default=None, ge=-90, le=90)
    at: AwareDatetime | None = None

    @field_validator("at")
    @classmethod
    def _is_of_this_age(cls, at: datetime | None) -> datetime | None:
        """The database could not give back what lies outside the years it knows."""
        if at is not None and not FIRST_YEAR <= at.year < LAST_YEAR:
            raise ValueError(f"{FIRST_YEAR}..{LAST_YEAR}")
        return at

    @property
    def fix(self) -> tuple[float, float] | None:
        return None if self.lon is None or self.lat is None else (self.lon, self.lat)


class TaskAct(Where):
    note: str | None = Field(default=None, max_length=2000)
    blobs: list[str] = Field(default=[], max_length=12)


@router.get("/phone/today", response=Today)
def today(request: HttpRequest) -> Today:
    """Everything the phone's first screen shows.

    "told" is for the duty lead: cards of open matters that were brought to them, by hand, by a
    plan, or because a deadline passed. A card's "late" names the deadlines, "told" who is called
    for: second_operator, duty_lead, call, red_flag.
    """
    with door.acting(request) as tx:
        return _today(tx)


@router.post("/shifts/check-in", response=Today)
def check_in(request: HttpRequest, given: Where) -> Today:
    """Begin duty."""
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            dispatch.check_in(tx, given.fix)
            return {}

        once(tx, given.act_id, {"do": "check-in"}, perform)
        return _today(tx)


@router.post("/shifts/check-out", response=Today)
def check_out(request: HttpRequest, given: Where) -> Today:
    """End duty."""
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            dispatch.check_out(tx)
            return {}

        once(tx, given.act_id, {"do": "check-out"}, perform)
        return _today(tx)


@router.post("/tasks/{task_id}/acts/{action}", response=Today)
def act(
    request: HttpRequest,
    task_id: UUID,
    action: Literal["accept", "refuse", "arrive", "begin", "report"],
    given: TaskAct,
) -> Today:
    """Answer for one's own task: accept or refuse it, arrive, begin to handle it, report back.

    "begin" is done on the scene, once, and may be left out; "report" ends the task. What is
    reported by who was called off meanwhile is kept, and moves nothing.
    """
    with door.acting(request) as tx:

        def perform() -> dict[str, object]:
            if action == "report" and matter_store.is_called_off(task_id):
                return revise()
            matters.move_task(
                tx,
                task_id,
                VERBS[action],
                note=given.note or None,
                blobs=given.blobs,
                device_at=given.at,
                fix=given.fix,
            )
            return {}

        def revise() -> dict[str, object]:
            matters.add_version(
                tx,
                task_id,
                act=given.act_id,
                verb=VERBS[action],
                note=given.note or None,
                blobs=given.blobs,
                device_at=given.at,
                fix=given.fix,
            )
            return {}

        values = given.dict(exclude={"act_id"})
        once(tx, given.act_id, {"do": action, "task": task_id, **values}, perform, revise)
        return _today(tx)


def _today(tx: Tx) -> Today:
    party_id, now = tx.actor.id, tx.now
    position = trace.head()[0]
    party = Party.objects.select_related("unit").get(id=party_id)
    post = Appointment.objects.filter(party=party).order_by("-valid_from").first()
    shift = Shift.objects.filter(party_id=party_id, checked_out_at=None).first()
    tasks = tasks_out(matter_store.tasks_of(party_id, now - SHOWN_SINCE))
    live = ("offered", "accepted", "on_scene")
    return {
        "position": position,
        "at": now,
        "me": {
            "id": party.id,
            "name": party.name,
            "post": post.post if post else "",
            "unit": party.unit.name if party.unit else "",
        },
        "shift": {"checked_in_at": shift.checked_in_at if shift else None},
        "told": told_to_lead() if "duty_lead" in tx.actor.roles else [],
        "tasks": [task for task in tasks if task["state"] in live],
        "done": [task for task in tasks if task["state"] not in live],
    }
