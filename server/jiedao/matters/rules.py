# SPDX-License-Identifier: Apache-2.0
"""What a matter is at any moment: a fold over its records. No I/O, no guards, every old schema.

``apply`` reads only payloads, never personal text, so folding works after a person's data is
erased. Decisions (may this be done now?) are in ``matters.engine``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from jiedao.matters import deadlines
from jiedao.matters.deadlines import Deadline

#: Tasks that still bind the party.
LIVE_TASK_STATES = ("offered", "accepted", "on_scene")
WORKING_TASK_STATES = ("accepted", "on_scene")
#: States of a task whose party is concerned with what happens to the matter.
CONCERNED_TASK_STATES = (*LIVE_TASK_STATES, "done", "sent_back", "confirmed")


@dataclass(frozen=True, slots=True)
class TaskState:
    """A task as its records leave it."""

    id: UUID
    kind: str
    party: UUID
    state: str
    offered_at: datetime
    expires_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    begun_at: datetime | None = None
    reported_at: datetime | None = None
    ended_at: datetime | None = None
    blobs: tuple[str, ...] = ()
    why: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MatterState:
    """A matter as its records leave it.

    Attributes:
        pack, flow_pack: the pack versions whose item and flow it goes by, whatever is in force
            later. Early records name no flow pack; there was only one then.
        parent: the matter that it comes of.
        solved: whoever raised it had solved it on the spot.
        escalated_at: when it was last brought to the duty lead.
    """

    id: UUID
    version: int
    number: str
    item: str
    pack: UUID
    title: Mapping[str, str]
    community: str
    state: str
    severity: int
    source: str
    source_id: UUID | None
    camera: UUID | None
    zone: str
    place: UUID
    place_path: str
    lon: float | None
    lat: float | None
    opened_at: datetime
    last_seen_at: datetime
    respond_by: datetime | None
    due_at: datetime | None
    demo: bool
    flow_pack: UUID | None = None
    parent: UUID | None = None
    solved: bool = False
    still: str | None = None
    clip: str | None = None
    times: int = 1
    confirmed: bool = False
    closed_at: datetime | None = None
    escalated_at: datetime | None = None
    merged_into: UUID | None = None
    rating: int | None = None
    handlers: frozenset[UUID] = frozenset()
    deadlines: tuple[Deadline, ...] = ()
    tasks: tuple[TaskState, ...] = ()

    def task(self, task_id: UUID) -> TaskState:
        """The task of this id; KeyError if the matter has none such."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        raise KeyError(task_id)

    @property
    def live_tasks(self) -> tuple[TaskState, ...]:
        return tuple(task for task in self.tasks if task.state in LIVE_TASK_STATES)

    @property
    def unmet(self) -> tuple[Deadline, ...]:
        """Deadlines whose thing has not been done yet, passed or not."""
        if self.closed_at is not None:
            return ()
        return tuple(d for d in self.deadlines if d.holds(self.state, confirmed=self.confirmed))

    @property
    def late(self) -> tuple[Deadline, ...]:
        """Those that were told to have passed, and are still unmet."""
        return tuple(deadline for deadline in self.unmet if deadline.told_at is not None)

    @property
    def next_deadline_at(self) -> datetime | None:
        """When the next one passes of which nobody has been told."""
        return min((d.at for d in self.unmet if d.told_at is None), default=None)

    @property
    def told(self) -> tuple[str, ...]:
        """Whom or how it calls for now, such as "duty_lead"."""
        escalated = self.escalated_at is not None and self.closed_at is None
        return deadlines.told_to(self.late, escalated=escalated)

    def overdue(self, now: datetime) -> tuple[Deadline, ...]:
        """Deadlines that have passed unmet, of which nobody has been told."""
        return tuple(d for d in self.unmet if d.told_at is None and d.at <= now)


@dataclass(frozen=True, slots=True)
class Step:
    """A record as the fold reads it."""

    verb: str
    at: datetime
    version: int
    actor: UUID
    payload: Mapping[str, Any]


def apply(matter: MatterState | None, step: Step) -> MatterState:
    """The matter after one more record.

    Raises:
        ValueError: records are missing, doubled or begin in the middle.
    """
    if matter is None:
        if step.verb != "matter.reported" or step.version != 1:
            raise ValueError(f"a matter begins with its report, not {step.verb} v{step.version}")
        return _reported(step)
    if step.version != matter.version + 1:
        raise ValueError(f"version {step.version} does not follow {matter.version}")
    return replace(_FOLDS[step.verb](matter, step), version=step.version)


def fold(steps: Iterable[Step]) -> MatterState:
    """The matter that a whole series of records leaves."""
    matter: MatterState | None = None
    for step in steps:
        matter = apply(matter, step)
    if matter is None:
        raise ValueError("no records")
    return matter


