# SPDX-License-Identifier: Apache-2.0
"""What the duty desk shows: the queue, people, and one matter whole. Queries only.

What is `cast` comes from the database as it is; the API refuses to send what has another shape.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, cast
from uuid import UUID

from jiedao.base.actor import Actor
from jiedao.base.words import LANGUAGES, catalogue, say
from jiedao.catalog.store import pack_of
from jiedao.desk import devices
from jiedao.desk.answers import (
    Camera,
    Card,
    DeadlineOut,
    DeskSnapshot,
    Evidence,
    EvidenceKind,
    FileOfRow,
    FixSource,
    Handover,
    Lead,
    MatterDetail,
    Person,
    PlanRun,
    PlanStep,
    Sealing,
    Severity,
    Spot,
    StepState,
    Task,
    TimelineRow,
    words,
)
from jiedao.desk.answers import TaskState as TaskStateWord
from jiedao.dispatch import rules as dispatch_rules
from jiedao.dispatch import store as dispatch_store
from jiedao.matters import engine, store
from jiedao.matters.pinned import flow_of
from jiedao.matters.rules import MatterState, TaskState
from jiedao.plans import store as plans
from jiedao.signals.models import Upload
from jiedao.town.calendar import local_day
from jiedao.town.store import names_of
from jiedao.trace import store as trace

#: Ended matters stay on the desk this long.
ENDED_KEPT = timedelta(hours=12)
PHOTO = "image/jpeg"
#: Words of a shift longer ago than this are no handover any more.
HANDOVERS_KEPT = timedelta(hours=48)


def snapshot(actor: Actor, now: datetime) -> DeskSnapshot:
    """Everything the desk starts from, with the position it was read at."""
    position = trace.head()[0]
    people = on_duty_people(now)
    return {
        "position": position,
        "at": now,
        "cards": cards(store.queue_ids(now - ENDED_KEPT)),
        "cameras": devices.camera_counts(now),
        "loudspeakers": devices.loudspeaker_counts(),
        "on_duty": len(people),
        "duty": {"name": names_of({actor.id}).get(actor.id, "")},
        "people": people,
    }


def cards(matter_ids: Sequence[UUID]) -> list[Card]:
    """Cards of the matters, in the order given."""
    return cast("list[Card]", store.cards(matter_ids))


def on_duty_people(now: datetime) -> list[Person]:
    """Those on duty with where they are, how old that is, and what they do."""
    busy = store.busy_parties()
    people: list[Person] = []
    for hand in dispatch_store.on_duty(local_day(now)):
        where = dispatch_rules.whereabouts(hand, now)
        task, state = busy.get(hand.party, (None, "free"))
        people.append(
            {
                "id": hand.party,
                "name": hand.name,
                "post": hand.post,
                "unit": hand.unit,
                "lon": where[0][0] if where else None,
                "lat": where[0][1] if where else None,
                "fix_source": cast("FixSource", where[1]) if where else None,
                "fix_age_s": where[2] if where else None,
                "heard_age_s": hand.heard_age_s(now),
                "battery_pct": hand.battery_pct,
                "state": _busy_word(state),
                "task": task,
            }
        )
    return people


def handovers(now: datetime) -> list[Handover]:
    """What was handed over lately: when, by whom, and their words unless erased."""
    records = trace.handovers(now - HANDOVERS_KEPT)
    names = names_of({r.actor_id for r in records})
    return [
        {"id": r.id, "at": r.at, "who": names.get(r.actor_id, ""), "note": r.private}
        for r in records
    ]


def _busy_word(state: str) -> Literal["free", "offered", "busy"]:
    match state:
        case "free" | "offered":
            return state
        case _:
            return "busy"


def detail(actor: Actor, matter_id: UUID, now: datetime) -> MatterDetail:
    """One matter whole: what can be done, what happened, who, the plan, the evidence."""
    matter = store.read(matter_id)
    merged = store.merged_into(matter_id)
    return {
        "card": cards([matter_id])[0],
        "actions": [
            {"action": o.action, "key": o.key, "needs": list(o.needs), "missing": list(o.missing)}
            for o in engine.offers(flow_of(matter), matter, actor)
        ],
        "timeline": timeline(matter_id),
        "tasks": tasks_out([(matter, task) for task in matter.tasks]),
        "plan": _plan(matter_id),
        "evidence": [one for part in (matter, *merged) for one in _evidence(part)],
        "lead": _lead(matter),
        "merged": cards([part.id for part in merged]),
        "deadlines": _deadlines(matter),
        "loudspeakers": devices.loudspeakers_near(
            matter.lon, matter.lat, now, pack_of(matter.pack).phrases
        ),
        "camera": _camera(matter, now),
        "announcements": devices.announcements_of(matter_id),
        "trace": cast("Sealing", trace.of_matter(matter_id)),
    }


def tasks_out(of: Sequence[tuple[MatterState, TaskState]]) -> list[Task]:
    """Tasks as desk and phone show them, in the order given."""
    names = names_of({party for _matter, task in of for party in _parties(task)})
    places = {c["id"]: c["place"] for c in cards(list({matter.id for matter, _task in of}))}
    return [_task_out(m, t, names, places[str(m.id)]) for m, t in of]


def _parties(task: TaskState) -> set[UUID]:
    """Whose names a task needs; its record knows them by id alone."""
    chosen, others = task.why.get("chosen", {}), task.why.get("runners_up", ())
    return {task.party, *(UUID(one["party"]) for one in (chosen, *others) if one)}


def _task_out(matter: MatterState, task: TaskState, names: Mapping[UUID, str], place: Spot) -> Task:
    def named(one: Mapping[str, Any]) -> dict[str, Any]:
        return {**one, "name": names.get(UUID(one["party"]), "")} if one else {}

    chosen = named(task.why.get("chosen", {}))
    others = [named(one) for one in task.why.get("runners_up", ())]
    return {
        "id": task.id,
        "matter": matter.id,
        "number": matter.number,
        "kind": task.kind,
        "party": task.party,
        "name": names.get(task.party, ""),
        "title": words(matter.title),
        "place": place,
        "severity": cast("Severity", matter.severity),
        "state": cast("TaskStateWord", task.state),
        "offered_at": task.offered_at,
        "expires_at": task.expires_at,
        "accepted_at": task.accepted_at,
        "arrived_at": task.arrived_at,
        "begun_at": task.begun_at,
        "reported_at": task.reported_at,
        "due_at": matter.due_at,
        "distance_m": chosen.get("distance_m"),
        "still": matter.still,
        "blobs": list(task.blobs),
        "why": {**task.why, "chosen": chosen, "runners_up": others},
    }


def timeline(matter_id: UUID, before: int | None = None) -> list[TimelineRow]:
    """The way of a matter, in the order it was sealed; what is not sealed yet comes last.

    Args:
        before: a position; the page of records before it, instead of the newest.
    """
    records = trace.records_of(matter_id, before)
    parties = {r.actor_id for r in records} | {
        UUID(p) for r in records if (p := r.payload.get("party"))
    }
    names = names_of(parties)
    kinds = _types_of(sha for r in records for sha in r.payload.get("blobs", ()))
    return [_row(r, names, kinds) for r in records]


def _row(r: trace.SealedRecord, names: Mapping[UUID, str], kinds: Mapping[str, str]) -> TimelineRow:
    facts = dict(r.payload)
    who = names.get(r.actor_id, "")
    party = names.get(UUID(facts["party"]), "") if facts.get("party") else who
    verb = f"{r.verb}.{facts['action']}" if r.verb == "matter.acted" else r.verb
    told = {
        language: say(
            f"record.{verb}", language, **{**_in(language, facts), "who": who, "party": party}
        )
        for language in LANGUAGES
    }
    blobs: list[FileOfRow] = [
        {"sha256": sha, "type": kinds.get(sha, PHOTO)} for sha in facts.get("blobs", ())
    ]
    for key, kind in (("still", "image/jpeg"), ("clip", "video/mp4"), ("heard", "audio/wav")):
        if facts.get(key):
            blobs.append({"sha256": facts[key], "type": kind})
    return {
        "position": r.position,
        "at": r.at,
        "device_at": r.device_at,
        "verb": r.verb,
        "words": words(told),
        "who": who,
        "screen": r.screen,
        "note": r.private,
        "blobs": blobs,
        "facts": facts,
    }


def _in(language: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts for a sentence: words for those that carry them in each language, and for reasons."""
    known = {
        name: fact[language] if isinstance(fact, dict) and language in fact else fact
        for name, fact in facts.items()
    }
    if (code := f"reason.{facts.get('reason')}") in catalogue():
        known["reason"] = say(code, language)
    if (code := str(facts.get("code"))) in catalogue():
        known["why"] = say(code, language)
    return known


