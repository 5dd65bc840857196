# SPDX-License-Identifier: Apache-2.0
"""One function per thing that can be done to a matter: read, decide, write, record, tell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import NotAllowed, NotFound
from jiedao.base.ids import MatterId, TaskId, new_id
from jiedao.catalog.rules import Item
from jiedao.catalog.store import Catalogue
from jiedao.matters import engine, events, store
from jiedao.matters.deadlines import laid_down, to_json
from jiedao.matters.errors import MergeTargetClosed, NotYourTask
from jiedao.matters.pinned import flow_of
from jiedao.matters.rules import CONCERNED_TASK_STATES, MatterState, Step, apply
from jiedao.signals.models import Upload
from jiedao.town.calendar import add_working_days, is_school_time, local_day
from jiedao.trace.writing import Fact, record

DUTY_ROOM = ("role:operator", "role:duty_lead", "role:verifier")
#: A reason that is a code of the catalogue, such as "light", is a fact; other words are not.
_REASON_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Report:
    """What is known when a matter opens.

    Attributes:
        lon, lat: WGS-84, or None where only the place is known.
        seen_at: when it was seen, which may be before it is reported.
        still: SHA-256 of the picture that shows it.
        photos: all pictures that came with it, the still among them.
        parent: the matter that it comes of.
        solved: whoever reports it has solved it; nothing more is to be done but to look, now and
            then, whether it is so.
    """

    item: str
    source: str
    source_id: UUID | None
    place: UUID
    place_path: str
    community: str
    lon: float | None
    lat: float | None
    seen_at: datetime
    camera: UUID | None = None
    zone: str = ""
    still: str | None = None
    clip: str | None = None
    demo: bool = False
    note: str | None = None
    photos: tuple[str, ...] = ()
    parent: UUID | None = None
    solved: bool = False


def open_matter(tx: Tx, catalogue: Catalogue, report: Report) -> MatterState:
    """File what was reported as a matter of its own, and let the plans begin.

    Raises:
        UnknownItem; Missing or NotOnTheSpot: it cannot be filed as solved.
    """
    item, pack_id = catalogue.item(report.item)
    flow, flow_pack_id = catalogue.flow(item.flow)
    matter_id = new_id()
    severity = _severity(tx, item, report.place_path)
    due = item.due
    respond_by = tx.now + timedelta(seconds=due.respond_within_s) if due.respond_within_s else None
    due_at = tx.now + timedelta(seconds=due.handle_within_s) if due.handle_within_s else None
    if due.working_days:
        due_at = add_working_days(tx.now, due.working_days)
    payload: dict[str, Any] = {
        "id": str(matter_id),
        "number": store.next_number(local_day(tx.now)),
        "item": report.item,
        "pack": str(pack_id),
        "flow_pack": str(flow_pack_id),
        "title": dict(item.name),
        "community": report.community,
        "state": flow.start,
        "severity": severity,
        "source": report.source,
        "source_id": _text(report.source_id),
        "camera": _text(report.camera),
        "zone": report.zone,
        "place": str(report.place),
        "place_path": report.place_path,
        "lon": report.lon,
        "lat": report.lat,
        "seen_at": report.seen_at.isoformat(),
        "respond_by": _text(respond_by),
        "due_at": _text(due_at),
        "deadlines": [
            to_json(deadline)
            for deadline in laid_down(
                flow.overdue, severity, tx.now, {"respond_by": respond_by, "due_at": due_at}
            )
        ],
        "demo": report.demo,
        "still": report.still,
        "clip": report.clip,
    }
    if report.parent:
        payload["parent"] = str(report.parent)
    if report.photos:
        payload["blobs"] = list(report.photos)
    if report.solved:
        payload |= engine.solved_on_the_spot(flow, item, matter_id, payload, report.note)
    matter = _write(tx, None, "matter.reported", payload, private=report.note)
    if not report.solved:
        for listener in events.on_opened:
            listener(tx, matter)
    return store.read(matter.id)


def _severity(tx: Tx, item: Item, place_path: str) -> int:
    """How severe it is where and when it is reported."""
    if item.school_severity is not None and is_school_time(tx.now, place_path):
        return item.school_severity
    return item.severity


def repeat(tx: Tx, matter_id: UUID, seen_at: datetime, still: str | None) -> MatterState:
    """The same again: counted on the matter that is open, not filed anew."""
    matter = store.for_update(matter_id)
    payload = {"seen_at": seen_at.isoformat(), "still": still}
    matter = _write(tx, matter, "matter.repeated", payload)
    for listener in events.on_repeated:
        listener(tx, matter)
    return matter


def attach_evidence(
    tx: Tx,
    matter_id: UUID,
    *,
    still: str | None = None,
    clip: str | None = None,
    clip_began_at: datetime | None = None,
) -> MatterState:
    """Add the picture or the clip that was still being kept when the matter opened.

    Args:
        clip_began_at: capture time of the clip's first picture, if there is a clip.
    """
    matter = store.for_update(matter_id)
    payload = {"still": still, "clip": clip, "clip_began_at": _text(clip_began_at)}
    return _write(tx, matter, "matter.evidenced", payload)


def act(tx: Tx, matter_id: UUID, action: str, given: Mapping[str, Any]) -> MatterState:
    """Do an action of the matter's flow.

    Raises:
        NotAllowed, WrongState, Missing, GuardRefused, MergeTargetClosed, NotFound.
    """
    # Two matters are always locked in one order: each may be merged into the other at once.
    for one in sorted({matter_id, given["into"]} if given.get("into") else {matter_id}):
        store.for_update(one)
    matter = store.for_update(matter_id)
    payload = engine.decide(flow_of(matter), matter, action, tx.actor, given)
    if "into" in payload:
        target = store.for_update(UUID(str(payload["into"])))
        if target.closed_at is not None:
            raise MergeTargetClosed(number=target.number)
        _write(tx, target, "matter.repeated", {"seen_at": matter.last_seen_at.isoformat()})
    if given.get("blobs"):
        payload["blobs"] = own_files(tx, given["blobs"])
    private = str(given.get("note") or "")
    if reason := str(given.get("reason") or ""):
        is_code = _REASON_CODE.fullmatch(reason) is not None
        payload["reason"] = reason if is_code else "other"
        private = private if is_code else "\n".join(filter(None, (reason, private)))
    matter = _write(tx, matter, "matter.acted", payload, private=private or None)
    if payload["ends"]:
        for listener in events.on_ended:
            listener(tx, matter)
    return matter


def tell_overdue(tx: Tx, matter_id: UUID) -> MatterState:
    """Put each deadline of a matter on record that has passed unmet, once.

    Whoever was quicker has met it meanwhile, or has told of it already: then nothing is written.
    """
    tx.actor.require("tell_overdue", "system")
    matter = store.for_update(matter_id)
    for deadline in matter.overdue(tx.now):
        payload = {
            "deadline": deadline.code,
            "name": dict(deadline.name),
            "passed_at": deadline.at.isoformat(),
            "tell": list(deadline.tell),
        }
        matter = _write(tx, matter, "matter.overdue", payload)
    return matter


def offer_task(
    tx: Tx,
    matter_id: UUID,
    party: UUID,
    *,
    why: Mapping[str, Any],
    patience: timedelta,
    kind: str = "handle",
) -> MatterState:
    """Ask a party to handle a matter; the offer runs out after ``patience``."""
    matter = store.for_update(matter_id)
    flow = flow_of(matter)
    payload = engine.decide(flow, matter, "dispatch", tx.actor, {"party": party})
    task_id = TaskId(new_id())
    task = {
        "task": str(task_id),
        "kind": kind,
        "party": str(party),
        "expires_at": (tx.now + patience).isoformat(),
        "why": dict(why),
        "from": matter.state,
        "to": engine.after_offer(flow, matter, str(payload["to"])),
    }
    return _write(tx, matter, "task.offered", task, task=task_id)


def move_task(
    tx: Tx,
    task_id: UUID,
    verb: str,
    *,
    note: str | None = None,
    blobs: Sequence[str] = (),
    device_at: datetime | None = None,
    fix: tuple[float, float] | None = None,
) -> MatterState:
    """Accept, refuse, arrive at, begin, report on, withdraw or let expire a task.

    Raises:
        NotYourTask: only the party that was asked may answer for itself.
        WrongTaskState: the task has moved on.
    """
    row = store.task_row(task_id)
    # Before the matter is read, which whoever was called off does not see any more.
    engine.check_task(row.state, verb)
    matter = store.for_update(row.matter_id)
    task = matter.task(task_id)
    if verb == "task.withdrawn":
        if task.party != tx.actor.id:
            tx.actor.require("withdraw", "operator", "duty_lead", "system")
    elif verb == "task.expired":
        tx.actor.require("expire", "system")
    elif task.party != tx.actor.id:
        raise NotYourTask(task=str(task_id))
    payload = engine.decide_task(flow_of(matter), matter, task, verb)
    if blobs:
        payload["blobs"] = own_files(tx, blobs)
    if fix is not None:
        payload["lon"], payload["lat"] = fix
    return _write(
        tx, matter, verb, payload, private=note, task=TaskId(task_id), device_at=device_at
    )


def add_version(
    tx: Tx,
    task_id: UUID,
    *,
    act: UUID,
    verb: str,
    note: str | None,
    blobs: Sequence[str],
    device_at: datetime | None,
    fix: tuple[float, float] | None,
) -> None:
    """Keep what a phone sent again, changed, under the id of an act that was done already.

    Stands beside the fold: the task has moved, and what is added belongs to its story.

    Raises:
        NotYourTask: only the party that was asked may add to it.
    """
    # Not the matter: whoever refused does not see it any more, and may still say why.
    task = store.task_row(task_id)
    if task.party_id != tx.actor.id:
        raise NotYourTask(task=str(task_id))
    payload: dict[str, Any] = {"task": str(task_id), "act": str(act), "of": verb}
    if blobs:
        payload["blobs"] = own_files(tx, blobs)
    if fix is not None:
        payload["lon"], payload["lat"] = fix
    record(
        tx,
        Fact(
            "task.revised",
            "task",
            task_id,
            matter=MatterId(task.matter_id),
            task=TaskId(task_id),
            payload=payload,
            private=note,
            audience=(*DUTY_ROOM, f"party:{tx.actor.id}"),
            place_path=task.place_path,
            device_at=device_at,
        ),
    )


def add_report_version(
    tx: Tx,
    matter_id: UUID,
    *,
    act: UUID,
    item: str,
    note: str | None,
    photos: Sequence[str],
    fix: tuple[float, float] | None,
) -> None:
    """Keep what a phone sent again, changed, under the id of what it had raised.

    Stands beside the fold: the matter goes its way already, and what is added belongs to its story.
    """
    matter = store.read(matter_id)
    payload: dict[str, Any] = {"act": str(act), "of": "matter.reported", "item": item}
    if photos:
        payload["blobs"] = list(photos)
    if fix is not None:
        payload["lon"], payload["lat"] = fix
    record(
        tx,
        Fact(
            "matter.revised",
            "matter",
            matter_id,
            matter=MatterId(matter_id),
            payload=payload,
            private=note,
            audience=audience(matter, matter),
            place_path=matter.place_path,
        ),
    )


def own_files(tx: Tx, names: Sequence[str]) -> list[str]:
    """Files that the actor has uploaded, which alone it may lay before others.

    Naming another's file by its hash would else open it to whoever sees the matter.

    Raises:
        NotFound: a file that the actor has not uploaded.
    """
    mine = Upload.objects.filter(sha256__in=names, party_id=tx.actor.id)
    known = set(mine.values_list("sha256", flat=True))
    for name in names:
        if name not in known:
            raise NotFound(what=f"file {name[:12]} / 文件")
    return list(names)


def audience(before: MatterState | None, after: MatterState) -> list[str]:
    """Who is told of a step: the duty room, who works on the matter, and whose task it changed.

    Whoever refused, let their offer run out or was withdrawn is told so, and nothing more.
    """
    known = before.tasks if before else ()
    parties = {t.party for t in after.tasks if t.state in CONCERNED_TASK_STATES or t not in known}
    return [*DUTY_ROOM, *sorted(f"party:{party}" for party in parties)]


def _write(
    tx: Tx,
    matter: MatterState | None,
    verb: str,
    payload: Mapping[str, Any],
    *,
    private: str | None = None,
    task: TaskId | None = None,
    device_at: datetime | None = None,
) -> MatterState:
    """Fold one more record into the matter, and write projection and record together."""
    version = 1 if matter is None else matter.version + 1
    after = apply(matter, Step(verb, tx.now, version, tx.actor.id, payload))
    store.save(after, matter)
    record(
        tx,
        Fact(
            verb,
            "task" if task else "matter",
            task or after.id,
            matter=MatterId(after.id),
            version=version,
            task=task,
            payload=payload,
            private=private,
            audience=audience(matter, after),
            place_path=after.place_path,
            device_at=device_at,
        ),
    )
    return after


def is_duty_room(tx: Tx) -> bool:
    """Whether the actor sits in the duty room."""
    return not tx.actor.roles.isdisjoint({"operator", "duty_lead", "verifier"})


def require_duty_room(tx: Tx, action: str) -> None:
    """Only those who sit in the duty room."""
    if not is_duty_room(tx):
        raise NotAllowed(action=action)


def _text(value: object) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, datetime) else str(value)
