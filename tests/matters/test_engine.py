# SPDX-License-Identifier: Apache-2.0
"""The life cycle under any sequence of acts: it never closes falsely; folding tells the same."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiedao.base.actor import Actor
from jiedao.base.errors import JiedaoError, NotAllowed
from jiedao.catalog.reading import read_pack
from jiedao.catalog.rules import Flow
from jiedao.catalog.store import shipped_packs
from jiedao.matters import engine
from jiedao.matters.errors import GuardRefused, Missing, WrongState
from jiedao.matters.rules import MatterState, Step, apply, fold
from tests.world import NOON

FLOW: Flow = next(read_pack(p) for p in shipped_packs() if p.name == "incident.yaml").flows[
    "incident"
]
PEOPLE = [
    Actor(UUID(int=n), frozenset({role}), "/")
    for n, role in enumerate(
        ("operator", "operator", "duty_lead", "verifier", "worker", "worker"), 1
    )
]
ACTS = sorted({code.removesuffix("_underway") for code in FLOW.actions})
GIVEN = {
    "reason": "其它",
    "note": "x",
    "rating": 4,
    "into": str(UUID(int=99)),
    "party": UUID(int=5),
}


def report(**changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "id": str(UUID(int=7)),
        "number": "A-1",
        "item": "water_fence",
        "pack": str(UUID(int=8)),
        "title": {},
        "community": "",
        "state": "reported",
        "severity": 1,
        "source": "camera",
        "source_id": None,
        "camera": None,
        "zone": "",
        "place": str(UUID(int=9)),
        "place_path": "/T/",
        "lon": None,
        "lat": None,
        "seen_at": None,
        "respond_by": None,
        "due_at": None,
        "demo": True,
        "still": None,
        "clip": None,
    }
    return {**values, **changes}


class Case:
    """A matter, its records, and the ways to add one."""

    def __init__(self) -> None:
        self.steps = [Step("matter.reported", NOON, 1, PEOPLE[0].id, report())]
        self.matter: MatterState = fold(self.steps)

    def _add(self, verb: str, actor: Actor, payload: dict[str, object]) -> None:
        version = self.matter.version + 1
        at = NOON + timedelta(seconds=version)
        step = Step(verb, at, version, actor.id, payload)
        self.matter = apply(self.matter, step)
        self.steps.append(step)

    def act(self, actor: Actor, action: str, **given: object) -> None:
        payload = engine.decide(FLOW, self.matter, action, actor, {**GIVEN, **given})
        self._add("matter.acted", actor, payload)

    def offer(self, party: Actor) -> UUID:
        payload = engine.decide(FLOW, self.matter, "dispatch", PEOPLE[0], GIVEN)
        task = uuid4()
        to = engine.further(FLOW, self.matter.state, str(payload["to"]))
        self._add(
            "task.offered",
            PEOPLE[0],
            {
                "task": str(task),
                "kind": "handle",
                "party": str(party.id),
                "expires_at": None,
                "why": {},
                "to": to,
            },
        )
        return task

    def move(self, task: UUID, verb: str) -> None:
        found = self.matter.task(task)
        payload = engine.decide_task(FLOW, self.matter, found, verb)
        self._add(verb, Actor(found.party), payload)


def test_the_straight_way_closes() -> None:
    case = Case()
    case.act(PEOPLE[0], "confirm")
    task = case.offer(PEOPLE[4])
    for verb in ("task.accepted", "task.arrived", "task.reported"):
        case.move(task, verb)
    case.act(PEOPLE[3], "verify_pass")
    assert case.matter.state == "closed"
    assert case.matter.task(task).state == "confirmed"


def test_verification_sends_back_and_the_task_is_sent_back_with_it() -> None:
    case = Case()
    task = case.offer(PEOPLE[4])
    for verb in ("task.accepted", "task.reported"):
        case.move(task, verb)
    case.act(PEOPLE[3], "verify_return")
    assert (case.matter.state, case.matter.task(task).state) == ("filed", "sent_back")


@pytest.mark.parametrize(
    ("who", "action", "given_", "refusal"),
    [
        (4, "confirm", {}, NotAllowed),
        (0, "verify_pass", {}, WrongState),
        (0, "false_alarm", {"reason": ""}, Missing),
        (0, "merge", {"into": str(UUID(int=7))}, GuardRefused),
        (0, "nothing_known", {}, NotAllowed),
    ],
)
def test_what_the_flow_does_not_allow_is_refused_by_name(
    who: int, action: str, given_: dict[str, object], refusal: type[JiedaoError]
) -> None:
    with pytest.raises(refusal):
        Case().act(PEOPLE[who], action, **given_)


def test_after_confirming_an_alarm_is_no_false_alarm_any_more() -> None:
    case = Case()
    case.act(PEOPLE[0], "confirm")
    with pytest.raises(GuardRefused):
        case.act(PEOPLE[1], "false_alarm")


moves = st.one_of(
    st.tuples(st.just("act"), st.sampled_from(PEOPLE), st.sampled_from(ACTS)),
    st.tuples(st.just("offer"), st.sampled_from(PEOPLE[4:]), st.just("")),
    st.tuples(st.just("move"), st.integers(0, 4), st.sampled_from(sorted(engine.TASK_ACTS))),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(moves, max_size=40))
def test_no_sequence_of_acts_closes_a_matter_that_its_handler_verified(
    sequence: list[tuple[str, object, str]],
) -> None:
    case = Case()
    for kind, who, what in sequence:
        before = case.matter
        try:
            if kind == "act":
                assert isinstance(who, Actor)
                case.act(who, what)
            elif kind == "offer":
                assert isinstance(who, Actor)
                case.offer(who)
            elif isinstance(who, int) and who < len(case.matter.tasks):
                case.move(case.matter.tasks[who].id, what)
        except JiedaoError:
            assert case.matter == before  # a refusal changes nothing
        if case.matter.state == "closed" and before.state != "closed":
            assert case.steps[-1].actor not in before.handlers
            assert before.handlers
            assert not case.matter.live_tasks
    assert fold(case.steps) == case.matter


def test_records_out_of_order_or_missing_are_not_folded() -> None:
    case = Case()
    case.act(PEOPLE[0], "confirm")
    case.act(PEOPLE[0], "note")
    with pytest.raises(ValueError, match="does not follow"):
        fold([case.steps[0], case.steps[2]])
    with pytest.raises(ValueError, match="begins with its report"):
        fold(case.steps[1:])
