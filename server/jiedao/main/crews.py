# SPDX-License-Identifier: Apache-2.0
"""Two crews of the demo's staff who have no phone: by day and by night, one relieves the other."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiedao.base.database import Tx
from jiedao.base.ids import new_id
from jiedao.dispatch.models import Shift
from jiedao.enforcement.actions import LAW_ENFORCEMENT
from jiedao.matters.store import busy_parties
from jiedao.town.calendar import LOCAL
from jiedao.town.models import Account, Appointment, Party, Place
from jiedao.trace.writing import Fact, record

DAY_BEGINS_H, DAY_ENDS_H = 8, 20
# They stay off duty this near to the demo's stages, in degrees (about 1.3 km), and so do officers
# everywhere, so that nobody is sent who cannot answer.
STAGE_RADIUS_DEG = 0.0125
STAGES = ("RISK001", "MKT001")


def crew_at(at: datetime) -> int:
    """The crew on duty at a moment: 0 by day, 1 by night."""
    return 0 if DAY_BEGINS_H <= at.astimezone(LOCAL).hour < DAY_ENDS_H else 1


def crew_of(party: UUID) -> int:
    """Who is in which crew never changes."""
    return party.int % 2


def relieve(tx: Tx) -> tuple[int, int]:
    """Check in the crew of the hour and check out the other; returns how many of each.

    Whoever is at work on something stays until it is done. What changes leaves one record.
    """
    crew = crew_at(tx.now)
    on_duty = Shift.objects.filter(checked_out_at=None)
    here = set(on_duty.values_list("party_id", flat=True))
    staff = list(_staff())
    come = [one for one in staff if crew_of(one.id) == crew and one.id not in here]
    busy = busy_parties()
    go = [one.id for one in staff if crew_of(one.id) != crew and one.id in here - busy.keys()]
    Shift.objects.bulk_create(
        Shift(
            id=new_id(),
            party_id=one.id,
            place_path=one.place_path,
            checked_in_at=tx.now,
            lon=one.lon,
            lat=one.lat,
        )
        for one in come
    )
    on_duty.filter(party_id__in=go).update(checked_out_at=tx.now)
    if come or go:
        facts = {"crew": crew, "began": len(come), "ended": len(go)}
        record(tx, Fact("crew.relieved", "town", tx.actor.id, payload=facts))
    return len(come), len(go)


def _staff() -> QuerySet[Party]:
    """Workers of the demo who have no phone and may be on duty."""
    posts = Appointment.objects.filter(party=OuterRef("pk"), role="worker")
    away = Q()
    for lon, lat in _stages():
        reach = STAGE_RADIUS_DEG
        away &= ~Q(lon__range=(lon - reach, lon + reach), lat__range=(lat - reach, lat + reach))
    return (
        Party.objects.filter(away, Exists(posts), demo=True, kind=Party.PERSON)
        .exclude(Exists(posts.filter(certificates__contains=[LAW_ENFORCEMENT])))
        .exclude(Exists(Account.objects.filter(party=OuterRef("pk"))))
    )


def _stages() -> Sequence[tuple[float, float]]:
    rows = Place.objects.filter(code__in=STAGES).exclude(lon=None)
    return [(lon, lat) for lon, lat in rows.values_list("lon", "lat") if lon and lat]
