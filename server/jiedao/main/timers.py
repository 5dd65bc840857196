# SPDX-License-Identifier: Apache-2.0
"""What is due: plan steps, and offers that nobody answered. Runs in the pulse process."""

from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import transact
from jiedao.dispatch import actions as dispatch
from jiedao.dispatch.errors import NobodyFree
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
    return done + _offer_to_next(clock)


def _offer_to_next(clock: Clock) -> int:
    """Ask the next for each matter whose offer was refused or ran out.

    With nobody free the matter stays as it is, and is tried again at the next sweep.
    """
    pulse = system("pulse")
    with transact(pulse, clock) as tx:
        waiting = matter_store.unanswered(tx.now)
    sent = 0
    for matter in waiting:
        with transact(pulse, clock) as tx:
            try:
                dispatch.send_nearest(tx, matter)
            except NobodyFree:
                continue
        sent += 1
    return sent
