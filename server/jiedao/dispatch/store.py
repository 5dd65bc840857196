# SPDX-License-Identifier: Apache-2.0
"""Queries: who is on duty, where, and what they are doing."""

from datetime import date
from uuid import UUID

from jiedao.dispatch.models import Shift
from jiedao.dispatch.rules import Hand
from jiedao.matters import store as matters
from jiedao.signals.models import Position
from jiedao.town.models import Appointment, Party


def on_duty(day: date) -> list[Hand]:
    """Everyone who is checked in and holds a worker's post on the day."""
    shifts = {shift.party_id: shift for shift in Shift.objects.filter(checked_out_at=None)}
    if not shifts:
        return []
    posts = Appointment.objects.filter(
        party_id__in=shifts, role="worker", valid_from__lte=day
    ).exclude(valid_to__lt=day)
    skills: dict[UUID, set[str]] = {}
    post_names: dict[UUID, str] = {}
    for post in posts:
        post_names[post.party_id] = post.post
        skills.setdefault(post.party_id, set()).update(post.certificates)
    fixes = {fix.party_id: fix for fix in Position.objects.filter(party_id__in=shifts)}
    busy = matters.busy_parties()
    people = Party.objects.filter(id__in=post_names).select_related("unit")
    hands = []
    for person in people:
        fix, shift = fixes.get(person.id), shifts[person.id]
        hands.append(
            Hand(
                party=person.id,
                name=person.name,
                post=post_names[person.id],
                unit=person.unit.name if person.unit else "",
                fix=(fix.lon, fix.lat) if fix else None,
                fix_at=fix.at if fix else None,
                check_in=_pair(shift.lon, shift.lat),
                base=_pair(person.lon, person.lat),
                busy_with=busy[person.id][0] if person.id in busy else None,
                skills=frozenset(skills[person.id]),
                battery_pct=fix.battery_pct if fix else None,
            )
        )
    return hands


def hold_if_free(party: UUID) -> bool:
    """Keep others from sending a party until the transaction ends; False if it cannot go."""
    held = Shift.objects.select_for_update().filter(party_id=party, checked_out_at=None).first()
    # Read after the lock: whoever held it before has made the party busy by now.
    return held is not None and party not in matters.busy_parties()


def _pair(lon: float | None, lat: float | None) -> tuple[float, float] | None:
    return None if lon is None or lat is None else (lon, lat)
