# SPDX-License-Identifier: Apache-2.0
"""Running plans: begin, take a step that is due, look after steps under way, stop a step, end."""

import math
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import JiedaoError
from jiedao.base.ids import MatterId, new_id
from jiedao.catalog.rules import PlanStep
from jiedao.catalog.store import pack_of
from jiedao.dispatch import actions as dispatch
from jiedao.dispatch.errors import NobodyFree
from jiedao.matters import actions as matters
from jiedao.matters.errors import WrongState
from jiedao.matters.rules import MatterState
from jiedao.plans import rules, store
from jiedao.plans.errors import DrillUnderWay, StepNotStoppable, TooManyDrills
from jiedao.plans.models import Drill, Run, Step
from jiedao.signals.store import spot_of, words_on_zones
from jiedao.town.calendar import is_school_time
from jiedao.trace.writing import Fact, record
from jiedao.voice import actions as voice
from jiedao.voice.errors import NoLoudspeaker

RETRY_AFTER = timedelta(seconds=10)


def ask_drill(tx: Tx, kind: str) -> UUID:
    """Ask for a rehearsal; whoever plays it takes it up as soon as it can be played.

    Raises:
        DrillUnderWay: another has not ended yet.
        TooManyDrills: there were too many of late.
    """
    store.lock_drills()
    under_way = store.drills_under_way(tx.now).first()
    if under_way is not None:
        raise DrillUnderWay(kind=under_way.kind)
    wait = rules.drill_wait(store.drills_asked_since(tx.now - rules.DRILLS_WITHIN), tx.now)
    if wait:
        raise TooManyDrills(wait_s=math.ceil(wait.total_seconds()))
    drill = Drill.objects.create(id=new_id(), kind=kind, asked_by=tx.actor.id, asked_at=tx.now)
    record(tx, Fact("drill.asked", "drill", drill.id, payload={"kind": kind}))
    return drill.id


def begin(tx: Tx, matter: MatterState) -> None:
    """Start the plan of the matter's item, if it has one."""
    pack = pack_of(matter.pack)
    code = pack.items[matter.item].plan
    if code is None:
        return
    run = Run.objects.create(
        id=new_id(),
        matter_id=matter.id,
        pack_id=matter.pack,
        plan=code,
        pace=_pace(tx, matter),
        place_path=matter.place_path,
        started_at=tx.now,
    )
    plan = pack.plans[code]
    due = rules.first_due(plan, tx.now, run.pace)
    Step.objects.bulk_create(
        Step(id=new_id(), run=run, step=s.step, order=n, due_at=due.get(s.step))
        for n, s in enumerate(plan.steps)
    )
    steps = [s.step for s in plan.steps]
    _tell(tx, run, "plan.started", {"plan": code, "steps": steps, "pace": run.pace})


def _pace(tx: Tx, matter: MatterState) -> rules.Pace:
    """How fast the plan goes: as rehearsed in a drill, sooner in school hours, else as usual."""
    if matter.demo and store.is_drilled(matter.item, tx.now):
        return rules.Pace.DRILL
    at_school = is_school_time(tx.now, matter.place_path)
    return rules.Pace.SCHOOL if at_school else rules.Pace.USUAL


def end(tx: Tx, matter: MatterState) -> None:
    """The matter is over: what still waits is skipped."""
    run = Run.objects.filter(matter_id=matter.id, ended_at=None).first()
    if run is None:
        return
    run.steps.filter(state__in=["waiting", "running"]).update(
        state="skipped", done_at=tx.now, result={"why": "matter_ended"}
    )
    run.ended_at = tx.now
    run.save(update_fields=["ended_at"])
    _tell(tx, run, "plan.ended", {})


