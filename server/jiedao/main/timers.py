# SPDX-License-Identifier: Apache-2.0
"""What is due: plan steps, offers that ran out, matters that nobody is at. Runs in pulse."""

from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.base.errors import JiedaoError
from jiedao.dispatch import actions as dispatch
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.plans import actions as plans
from jiedao.plans import store as plan_store
from jiedao.signals.store import forget_old_positions

#: One due thing may make another due; a sweep follows such a chain this far.
ROUNDS = 20
#: What failed rests, so that it neither blocks the others nor is tried twenty times a second.
REST_S = 5.0
FORGET_EVERY_S = 600.0
PULSE = system("pulse")


class Timers:
    """Does what is due, each thing in a transaction of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rests_until_s: dict[UUID, float] = {}
        self._forget_at_s = float("-inf")

    def sweep(self) -> int:
        """Do everything that is due now; returns how many things were done."""
        done = 0
        for _round in range(ROUNDS):
            did = sum(self._try(what, do) for what, do in self._due())
            done += did
            if not did:
                break
        self._forget()
        return done

    def _forget(self) -> None:
        """Now and then, forget what may not be kept any longer."""
        now_s = self._clock.monotonic_s()
        if now_s >= self._forget_at_s:
            self._forget_at_s = now_s + FORGET_EVERY_S
            with transact(PULSE, self._clock) as tx:
                forget_old_positions(tx)

    def _due(self) -> list[tuple[UUID, Callable[[Tx, UUID], object]]]:
        with transact(PULSE, self._clock) as tx:
            return [
                *((step, plans.take_step) for step in plan_store.due(tx.now)),
                *((step, plans.finish_announced) for step in plan_store.announced()),
                *((task, _expire) for task in matter_store.offers_past(tx.now)),
                *((matter, dispatch.send_nearest) for matter in matter_store.unanswered(tx.now)),
            ]

    def _try(self, what: UUID, do: Callable[[Tx, UUID], object]) -> bool:
        now_s = self._clock.monotonic_s()
        if now_s < self._rests_until_s.get(what, 0.0):
            return False
        try:
            with transact(PULSE, self._clock) as tx:
                do(tx, what)
        except JiedaoError as refusal:
            # Nobody free, or answered between the look and the lock: both are everyday.
            log.get().info("waits", what=str(what), why=refusal.code)
        except DatabaseError:
            raise
        except Exception:
            log.get().exception("a due thing failed", what=str(what))
        else:
            self._rests_until_s.pop(what, None)
            return True
        self._rests_until_s[what] = now_s + REST_S
        return False


def _expire(tx: Tx, task: UUID) -> None:
    matters.move_task(tx, task, "task.expired")
