# SPDX-License-Identifier: Apache-2.0
"""What is due: plan steps, and offers that nobody answered. Runs in the pulse process."""

from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import transact
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.matters.errors import WrongTaskState
from jiedao.plans import actions as plans

AT_ONCE = 100


def sweep(clock: Clock) -> int:
    """Do what is due, each thing in a transaction of its own; returns how many were done."""
    done = 0
    pulse = system("pulse")
    while done < AT_ONCE:
        with transact(pulse, clock) as tx:
            if not plans.take_due_step(tx):
                break
        done += 1
    with transact(pulse, clock) as tx:
        done += plans.look_after_running(tx)
    with transact(pulse, clock) as tx:
        stale = matter_store.offers_past(tx.now)
    for task in stale:
        with transact(pulse, clock) as tx:
            try:
                matters.move_task(tx, task, "task.expired")
            except WrongTaskState:
                continue  # answered between the look and the lock
        done += 1
    return done