def speak_again(tx: Tx, matter: MatterState) -> None:
    """The same again once the plan has spoken and looked its last: its first words once more.

    As long as it will speak or look again, it sees to it by itself.
    """
    run = Run.objects.filter(matter_id=matter.id).first()
    if run is None or voice.is_speaking_on(matter.id):
        return
    rules_of = pack_of(run.pack_id).plans[run.plan].steps
    to_come = set(run.steps.filter(state__in=["waiting", "running"]).values_list("step", flat=True))
    speaks = [rule for rule in rules_of if rule.do == "announce"]
    if not speaks or any(r.step in to_come for r in rules_of if r.do in ("announce", "look")):
        return
    rule = speaks[0]
    try:
        said = _ask(tx, run, matter, rule)
    except JiedaoError as refusal:
        _tell(tx, run, "plan.step_waits", {"step": rule.step, "why": refusal.code})
        return
    _tell(tx, run, "plan.spoke_again", {"step": rule.step, **said})


def take_step(tx: Tx, step_id: UUID) -> None:
    """Take a step that is due, unless it has been taken or stopped meanwhile."""
    step = store.claim(step_id, "waiting")
    if step is None:
        return
    rule = store.rule_of(step)
    if not rules.is_called_for(rule, store.last_look(step.run_id)):
        _finish(tx, step, "skipped", {"why": "clear"})
        return
    step.attempts += 1
    try:
        state, result = _DO[rule.do](tx, step, rule)
    except JiedaoError as refusal:
        _retry_or_fail(tx, step, refusal, rules.ATTEMPTS[rule.do])
        return
    if state == "running":
        step.state, step.result = state, dict(result)
        step.save()
        _tell(tx, step.run, "plan.step_begun", {"step": step.step, **result})
    else:
        _finish(tx, step, state, result)


def finish_announced(tx: Tx, step_id: UUID) -> None:
    """Close a step whose announcement is over, or has not come to its end in time."""
    step = store.claim(step_id, "running")
    if step is None:
        return
    announcement = UUID(step.result["announcement"])
    outcome = voice.outcome(announcement)
    if outcome is None:
        # Nothing speaks, or something is stuck: old words must not be said much later either.
        voice.stop_announcement(tx, announcement)
        outcome = "overdue"
    state = "done" if outcome == "played" else "failed"
    why = voice.why_failed(announcement)
    _finish(tx, step, state, {**step.result, "outcome": outcome} | ({"why": why} if why else {}))


def stop_step(tx: Tx, step_id: UUID) -> None:
    """A person stops a step that waits or runs.

    Raises:
        StepNotStoppable: it is over already.
    """
    matters.require_duty_room(tx, "stop_step")
    step = store.step_for_update(step_id)
    if step.state not in ("waiting", "running"):
        raise StepNotStoppable(step=step.step, state=step.state)
    if step.state == "running" and "announcement" in step.result:
        voice.stop_announcement(tx, UUID(step.result["announcement"]))
    _finish(tx, step, "stopped", {**step.result, "by": str(tx.actor.id)})


def _announce(tx: Tx, step: Step, rule: PlanStep) -> tuple[str, dict[str, Any]]:
    return "running", _ask(tx, step.run, store.matter_of(step.run), rule)


def _ask(tx: Tx, run: Run, matter: MatterState, rule: PlanStep) -> dict[str, Any]:
    """Have the phrase of a step said at the nearest loudspeaker."""
    phrase = pack_of(run.pack_id).phrases[str(rule.phrase)]
    if matter.lon is None or matter.lat is None:
        raise NoLoudspeaker(reach_m=0)
    loudspeaker = voice.nearest_loudspeaker(matter.lon, matter.lat)
    announcement = voice.ask_announcement(
        tx,
        loudspeaker=loudspeaker,
        matter=MatterId(matter.id),
        text=phrase.text,
        phrase=rule.phrase,
        life_safety=phrase.life_safety,
        plan_run=run.id,
        step=rule.step,
        place_path=matter.place_path,
    )
    return {"announcement": str(announcement), "loudspeaker": str(loudspeaker)}