def _deadlines(matter: MatterState) -> list[DeadlineOut]:
    """A matter's deadlines: when they pass, whether that was told, whether they still matter."""
    return [
        {
            "deadline": deadline.code,
            "name": words(deadline.name),
            "at": deadline.at,
            "tell": list(deadline.tell),
            "told_at": deadline.told_at,
            "unmet": deadline in matter.unmet,
        }
        for deadline in matter.deadlines
    ]


def told_to_lead() -> list[Card]:
    """What calls for the duty lead now: cards, most severe and oldest first."""
    return cards(store.told_ids("duty_lead"))


def _camera(matter: MatterState, now: datetime) -> Camera | None:
    # Whoever works on a matter sees it, which does not let them see the camera's other pictures.
    camera = None if matter.camera is None else devices.find_camera(matter.camera)
    if camera is None:
        return None
    return devices.camera_out(camera, getattr(camera, "health", None), now)


def _plan(matter_id: UUID) -> PlanRun | None:
    run = plans.run_of(matter_id)
    if run is None:
        return None
    plan = pack_of(run.pack_id).plans[run.plan]
    rules = {rule.step: rule for rule in plan.steps}
    steps: list[PlanStep] = [
        {
            "id": step.id,
            "step": step.step,
            "name": words(rules[step.step].name),
            "do": rules[step.step].do,
            "state": cast("StepState", step.state),
            "due_at": step.due_at,
            "done_at": step.done_at,
            "result": step.result,
        }
        for step in sorted(run.steps.all(), key=lambda s: s.order)
    ]
    return {
        "run": run.id,
        "pack": run.plan,
        "name": words(plan.name),
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "steps": steps,
    }


