# SPDX-License-Identifier: Apache-2.0
"""Folding every matter from its records again: projections are never the truth."""

from dataclasses import dataclass
from uuid import UUID

from jiedao.base.actor import Actor
from jiedao.base.clock import Clock
from jiedao.base.database import transact
from jiedao.matters import store
from jiedao.matters.rules import fold
from jiedao.trace.writing import Fact, record


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many matters were folded, and which of their rows differed and were mended."""

    matters: int
    mended: tuple[UUID, ...]


def rebuild(actor: Actor, clock: Clock) -> Rebuilt:
    """Compare each matter's rows with the fold of its records; write the fold where they differ."""
    with transact(actor, clock):
        ids = store.all_ids()
    mended = []
    for matter_id in ids:
        with transact(actor, clock) as tx:
            store.find_for_update(matter_id)
            folded = fold(store.history(matter_id))
            if not store.stands(folded):
                store.save(folded)
                facts = {"version": folded.version}
                record(
                    tx,
                    Fact(
                        "matter.mended",
                        "matter",
                        matter_id,
                        payload=facts,
                        place_path=folded.place_path,
                    ),
                )
                mended.append(matter_id)
    return Rebuilt(len(ids), tuple(mended))