def _reported(step: Step) -> MatterState:
    p = step.payload
    solved = bool(p.get("solved"))
    return MatterState(
        id=UUID(p["id"]),
        version=1,
        number=p["number"],
        item=p["item"],
        pack=UUID(p["pack"]),
        title=p["title"],
        community=p["community"],
        state=p["state"],
        severity=p["severity"],
        source=p["source"],
        source_id=_uuid(p["source_id"]),
        camera=_uuid(p["camera"]),
        zone=p["zone"],
        place=UUID(p["place"]),
        place_path=p["place_path"],
        lon=p["lon"],
        lat=p["lat"],
        opened_at=step.at,
        last_seen_at=_time(p["seen_at"]) or step.at,
        respond_by=_time(p["respond_by"]),
        due_at=_time(p["due_at"]),
        demo=p["demo"],
        flow_pack=_uuid(p.get("flow_pack")),
        parent=_uuid(p.get("parent")),
        solved=solved,
        still=p["still"],
        clip=p["clip"],
        closed_at=step.at if p.get("ends") else None,
        handlers=frozenset({step.actor}) if solved else frozenset(),
        deadlines=tuple(deadlines.from_json(kept) for kept in p.get("deadlines", ())),
    )


def _repeated(matter: MatterState, step: Step) -> MatterState:
    seen_at = _time(step.payload["seen_at"]) or step.at
    latest = max(seen_at, matter.last_seen_at)
    return replace(matter, times=matter.times + 1, last_seen_at=latest)


def _evidenced(matter: MatterState, step: Step) -> MatterState:
    p = step.payload
    return replace(matter, still=p.get("still") or matter.still, clip=p.get("clip") or matter.clip)


def _acted(matter: MatterState, step: Step) -> MatterState:
    p = step.payload
    action, ended = p["action"], bool(p.get("ends"))
    handlers = matter.handlers | {step.actor} if p.get("handles") else matter.handlers
    confirmed = matter.confirmed or action in ("confirm", "confirm_underway")
    return replace(
        matter,
        state=p["to"],
        handlers=handlers,
        confirmed=confirmed,
        closed_at=(matter.closed_at or step.at) if ended else None,
        escalated_at=step.at if action == "escalate" else matter.escalated_at,
        rating=p.get("rating", matter.rating),
        merged_into=_uuid(p.get("into")) or matter.merged_into,
        tasks=tuple(_follow(task, step) for task in matter.tasks),
    )


def _follow(task: TaskState, step: Step) -> TaskState:
    """What an action on the matter does to one of its tasks."""
    action = step.payload["action"]
    called_off = step.payload.get("ends") or step.payload.get("calls_off")
    if called_off and task.state in LIVE_TASK_STATES:
        return replace(task, state="withdrawn", ended_at=step.at)
    if task.state == "done" and action == "verify_pass":
        return replace(task, state="confirmed", ended_at=step.at)
    if task.state == "done" and action == "verify_return":
        return replace(task, state="sent_back", ended_at=step.at)
    return task


def _overdue(matter: MatterState, step: Step) -> MatterState:
    code = step.payload["deadline"]
    told = tuple(
        replace(deadline, told_at=step.at) if deadline.code == code else deadline
        for deadline in matter.deadlines
    )
    return replace(matter, deadlines=told)


def _offered(matter: MatterState, step: Step) -> MatterState:
    p = step.payload
    task = TaskState(
        id=UUID(p["task"]),
        kind=p["kind"],
        party=UUID(p["party"]),
        state="offered",
        offered_at=step.at,
        expires_at=_time(p["expires_at"]),
        why=p["why"],
    )
    return replace(matter, state=p["to"], tasks=(*matter.tasks, task))


def _task_moved(matter: MatterState, step: Step) -> MatterState:
    """A task changed state; the verb's second word says to which."""
    p = step.payload
    moved = matter.task(UUID(p["task"]))
    state, stamp = _TASK_MOVES[step.verb]
    changed = replace(moved, state=state, blobs=(*moved.blobs, *p.get("blobs", ())))
    changed = _stamp(changed, stamp, step.at)
    tasks = tuple(changed if task.id == moved.id else task for task in matter.tasks)
    works = state in WORKING_TASK_STATES or state == "done"
    handlers = matter.handlers | {moved.party} if works else matter.handlers
    return replace(matter, state=p["to"], tasks=tasks, handlers=handlers)


def _stamp(task: TaskState, stamp: str, at: datetime) -> TaskState:
    match stamp:
        case "accepted":
            return replace(task, accepted_at=at)
        case "arrived":
            return replace(task, arrived_at=at)
        case "begun":
            return replace(task, begun_at=at)
        case "reported":
            return replace(task, reported_at=at)
        case _:
            return replace(task, ended_at=at)


_TASK_MOVES = {
    "task.accepted": ("accepted", "accepted"),
    "task.arrived": ("on_scene", "arrived"),
    "task.begun": ("on_scene", "begun"),
    "task.reported": ("done", "reported"),
    "task.refused": ("refused", "ended"),
    "task.expired": ("expired", "ended"),
    "task.withdrawn": ("withdrawn", "ended"),
}

_FOLDS = {
    "matter.repeated": _repeated,
    "matter.evidenced": _evidenced,
    "matter.acted": _acted,
    "matter.overdue": _overdue,
    "task.offered": _offered,
    **dict.fromkeys(_TASK_MOVES, _task_moved),
}


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
