# SPDX-License-Identifier: Apache-2.0
"""Queries of plan runs and steps."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from jiedao.base.errors import NotFound
from jiedao.catalog.rules import PlanStep
from jiedao.catalog.store import pack_of
from jiedao.matters import store as matters
from jiedao.matters.rules import MatterState
from jiedao.plans.models import Drill, Run, Step
from jiedao.plans.rules import DRILLED

#: A drill that nobody has called over by then is.
DRILL_LASTS = timedelta(minutes=5)


def claim(step_id: UUID, state: str) -> Step | None:
    """A step in this state, locked; None if it has moved on.

    Its matter is locked first, as whatever ends a matter and its plan does: in the other order
    the two would wait for each other.
    """
    step = Step.objects.select_related("run").filter(id=step_id, state=state).first()
    if step is None:
        return None
    matters.for_update(step.run.matter_id)
    rows = Step.objects.select_for_update(of=("self",)).select_related("run")
    return rows.filter(id=step_id, state=state).first()


def step_for_update(step_id: UUID) -> Step:
    """A step under its row lock, after its matter's.

    Raises:
        NotFound: no such step, or its matter may not be seen.
    """
    step = Step.objects.select_related("run").filter(id=step_id).first()
    if step is None:
        raise NotFound(what="step / 步骤")
    matters.for_update(step.run.matter_id)
    return Step.objects.select_for_update(of=("self",)).select_related("run").get(id=step_id)


def rule_of(step: Step) -> PlanStep:
    """What the pack says of a step."""
    plan = pack_of(step.run.pack_id).plans[step.run.plan]
    return next(rule for rule in plan.steps if rule.step == step.step)


def last_look(run_id: UUID) -> str | None:
    """What the latest look of a run found."""
    looks = Step.objects.filter(run_id=run_id, state="done", result__has_key="found")
    result = looks.order_by("-done_at").values_list("result", flat=True).first()
    return None if result is None else str(result["found"])


def matter_of(run: Run) -> MatterState:
    return matters.read(run.matter_id)


def run_of(matter_id: UUID) -> Run | None:
    return Run.objects.filter(matter_id=matter_id).prefetch_related("steps").first()


def drills_under_way(now: datetime) -> QuerySet[Drill]:
    """Drills that were asked for and are not over."""
    return Drill.objects.filter(over_at=None, asked_at__gt=now - DRILL_LASTS)


def is_drilled(item: str, now: datetime) -> bool:
    """Whether a drill that becomes matters of this item has been taken up and is not over."""
    kinds = [kind for kind, drilled in DRILLED.items() if drilled == item]
    return drills_under_way(now).filter(kind__in=kinds).exclude(taken_at=None).exists()


def drills_asked_since(since: datetime) -> list[datetime]:
    """When drills were asked for."""
    asked = Drill.objects.filter(asked_at__gt=since)
    return list(asked.values_list("asked_at", flat=True))


def lock_drills() -> None:
    """Let one transaction at a time decide whether there may be another drill."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('drills', 0))")
