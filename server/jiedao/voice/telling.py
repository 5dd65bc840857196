# SPDX-License-Identifier: Apache-2.0
"""How announcements and talks stand in the trail."""

from collections.abc import Mapping
from typing import Any

from jiedao.base.database import Tx
from jiedao.base.ids import MatterId
from jiedao.trace.writing import Fact, record
from jiedao.voice.models import Announcement

AUDIENCE = ("role:operator", "role:duty_lead", "role:verifier")


def end(tx: Tx, row: Announcement, state: str, payload: Mapping[str, Any]) -> None:
    """Nothing more comes of it."""
    row.state, row.finished_at = state, tx.now
    row.claimed_by, row.claimed_until = "", None
    row.save()
    tell(tx, row, state, payload)


def tell(
    tx: Tx,
    row: Announcement,
    what: str,
    payload: Mapping[str, Any],
    private: str | None = None,
) -> None:
    """Record what became of it: `announcement.<what>`, or `talk.<what>` where somebody speaks."""
    record(tx, fact_of(row, what, payload, private))


def fact_of(
    row: Announcement, what: str, payload: Mapping[str, Any], private: str | None = None
) -> Fact:
    """The same, to be recorded."""
    facts = {"loudspeaker": str(row.loudspeaker_id), "name": row.loudspeaker.name, **payload}
    if row.is_live:
        facts["party"] = str(row.asked_by)
    return Fact(
        f"{'talk' if row.is_live else 'announcement'}.{what}",
        "announcement",
        row.id,
        matter=None if row.matter_id is None else MatterId(row.matter_id),
        payload=facts,
        private=private,
        audience=AUDIENCE,
        place_path=row.place_path,
    )