def _dispatch(tx: Tx, step: Step, _rule: PlanStep) -> tuple[str, dict[str, Any]]:
    matter = store.matter_of(step.run)
    if matter.live_tasks:
        return "done", {"party": str(matter.live_tasks[0].party), "why": "sent_by_hand"}
    try:
        _after, chosen = dispatch.send_nearest(tx, matter.id)
    except NobodyFree:
        # The step is tried again for a while; whoever can call somebody in knows at once.
        dispatch.tell_nobody_left(tx, matter.id)
        raise
    return "done", {"party": str(chosen.party), "distance_m": chosen.distance_m}


def _look(tx: Tx, step: Step, _rule: PlanStep) -> tuple[str, dict[str, Any]]:
    matter = store.matter_of(step.run)
    words = words_on_zones(matter.camera) if matter.camera else []
    spot = spot_of(matter.id)
    if spot is not None:
        words = [rules.at_spot(word, spot) for word in words if word["zone"] == matter.zone]
    return "done", rules.look(words, matter.last_seen_at, tx.now)


def _settle(tx: Tx, step: Step, _rule: PlanStep) -> tuple[str, dict[str, Any]]:
    """Whoever was reminded has left: the matter is over, unless people have taken it up."""
    try:
        matters.act(tx, step.run.matter_id, "settle", {"reason": "left"})
    except WrongState:
        return "skipped", {"why": "taken_up"}
    return "done", {"why": "left"}


def _tell_lead(tx: Tx, step: Step, _rule: PlanStep) -> tuple[str, dict[str, Any]]:
    try:
        matters.act(tx, step.run.matter_id, "escalate", {"reason": "plan"})
    except WrongState:
        # It ended meanwhile, or its flow knows no way up from where it stands.
        return "skipped", {"why": "reported_back"}
    return "done", {"told": "duty_lead"}


_DO: Mapping[str, Callable[[Tx, Step, PlanStep], tuple[str, dict[str, Any]]]] = {
    "announce": _announce,
    "dispatch": _dispatch,
    "look": _look,
    "settle": _settle,
    "tell_lead": _tell_lead,
}


def _finish(tx: Tx, step: Step, state: str, result: Mapping[str, Any]) -> None:
    """Close a step and set the clock of those that follow it."""
    step.state, step.done_at, step.result = state, tx.now, dict(result)
    step.save()
    plan = pack_of(step.run.pack_id).plans[step.run.plan]
    for follower, due_at in rules.due_after(plan, step.step, tx.now, step.run.pace).items():
        # After a step that was not taken there is nothing to wait for.
        at_once = state in ("skipped", "stopped")
        waiting = step.run.steps.filter(step=follower, state="waiting")
        waiting.update(due_at=tx.now if at_once else due_at)
    _tell(tx, step.run, f"plan.step_{state}", {"step": step.step, **step.result})
    if not step.run.steps.filter(state__in=["waiting", "running"]).exists():
        step.run.ended_at = tx.now
        step.run.save(update_fields=["ended_at"])


def _retry_or_fail(tx: Tx, step: Step, refusal: JiedaoError, attempts: int) -> None:
    if step.attempts >= attempts:
        _finish(tx, step, "failed", {"why": refusal.code})
        return
    first = step.attempts == 1
    step.due_at = tx.now + RETRY_AFTER
    step.result = {"why": refusal.code, "attempts": step.attempts}
    step.save()
    if first:
        _tell(tx, step.run, "plan.step_waits", {"step": step.step, "why": refusal.code})


def _tell(tx: Tx, run: Run, verb: str, payload: Mapping[str, Any]) -> None:
    record(
        tx,
        Fact(
            verb,
            "plan_run",
            run.id,
            matter=MatterId(run.matter_id),
            payload=payload,
            audience=matters.DUTY_ROOM,
            place_path=run.place_path,
        ),
    )
