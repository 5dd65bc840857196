# SPDX-License-Identifier: Apache-2.0
"""Queries of observations: zone presence and positions."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.signals.models import PositionHistory, Signal, ZonePresence

#: A place in a camera's picture; see ``signals.rules``.
Spot = Sequence[float]

POSITIONS_KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 10_000


def update_presence(
    tx: Tx,
    camera: UUID,
    zone: str,
    count: int | None,
    *,
    blind: bool,
    at: datetime,
    stays: Sequence[Spot] = (),
    since: datetime | None = None,
) -> None:
    """Keep the latest word on a zone; an older word never replaces a newer one.

    Args:
        stays: where those are who are in it, and what else is seen.
        since: from when on it has been watched without a gap; None if nobody says.
    """
    word = {
        "count": count,
        "stays": [list(box) for box in stays],
        "blind": blind,
        "since": since,
        "at": at,
    }
    row, is_new = ZonePresence.objects.get_or_create(camera_id=camera, zone=zone, defaults=word)
    if not is_new and row.at <= at:
        ZonePresence.objects.filter(id=row.id).update(**word)
    assert tx.actor  # noqa: S101  # row security wants an actor


def forget_other_zones(tx: Tx, camera: UUID, zones: Collection[str], *, at: datetime) -> None:
    """Forget what was said, up to this time, of zones that are no longer among a camera's."""
    assert tx.actor  # noqa: S101  # row security wants an actor
    gone = ZonePresence.objects.filter(camera_id=camera, at__lte=at).exclude(zone__in=zones)
    gone.delete()


def forget_old_positions(tx: Tx) -> int:
    """Forget some of the positions that have been kept for long enough; returns how many."""
    old = PositionHistory.objects.filter(received_at__lt=tx.now - POSITIONS_KEPT)
    some = old.order_by("id").values_list("id", flat=True)[:FORGOTTEN_AT_ONCE]
    forgotten, _by_table = PositionHistory.objects.filter(id__in=list(some)).delete()
    return forgotten


def forget_lapsed_signals(tx: Tx) -> int:
    """Forget some of the signals that have lapsed; returns how many."""
    old = Signal.objects.filter(expires_at__lt=tx.now).order_by("expires_at")
    some = list(old.values_list("id", flat=True)[:FORGOTTEN_AT_ONCE])
    forgotten, _by_table = Signal.objects.filter(id__in=some).delete()
    return forgotten


def words_on_zones(camera: UUID) -> list[Mapping[str, object]]:
    """The latest word on each zone of a camera."""
    rows = ZonePresence.objects.filter(camera_id=camera)
    return list(rows.values("zone", "count", "stays", "blind", "since", "at"))


def spot_of(matter: UUID) -> list[float] | None:
    """Where in the picture that stands which a matter is about; None if it is about no place."""
    seen = Signal.objects.filter(matter_id=matter, facts__has_key="spot").order_by("taken_at")
    facts = seen.values_list("facts", flat=True).first()
    return None if facts is None else list(facts["spot"])
