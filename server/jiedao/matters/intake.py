# SPDX-License-Identifier: Apache-2.0
"""Signals become matters: the one way in for what devices observe."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from jiedao.base.actor import system
from jiedao.base.clock import Clock
from jiedao.base.database import Tx, transact
from jiedao.catalog.store import Catalogue
from jiedao.matters import actions, store
from jiedao.matters.pinned import flow_of
from jiedao.signals.models import Signal
from jiedao.signals.rules import is_same_spot
from jiedao.signals.store import spot_of
from jiedao.town.calendar import local_day
from jiedao.town.store import community_of, place_at

#: The same kind at the same place within this time is one alarm with ×n, not n alarms.
SAME_WITHIN = timedelta(minutes=10)
#: What stays in its spot is seen again only once it was lost from sight, however long that takes.
SAME_SPOT_WITHIN = timedelta(days=1)
SIGNAL_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a device saw.

    Attributes:
        id: made by the observer; the same id twice is one observation.
        kind: such as "fence.crossing".
        captured_at: when the picture was taken; received_at: when it reached the observer.
        late: it waited in a spool while the database was away.
        facts: class, box, count, heading; never who.
    """

    id: UUID
    source: str
    source_id: UUID
    kind: str
    place_path: str
    captured_at: datetime
    received_at: datetime
    zone: str = ""
    still_sha256: str | None = None
    clip_sha256: str | None = None
    epoch: int = 0
    late: bool = False
    demo: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of an observation: the matter it opened or added to, if any."""

    matter: UUID | None
    opened: bool


def take_observation(clock: Clock, seen: Observation, *, screen: str = "media") -> Intake:
    """Take an observation in, in a transaction of its own."""
    with transact(system(screen), clock) as tx:
        return take(tx, seen)


def take(tx: Tx, seen: Observation) -> Intake:
    """Keep the signal; open a matter, or count it on the one that is open, or let it lapse."""
    catalogue = Catalogue(local_day(tx.now))
    item = catalogue.item_for_signal(seen.kind)
    if item is not None:
        store.lock_source(seen.source_id, item, seen.zone)
    signal, is_new = Signal.objects.get_or_create(id=seen.id, defaults=_signal_values(tx, seen))
    if not is_new or item is None:
        return Intake(signal.matter_id, opened=False)
    same = _same(tx, seen, item)
    if same is not None:
        actions.repeat(tx, same, seen.captured_at, seen.still_sha256)
        matter_id = same
    else:
        matter_id = actions.open_matter(tx, catalogue, _report(seen, item)).id
    signal.matter_id = matter_id
    signal.save(update_fields=["matter_id"])
    return Intake(matter_id, opened=same is None)


def _same(tx: Tx, seen: Observation, item: str) -> UUID | None:
    """The open matter that this is once more, if any.

    Of what is keyed by its place, several may be open in one zone: two stalls are two matters, and
    one stall is one however often it was lost from sight.
    """
    spot = seen.facts.get("spot")
    since = tx.now - (SAME_WITHIN if spot is None else SAME_SPOT_WITHIN)
    for matter in store.same_lately(seen.source_id, item, seen.zone, since):
        if matter.state not in flow_of(matter).absorbs:
            continue
        if spot is None or ((was := spot_of(matter.id)) is not None and is_same_spot(was, spot)):
            return matter.id
    return None


def _signal_values(tx: Tx, seen: Observation) -> dict[str, Any]:
    return {
        "source": seen.source,
        "source_id": seen.source_id,
        "kind": seen.kind,
        "zone": seen.zone,
        "place_path": seen.place_path,
        "captured_at": seen.captured_at,
        "received_at": seen.received_at,
        "taken_at": tx.now,
        "expires_at": tx.now + SIGNAL_KEPT,
        "late": seen.late,
        "epoch": seen.epoch,
        "facts": seen.facts,
    }


def _report(seen: Observation, item: str) -> actions.Report:
    place = place_at(seen.place_path)
    return actions.Report(
        item=item,
        source=seen.source,
        source_id=seen.source_id,
        place=place.id,
        place_path=place.path,
        community=community_of(place.path),
        lon=place.lon,
        lat=place.lat,
        seen_at=seen.captured_at,
        camera=seen.source_id if seen.source == "camera" else None,
        zone=seen.zone,
        still=seen.still_sha256,
        clip=seen.clip_sha256,
        demo=seen.demo,
    )
