# SPDX-License-Identifier: Apache-2.0
"""Queries of observations: zone presence and positions."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.signals.models import ZonePresence


def update_presence(
    tx: Tx, camera: UUID, zone: str, count: int | None, *, blind: bool, at: datetime
) -> None:
    """Keep the latest word on a zone; an older word never replaces a newer one."""
    row, is_new = ZonePresence.objects.get_or_create(
        camera_id=camera, zone=zone, defaults={"count": count, "blind": blind, "at": at}
    )
    if not is_new and row.at <= at:
        ZonePresence.objects.filter(id=row.id).update(count=count, blind=blind, at=at)
    assert tx.actor  # noqa: S101  # row security wants an actor


def words_on_zones(camera: UUID) -> list[Mapping[str, object]]:
    """The latest word on each zone of a camera."""
    rows = ZonePresence.objects.filter(camera_id=camera)
    return [{"zone": r.zone, "count": r.count, "blind": r.blind, "at": r.at} for r in rows]
