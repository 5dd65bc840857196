# SPDX-License-Identifier: Apache-2.0
"""The one way into the database: a transaction that says first who acts and how far they see.

Row security reads these settings; a transaction that does not set them sees no rows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db import transaction as django_transaction

from jiedao.base.actor import Actor
from jiedao.base.clock import Clock


@dataclass(slots=True)
class Tx:
    """An open transaction: who acts, and when.

    Attributes:
        actor: in whose name everything in this transaction happens.
        now: the one time of the transaction, aware UTC.
        after_commit: called once the transaction is on disk.
    """

    actor: Actor
    now: datetime
    after_commit: list[Callable[[], None]] = field(default_factory=list)


@contextmanager
def transact(actor: Actor, clock: Clock) -> Iterator[Tx]:
    """Open the one transaction of a request or job, in the actor's name."""
    tx = Tx(actor, clock.now())
    with django_transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('jiedao.actor', %s, true), set_config('jiedao.path', %s, true)",
                [str(actor.id), actor.path],
            )
        yield tx
    for call in tx.after_commit:
        call()
