# SPDX-License-Identifier: Apache-2.0
"""An incident in the hands of anybody, in any order, on the real database.

Whatever is tried: no illegal state, one record for each act that is accepted and none for one that
is refused, rows that are what folding the records gives, and nobody who verifies their own work.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from jiedao.base.database import Tx
from jiedao.base.errors import JiedaoError
from jiedao.dispatch import actions as dispatch
from jiedao.matters import actions, engine, store
from jiedao.matters.pinned import flow_of
from jiedao.matters.rules import MatterState, TaskState, fold
from jiedao.trace.models import Record
from tests.world import World, matter_id

PEOPLE = ("chen", "lin", "he", "near", "far")
HANDS = ("near", "far")
ACTS = (
    "confirm",
    "false_alarm",
    "merge",
    "feedback",
    "transfer",
    "note",
    "escalate",
    "verify_pass",
    "verify_return",
    "sample",
    "rate",
    "reopen",
    "settle",
)
WORDS = {"reason": "other", "note": "x", "rating": 4}

people = st.sampled_from(PEOPLE)
hands = st.sampled_from(HANDS)


class Incident(RuleBasedStateMachine):
    """One alarm and another that it may be merged into."""

    world: ClassVar[World]

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        for who in HANDS:
            self.world.on_duty(who)
        self.other = matter_id(self.world.see())
        self.world.clock.forward(timedelta(minutes=11))
        self.matter = matter_id(self.world.see())

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.close()

    def stands(self) -> MatterState:
        with self.world.platform():
            return store.read(self.matter)

    def records(self) -> int:
        with self.world.platform():
            return Record.objects.filter(matter_id=self.matter, version__isnull=False).count()

    def attempt(self, who: str, do: Callable[[Tx], object]) -> bool:
        """Whether it was accepted; one record if so, none and the same matter if not."""
        before, stood = self.records(), self.stands()
        try:
            with self.world.acting(who) as tx:
                do(tx)
        except JiedaoError:
            assert (self.records(), self.stands()) == (before, stood)
            return False
        assert self.records() == before + 1
        return True

    @rule(who=people, action=st.sampled_from(ACTS))
    def act(self, who: str, action: str) -> None:
        before = self.stands()
        given = WORDS | ({"into": self.other} if action == "merge" else {})
        done = self.attempt(who, lambda tx: actions.act(tx, self.matter, action, given))
        if done and action in ("verify_pass", "verify_return", "rate"):
            assert self.world.people[who].id not in before.handlers

    @rule(who=people, hand=hands)
    def send(self, who: str, hand: str) -> None:
        party = self.world.people[hand].id
        if who in ("chen", "lin"):
            self.attempt(who, lambda tx: dispatch.send(tx, self.matter, party))

    @rule(who=people, n=st.integers(0, 3), verb=st.sampled_from(sorted(engine.TASK_ACTS)))
    def answer(self, who: str, n: int, verb: str) -> None:
        tasks = self.stands().tasks[::-1]
        if n < len(tasks):
            done = self.attempt(who, lambda tx: actions.move_task(tx, tasks[n].id, verb))
            own = tasks[n].party == self.world.people[who].id
            assert not done or own or verb == "task.withdrawn"

    @initialize(steps=st.integers(0, 5))
    def has_gone_some_way(self, steps: int) -> None:
        for _ in range(steps):
            self.go_on()

    @rule()
    def go_on(self) -> None:
        """The next step of the ordinary way, so that much is tried on matters that got far."""
        matter = self.stands()
        match matter.state:
            case "reported":
                self.act("chen", "confirm")
            case "filed":
                self.send("chen", "near")
            case "verifying":
                self.act("he", "verify_pass")
            case "closed":
                self.act("lin", "rate")
            case _:
                for task in matter.live_tasks[:1]:
                    self._work(task)

    @rule(n=st.integers(0, 1))
    def work(self, n: int) -> None:
        for task in self.stands().live_tasks[n : n + 1]:
            self._work(task)

    def _work(self, task: TaskState) -> None:
        who = next(name for name in PEOPLE if self.world.people[name].id == task.party)
        verb = {
            "offered": "task.accepted",
            "accepted": "task.arrived",
            "on_scene": "task.reported" if task.begun_at else "task.begun",
        }[task.state]
        assert self.attempt(who, lambda tx: actions.move_task(tx, task.id, verb))

    @rule(wait_s=st.sampled_from([1, 70, 2000]))
    def let_time_pass(self, wait_s: int) -> None:
        self.world.sweep(after_s=wait_s)

    @rule()
    def see_the_same_again(self) -> None:
        before, stood = self.records(), self.stands()
        counted = matter_id(self.world.see()) == self.matter
        assert self.records() == before + counted
        assert counted is False or stood.state in flow_of(stood).absorbs

    @invariant()
    def the_matter_is_sound(self) -> None:
        with self.world.platform():
            steps = store.history(self.matter)
            matter = store.read(self.matter)
            assert fold(steps) == matter
            assert store.stands(matter)
        assert len(steps) == matter.version
        self._state_is_of_the_flow_and_fits_the_tasks(matter)
        told = [s.payload["deadline"] for s in steps if s.verb == "matter.overdue"]
        assert len(told) == len(set(told))
        assert matter.closed_at is None or matter.next_deadline_at is None

    def _state_is_of_the_flow_and_fits_the_tasks(self, matter: MatterState) -> None:
        flow = flow_of(matter)
        assert matter.state in flow.states
        assert (matter.closed_at is None) == (matter.state in flow.open_states)
        live = {task.state for task in matter.live_tasks}
        match matter.state:
            case "dispatched":
                assert live == {"offered"}
            case "on_way":
                assert "accepted" in live
            case "on_scene" | "handling":
                assert "on_scene" in live
            case "reported_back":
                assert live
            case _:
                assert not live


def test_nothing_that_people_do_in_any_order_breaks_a_matter(world: World) -> None:
    Incident.world = world
    run_state_machine_as_test(
        Incident,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            database=None,
            phases=[Phase.generate],  # a sequence is read as it is; shrinking it takes minutes
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("times", [0, 2])
def test_an_act_that_leaves_no_record_or_two_would_be_noticed(world: World, times: int) -> None:
    Incident.world = world
    incident = Incident()

    def act(tx: Tx) -> None:
        for _ in range(times):
            actions.act(tx, incident.matter, "note", WORDS)

    with pytest.raises(AssertionError):
        incident.attempt("chen", act)
    incident.teardown()
