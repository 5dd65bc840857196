# SPDX-License-Identifier: Apache-2.0
"""Which loudspeakers answer, and which exchanges know us, as the voice process finds them."""

from collections.abc import Mapping
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.trace.writing import Fact, record
from jiedao.voice.models import Exchange, Loudspeaker
from jiedao.voice.telling import AUDIENCE


def note_reachable(tx: Tx, online: Mapping[UUID, bool]) -> None:
    """Keep which loudspeakers answer. A change of one leaves a record; no change leaves none."""
    rows = Loudspeaker.objects.filter(id__in=list(online)).select_for_update(no_key=True)
    changed: dict[str, list[Loudspeaker]] = {"online": [], "offline": []}
    for row in rows.order_by("id"):
        state = "online" if online[row.id] else "offline"
        if row.state != state:
            changed[state].append(row)
    for state, some in changed.items():
        ids = [row.id for row in some]
        Loudspeaker.objects.filter(id__in=ids).update(state=state, state_at=tx.now)
        # The first look after the installation is no change that anybody has to be told.
        for row in [row for row in some if row.state != "unknown"]:
            record(
                tx,
                Fact(
                    f"loudspeaker.{state}",
                    "loudspeaker",
                    row.id,
                    payload={"name": row.name},
                    audience=AUDIENCE,
                    place_path=row.place_path,
                ),
            )


def note_registered(tx: Tx, exchange_id: UUID, failure: str) -> None:
    """Keep whether an exchange knows us. A change leaves a record; no change leaves none.

    Args:
        failure: a message code, "" where it does.
    """
    row = Exchange.objects.select_for_update(no_key=True).get(id=exchange_id)
    state = "offline" if failure else "online"
    if (row.state, row.failure) == (state, failure):
        return
    row.state, row.failure, row.state_at = state, failure, tx.now
    row.save(update_fields=["state", "failure", "state_at"])
    facts = {"name": row.name} | ({"code": failure} if failure else {})
    record(tx, Fact(f"exchange.{state}", "exchange", row.id, payload=facts, audience=AUDIENCE))
