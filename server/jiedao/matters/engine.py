# SPDX-License-Identifier: Apache-2.0
"""The one flow engine: may this action be done to this matter, by this actor, now?"""

from collections.abc import Mapping
from dataclasses import dataclass

from jiedao.base.actor import Actor
from jiedao.base.errors import NotAllowed
from jiedao.catalog.rules import SAME, Action, Flow
from jiedao.matters.errors import GuardRefused, Missing, WrongState, WrongTaskState
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


#: verb -> (states of the task, state of the matter that follows)
TASK_ACTS: dict[str, tuple[tuple[str, ...], str]] = {
    "task.accepted": (("offered",), "on_way"),
    "task.arrived": (("accepted",), "on_scene"),
    "task.reported": (("accepted", "on_scene"), "reported_back"),
    "task.refused": (("offered", "accepted"), SAME),
    "task.expired": (("offered",), SAME),
    "task.withdrawn": (("offered", "accepted"), SAME),
}

#: How far along a matter is; a second hand's task never sets the matter back.
_PROGRESS = ("reported", "filed", "dispatched", "on_way", "on_scene", "handling", "reported_back")


def decide_task(matter: MatterState, task: TaskState, verb: str) -> dict[str, object]:
    """What moving a task would write.

    Raises:
        WrongTaskState: the task has moved on.
    """
    states, leads_to = TASK_ACTS[verb]
    if task.state not in states:
        raise WrongTaskState(state=task.state, act=verb.removeprefix("task."))
    return {"task": str(task.id), "from": matter.state, "to": further(matter.state, leads_to)}


def after_offer(matter: MatterState, leads_to: str) -> str:
    """The state after one more offer; a matter whose only hand turned back is on nobody's way."""
    works = any(task.state in WORKING_TASK_STATES for task in matter.tasks)
    return leads_to if matter.state == "on_way" and not works else further(matter.state, leads_to)


def further(state: str, leads_to: str) -> str:
    """The state further along of the two; a state outside the progress stays."""
    if leads_to == SAME or state not in _PROGRESS:
        return state
    return max(state, leads_to, key=_PROGRESS.index)
