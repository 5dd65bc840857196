# SPDX-License-Identifier: Apache-2.0
"""What is due: plan steps, offers and deadlines that ran out, matters nobody is at. In pulse."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from jiedao.base import log
from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.base.errors import JiedaoError
from jiedao.dispatch import actions as dispatch
from jiedao.matters import actions as matters
from jiedao.plans import actions as plans
from jiedao.plans.rules import SPEAK_WITHIN
from jiedao.signals.store import forget_lapsed_signals, forget_old_positions
from jiedao.town.sessions import forget_ended_sessions

#: One due thing may make another due; a sweep follows such a chain this far.
ROUNDS = 20
#: What failed rests, so that it neither blocks the others nor is tried twenty times a second.
REST_S = 5.0
#: So many due things of a kind are found by one look.
AT_ONCE = 50
FORGET_EVERY_S = 600.0
FORGET = (forget_old_positions, forget_lapsed_signals, forget_ended_sessions)
PULSE = system("pulse")


#: Matters whose last offer came to nothing longer ago than this are left to people.
LATELY = timedelta(hours=1)

# One question over several domains, because it is asked twenty times a second.
DUE = """
(select 'step', id from plans_step where state = 'waiting' and due_at <= %(now)s
 order by due_at, "order" limit %(limit)s)
union all
(select 'announced', s.id from plans_step s
 join voice_announcement a on a.id = (s.result->>'announcement')::uuid
 where s.state = 'running'
 and (a.state in ('played', 'failed', 'stopped') or s.due_at <= %(overdue)s)
 limit %(limit)s)
union all
(select 'offer', id from matters_task where state = 'offered' and expires_at <= %(now)s
 order by expires_at limit %(limit)s)
union all
(select 'unanswered', m.id from matters_matter m cross join lateral (
   select t.state, t.ended_at from matters_task t where t.matter_id = m.id
   order by t.offered_at desc, t.id desc limit 1) last
 where m.state in ('reported', 'filed', 'dispatched', 'on_way')
 and last.state in ('refused', 'expired') and last.ended_at > %(lately)s
 and not exists (select 1 from matters_task t where t.matter_id = m.id
                 and t.state in ('offered', 'accepted', 'on_scene', 'done'))
 order by m.severity, m.opened_at limit %(limit)s)
union all
(select 'deadline', id from matters_matter where next_deadline_at <= %(now)s
 order by next_deadline_at limit %(limit)s)
"""


#: A due thing: its kind and its id. One matter may be due for several.
Due = tuple[str, UUID]


class Timers:
    """Does what is due, each thing in a transaction of its own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rests_until_s: dict[Due, float] = {}
        self._forget_at_s = float("-inf")

    def sweep(self) -> int:
        """Do everything that is due now; returns how many things were done."""
        done = 0
        for _round in range(ROUNDS):
            did = sum(self._try(due) for due in self._due())
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
            resting = {due: until for due, until in self._rests_until_s.items() if until > now_s}
            self._rests_until_s = resting
            for forget in FORGET:
                with transact(PULSE, self._clock) as tx:
                    forget(tx)

    def _due(self) -> list[Due]:
        with transact(PULSE, self._clock) as tx, connection.cursor() as cursor:
            times = {"lately": tx.now - LATELY, "overdue": tx.now - SPEAK_WITHIN}
            # What rests is found again by every look, and must not fill it.
            limit = AT_ONCE + len(self._rests_until_s)
            cursor.execute(DUE, {"now": tx.now, "limit": limit, **times})
            return [(kind, what) for kind, what in cursor.fetchall()]

    def _try(self, due: Due) -> bool:
        kind, what = due
        now_s = self._clock.monotonic_s()
        if now_s < self._rests_until_s.get(due, 0.0):
            return False
        try:
            with transact(PULSE, self._clock) as tx:
                _DO[kind](tx, what)
        except JiedaoError as refusal:
            # Nobody free, or answered between the look and the lock: both are everyday.
            log.get().info("waits", what=str(what), why=refusal.code)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.get().exception("a due thing failed", what=str(what))
        else:
            self._rests_until_s.pop(due, None)
            return True
        self._rests_until_s[due] = now_s + REST_S
        return False


def _expire(tx: Tx, task: UUID) -> None:
    matters.move_task(tx, task, "task.expired")


_DO: dict[str, Callable[[Tx, UUID], object]] = {
    "step": plans.take_step,
    "announced": plans.finish_announced,
    "offer": _expire,
    "unanswered": dispatch.send_next,
    "deadline": matters.tell_overdue,
}
