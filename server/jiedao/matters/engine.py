# SPDX-License-Identifier: Apache-2.0
"""The one flow engine: may this action be done to this matter, by this actor, now?"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from jiedao.base.actor import Actor
from jiedao.base.errors import NotAllowed
from jiedao.catalog.rules import SAME, Action, Flow, Item
from jiedao.matters.errors import (
    GuardRefused,
    Missing,
    NotOnTheSpot,
    WrongState,
    WrongTaskState,
)
from jiedao.matters.guards import GUARDS
from jiedao.matters.rules import WORKING_TASK_STATES, MatterState, TaskState

Given = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Offer:
    """An action as a screen shows it: possible, or what is missing."""

    action: str
    key: str
    needs: tuple[str, ...]
    missing: tuple[str, ...]


def decide(
    flow: Flow, matter: MatterState, action: str, actor: Actor, given: Given
) -> dict[str, object]:
    """What doing the action would write; refuses what the flow does not allow.

    Returns:
        The payload of the record ``matter.acted``.

    Raises:
        NotAllowed, WrongState, Missing, GuardRefused: in this order of asking.
    """
    code, rule = _rule(flow, matter, action)
    actor.require(action, *rule.by)
    for need in rule.needs:
        if given.get(need) in (None, "", []):
            raise Missing(field=need, action=action)
    for name in rule.guards:
        if not GUARDS[name](matter, actor.id, given):
            raise GuardRefused(guard=name, action=action)
    to = matter.state if rule.to == SAME else rule.to
    payload: dict[str, object] = {
        "action": code,
        "from": matter.state,
        "to": to,
        "handles": rule.handles,
        "ends": to not in flow.open_states,
    }
    if rule.calls_off:
        payload["calls_off"] = True
    if "rating" in rule.needs:
        payload["rating"] = given["rating"]
    if "into" in rule.needs:
        payload["into"] = str(given["into"])
    return payload


def offers(flow: Flow, matter: MatterState, actor: Actor) -> list[Offer]:
    """The actions that the actor's posts allow in this state, each with what is missing."""
    found: list[Offer] = []
    for code, rule in flow.actions.items():
        if matter.state not in rule.start or actor.roles.isdisjoint(rule.by):
            continue
        # Guards that look at what is given cannot be judged before it is given.
        missing = [
            g for g in rule.guards if g != "into_another" and not GUARDS[g](matter, actor.id, {})
        ]
        if missing == ["not_confirmed"]:
            continue
        found.append(Offer(_spoken(code), rule.key, tuple(rule.needs), tuple(missing)))
    return found


def _spoken(code: str) -> str:
    """Variants of one action for different states carry one name outside."""
    return code.removesuffix("_underway")


def _rule(flow: Flow, matter: MatterState, action: str) -> tuple[str, Action]:
    variants = [code for code in flow.actions if _spoken(code) == action]
    if not variants:
        raise NotAllowed(action=action)
    for code in variants:
        if matter.state in flow.actions[code].start:
            return code, flow.actions[code]
    raise WrongState(action=action, state=matter.state)


#: verb -> states of the task from which it can be done
TASK_ACTS: dict[str, tuple[str, ...]] = {
    "task.accepted": ("offered",),
    "task.arrived": ("accepted",),
    "task.begun": ("on_scene",),
    "task.reported": ("accepted", "on_scene"),
    "task.refused": ("offered", "accepted"),
    "task.expired": ("offered",),
    "task.withdrawn": ("offered", "accepted"),
}


def check_task(state: str, verb: str) -> None:
    """Refuse what cannot be done with a task in this state.

    Raises:
        WrongTaskState: the task has moved on.
    """
    if state not in TASK_ACTS[verb]:
        raise WrongTaskState(state=state, act=verb.removeprefix("task."))


def decide_task(flow: Flow, matter: MatterState, task: TaskState, verb: str) -> dict[str, object]:
    """What moving a task would write.

    Raises:
        WrongTaskState: the task has moved on.
    """
    check_task(task.state, verb)
    act = verb.removeprefix("task.")
    if act == "begun" and task.begun_at is not None:
        raise WrongTaskState(state=task.state, act=act)
    others = [other for other in matter.live_tasks if other.id != task.id]
    return {"task": str(task.id), "from": matter.state, "to": _led(flow, matter, act, others)}


def _led(flow: Flow, matter: MatterState, act: str, others: Sequence[TaskState]) -> str:
    """Where a task's move leads its matter, given the other tasks that are still live."""
    match act:
        case "accepted" | "arrived" | "begun":
            return further(flow, matter.state, flow.tasks.get(act, matter.state))
        case "reported":
            return further(flow, matter.state, _reported_back(flow, others))
        case _:
            return _after_drop(flow, matter.state, others)


def _reported_back(flow: Flow, others: Sequence[TaskState]) -> str:
    reported = flow.tasks["reported"]
    return reported if others else flow.tasks.get("all_reported", reported)


def _after_drop(flow: Flow, state: str, others: Sequence[TaskState]) -> str:
    """Somebody who was asked does not go: the matter is on the way only if another one is."""
    if state == flow.tasks["reported"]:
        return _reported_back(flow, others)
    asked, on_way = flow.actions["dispatch"].to, flow.tasks["accepted"]
    works = any(other.state in WORKING_TASK_STATES for other in others)
    if "dropped" not in flow.tasks or state not in (asked, on_way) or works:
        return state
    return asked if others else flow.tasks["dropped"]


def after_offer(flow: Flow, matter: MatterState, leads_to: str) -> str:
    """The state after one more offer; a matter whose only hand turned back is on nobody's way."""
    works = any(task.state in WORKING_TASK_STATES for task in matter.tasks)
    if matter.state == flow.tasks["accepted"] and not works:
        return leads_to
    return further(flow, matter.state, leads_to)


def further(flow: Flow, state: str, leads_to: str) -> str:
    """The state further along of the two; a state outside the progress stays."""
    if state not in flow.progress or leads_to not in flow.progress:
        return state
    return max(state, leads_to, key=flow.progress.index)


def solved_on_the_spot(
    flow: Flow, item: Item, matter: UUID, report: Mapping[str, object], note: str | None
) -> dict[str, object]:
    """What filing a matter adds to its report that its raiser has solved already.

    Raises:
        NotOnTheSpot: the flow knows no such thing.
        Missing: without the evidence that the item asks for.
    """
    rule = flow.on_the_spot
    if rule is None:
        raise NotOnTheSpot(item=str(report["item"]))
    brought = {"photo": report.get("blobs"), "note": note}
    for wanted in item.evidence:
        if not brought[wanted]:
            raise Missing(field=wanted, action="solved")
    state = rule.sampled if is_sampled(matter, rule.share) else rule.state
    return {"state": state, "solved": True, "ends": state not in flow.open_states}


def is_sampled(matter: UUID, share: float) -> bool:
    """Whether the draw falls on a matter that was solved on the spot.

    Anyone can draw again from its id, which nobody chooses.
    """
    drawn = int.from_bytes(hashlib.sha256(matter.bytes).digest()[:8])
    return drawn < share * 2**64