def _lead(matter: MatterState) -> Lead | None:
    """What it comes of: a lead to when and where, which proves nothing here."""
    if matter.parent is None:
        return None
    parent = store.read(matter.parent)
    return {"matter": parent.id, "number": parent.number, "clip": parent.clip}


def _evidence(matter: MatterState) -> list[Evidence]:
    """What was kept of a matter, each with its time.

    A clip carries as ``began_at`` the capture time of its first picture, where it is known.
    """
    named = trace.evidence_of(matter.id)
    seen_at = next((r.payload.get("seen_at") for r in named), matter.opened_at)
    found: list[Evidence] = []
    if matter.still:
        found.append({"sha256": matter.still, "type": PHOTO, "what": "still", "at": seen_at})
    if matter.clip:
        began = {r.payload.get("clip"): r.payload.get("clip_began_at") for r in named}
        found.append(
            {
                "sha256": matter.clip,
                "type": "video/mp4",
                "what": "clip",
                "at": seen_at,
                "began_at": began.get(matter.clip),
            }
        )
    kinds = _types_of(sha for task in matter.tasks for sha in task.blobs)
    for task in matter.tasks:
        for sha in task.blobs:
            kind = kinds.get(sha, PHOTO)
            found.append({"sha256": sha, "type": kind, "what": "report", "at": task.reported_at})
    for record in named:
        what: EvidenceKind = "photo" if record.verb == "matter.reported" else "snapshot"
        found += [
            {"sha256": sha, "type": PHOTO, "what": what, "at": record.at}
            for sha in record.payload.get("blobs", ())
            if sha != matter.still  # The first photo of a report stands above.
        ]
    for heard in devices.heard_of(matter.id):
        found.append({"sha256": heard[0], "type": "audio/wav", "what": "heard", "at": heard[1]})
    return found


def _types_of(names: Iterable[str]) -> dict[str, str]:
    """Media types of uploaded files."""
    rows = Upload.objects.filter(sha256__in=set(names))
    return dict(rows.values_list("sha256", "media_type"))
