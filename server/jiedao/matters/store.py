# SPDX-License-Identifier: Apache-2.0
"""Every query of the domain, and the projection rows that mirror a folded state."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from jiedao.base.errors import NotFound
from jiedao.matters import models
from jiedao.matters.deadlines import from_json, to_json
from jiedao.matters.rules import LIVE_TASK_STATES, MatterState, Step, TaskState
from jiedao.trace.models import Record


def for_update(matter_id: UUID) -> MatterState:
    """A matter under its row lock; row security decides whether the actor may see it.

    Raises:
        NotFound: no such matter, or none that the actor may see.
    """
    found = find_for_update(matter_id)
    if found is None:
        raise NotFound(what="matter / 事件")
    return found


def find_for_update(matter_id: UUID) -> MatterState | None:
    """The same, or None where there are no rows."""
    row = models.Matter.objects.select_for_update().filter(id=matter_id).first()
    return None if row is None else _state(row, _tasks_of(matter_id))


def read(matter_id: UUID) -> MatterState:
    """A matter as it stands, without a lock.

    Raises:
        NotFound: no such matter, or none that the actor may see.
    """
    row = models.Matter.objects.filter(id=matter_id).first()
    if row is None:
        raise NotFound(what="matter / 事件")
    return _state(row, _tasks_of(matter_id))


def task_row(task_id: UUID) -> models.Task:
    """A task as it stands.

    Raises:
        NotFound: no such task, or none that the actor may see.
    """
    found = models.Task.objects.filter(id=task_id).first()
    if found is None:
        raise NotFound(what="task / 任务")
    return found


def is_called_off(task_id: UUID) -> bool:
    """Whether a task was withdrawn from somebody who had accepted it.

    Raises:
        NotFound: no such task, or none that the actor may see.
    """
    row = task_row(task_id)
    return row.state == "withdrawn" and row.accepted_at is not None


def matter_of_task(task_id: UUID) -> UUID:
    """The matter that a task belongs to.

    Raises:
        NotFound: no such task, or none that the actor may see.
    """
    return task_row(task_id).matter_id


def save(matter: MatterState, before: MatterState | None = None) -> None:
    """Write the projection rows of a state; of its tasks only those that were not so before.

    Whoever turns back from a task does not see the others any more once that is written.
    """
    models.Matter.objects.update_or_create(id=matter.id, defaults=_matter_values(matter))
    stood = before.tasks if before else ()
    for task in matter.tasks:
        if task not in stood:
            values = _task_values(matter, task)
            models.Task.objects.update_or_create(id=task.id, defaults=values)


def stands(matter: MatterState) -> bool:
    """Whether the projection rows are those that ``save`` would write."""
    rows = list(models.Matter.objects.filter(id=matter.id).values())
    tasks = {task.id: _task_values(matter, task) | {"id": task.id} for task in matter.tasks}
    return rows == [_matter_values(matter) | {"id": matter.id}] and tasks == {
        row["id"]: row for row in models.Task.objects.filter(matter_id=matter.id).values()
    }


_RENAMED = {
    "parent": "parent_id",
    "pack": "pack_id",
    "flow_pack": "flow_pack_id",
    "camera": "camera_id",
    "place": "place_id",
    "party": "party_id",
}


def _matter_values(matter: MatterState) -> dict[str, Any]:
    values = _columns(matter) | {
        "handlers": sorted(matter.handlers),
        "deadlines": [to_json(deadline) for deadline in matter.deadlines],
        "next_deadline_at": matter.next_deadline_at,
        "late": [deadline.code for deadline in matter.late],
        "told": list(matter.told),
    }
    del values["tasks"]
    return values


def _task_values(matter: MatterState, task: TaskState) -> dict[str, Any]:
    return _columns(task) | {
        "blobs": list(task.blobs),
        "why": dict(task.why),
        "matter_id": matter.id,
        "place_path": matter.place_path,
    }


def _columns(state: MatterState | TaskState) -> dict[str, Any]:
    """Its fields but the id, under the names of their columns."""
    named = {field.name: getattr(state, field.name) for field in fields(state)}
    del named["id"]
    return {_RENAMED.get(name, name): value for name, value in named.items()}


def history(matter_id: UUID) -> list[Step]:
    """The records that a matter is folded from, in the order of their versions."""
    rows = Record.objects.filter(matter_id=matter_id, version__isnull=False).order_by("version")
    return [Step(r.verb, r.at, r.version or 0, r.actor_id, r.payload) for r in rows]


def all_ids() -> Sequence[UUID]:
    """Every matter that records speak of."""
    rows = Record.objects.filter(verb="matter.reported").order_by("at")
    return list(rows.values_list("matter_id", flat=True))  # type: ignore[arg-type]  # never null


def same_lately(source_id: UUID | None, item: str, zone: str, since: datetime) -> list[MatterState]:
    """Open matters that the same source raised for the same item and zone, newest first, locked.

    Locked, because one may be closing at this moment: what is seen now must not be counted on it.
    They carry no tasks.
    """
    rows = models.Matter.objects.select_for_update().filter(
        source_id=source_id, item=item, zone=zone, last_seen_at__gte=since, closed_at=None
    )
    return [_state(row, ()) for row in rows.order_by("-last_seen_at")]


def lock_source(source_id: UUID, item: str, zone: str) -> None:
    """Let one transaction at a time decide whether a source's signal is a repeat."""
    with connection.cursor() as cursor:
        key = f"{source_id}/{item}/{zone}"
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def next_number(day: date) -> str:
    """The next number of a day, such as A-1123-0046."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into matters_numbering (day, last) values (%s, 1)"
            " on conflict (day) do update set last = matters_numbering.last + 1 returning last",
            [day],
        )
        (last,) = cursor.fetchone()
    return f"A-{day:%y%m%d}-{last:04d}"


def card(matter_id: UUID) -> dict[str, Any]:
    """What queues and maps show of a matter."""
    return cards([matter_id])[0]


def cards(matter_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Cards of the matters, in the order given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select feed_card(id) from unnest(%s::uuid[]) with ordinality as wanted(id, n)"
            " order by n",
            [list(matter_ids)],
        )
        return [_json(row[0]) for row in cursor.fetchall() if row[0] is not None]


def queue_ids(ended_since: datetime, limit: int = 500) -> list[UUID]:
    """Open matters, most severe and oldest first, and those that ended lately."""
    opened = models.Matter.objects.filter(closed_at=None)
    ended = models.Matter.objects.exclude(closed_at=None).filter(opened_at__gte=ended_since)
    ids = list(opened.order_by("severity", "opened_at").values_list("id", flat=True)[:limit])
    return ids + list(ended.order_by("-opened_at").values_list("id", flat=True)[: limit // 2])


def told_ids(whom: str) -> list[UUID]:
    """Open matters that call for somebody, such as "duty_lead", most severe and oldest first."""
    rows = models.Matter.objects.filter(closed_at=None, told__contains=[whom])
    return list(rows.order_by("severity", "opened_at").values_list("id", flat=True))


def merged_into(matter_id: UUID) -> list[MatterState]:
    """Matters that were merged into one, also by way of others; the oldest first."""
    found: dict[UUID, MatterState] = {}
    wanted = [matter_id]
    while wanted:
        rows = models.Matter.objects.filter(merged_into__in=wanted).exclude(id__in=found)
        wanted = [row.id for row in rows]
        found |= {row.id: _state(row, _tasks_of(row.id)) for row in rows}
    return sorted(found.values(), key=lambda matter: matter.opened_at)


def child_of(matter_id: UUID, item: str) -> UUID | None:
    """The first matter of an item that came of another one."""
    rows = models.Matter.objects.filter(parent_id=matter_id, item=item)
    return rows.order_by("opened_at").values_list("id", flat=True).first()


def busy_parties() -> dict[UUID, tuple[UUID, str]]:
    """Parties with a live task: the task and its state."""
    rows = models.Task.objects.filter(state__in=["offered", "accepted", "on_scene"])
    return {r[0]: (r[1], r[2]) for r in rows.values_list("party_id", "id", "state")}


def tasks_of(party_id: UUID, since: datetime) -> list[tuple[MatterState, TaskState]]:
    """A party's live tasks, and those that were offered since, newest first, with their matters.

    The matters carry no other tasks.
    """
    rows = models.Task.objects.filter(party_id=party_id).select_related("matter")
    rows = rows.filter(Q(state__in=LIVE_TASK_STATES) | Q(offered_at__gte=since))
    return [
        (_state(row.matter, ()), _task_state(row)) for row in rows.order_by("-offered_at")[:200]
    ]


def _json(value: Any) -> dict[str, Any]:  # Any: psycopg gives text or parsed JSON
    parsed: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return parsed


def _state(row: models.Matter, tasks: Iterable[models.Task]) -> MatterState:
    return MatterState(
        id=row.id,
        version=row.version,
        number=row.number,
        item=row.item,
        pack=row.pack_id,
        title=row.title,
        community=row.community,
        state=row.state,
        severity=row.severity,
        source=row.source,
        source_id=row.source_id,
        camera=row.camera_id,
        zone=row.zone,
        place=row.place_id,
        place_path=row.place_path,
        lon=row.lon,
        lat=row.lat,
        opened_at=row.opened_at,
        last_seen_at=row.last_seen_at,
        respond_by=row.respond_by,
        due_at=row.due_at,
        demo=row.demo,
        flow_pack=row.flow_pack_id,
        parent=row.parent_id,
        solved=row.solved,
        still=row.still,
        clip=row.clip,
        times=row.times,
        confirmed=row.confirmed,
        closed_at=row.closed_at,
        escalated_at=row.escalated_at,
        merged_into=row.merged_into,
        rating=row.rating,
        handlers=frozenset(row.handlers),
        deadlines=tuple(from_json(kept) for kept in row.deadlines),
        tasks=tuple(_task_state(task) for task in tasks),
    )


def _tasks_of(matter_id: UUID) -> QuerySet[models.Task]:
    return models.Task.objects.filter(matter_id=matter_id).order_by("offered_at", "id")


def _task_state(task: models.Task) -> TaskState:
    return TaskState(
        id=task.id,
        kind=task.kind,
        party=task.party_id,
        state=task.state,
        offered_at=task.offered_at,
        expires_at=task.expires_at,
        accepted_at=task.accepted_at,
        arrived_at=task.arrived_at,
        begun_at=task.begun_at,
        reported_at=task.reported_at,
        ended_at=task.ended_at,
        blobs=tuple(task.blobs),
        why=task.why,
    )
