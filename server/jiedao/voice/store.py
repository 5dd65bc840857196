# SPDX-License-Identifier: Apache-2.0
"""Every query of the voice domain."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jiedao.base.distance import distance_m
from jiedao.base.errors import NotFound
from jiedao.voice.errors import ClaimLost
from jiedao.voice.models import Announcement, Exchange, Loudspeaker, LoudspeakerLogin
from jiedao.voice.rules import OVER, TALK_BEGINS_WITHIN, UNDER_WAY


def loudspeaker(loudspeaker_id: UUID) -> Loudspeaker:
    """A loudspeaker that the actor may see.

    Raises:
        NotFound: there is none.
    """
    row = Loudspeaker.objects.filter(id=loudspeaker_id).first()
    if row is None:
        raise NotFound(what="loudspeaker / 喇叭")
    return row


def loudspeakers(wanted: Sequence[UUID]) -> list[Loudspeaker]:
    """Loudspeakers that the actor may see, in the order that they are named.

    Raises:
        NotFound: one of them is none.
    """
    rows = Loudspeaker.objects.in_bulk(wanted)
    if len(rows) < len(set(wanted)):
        raise NotFound(what="loudspeaker / 喇叭")
    return [rows[loudspeaker] for loudspeaker in wanted]


def nearest(lon: float, lat: float, number: int) -> list[tuple[Loudspeaker, float]]:
    """The loudspeakers in use, nearest first, with their distance in metres."""
    rows = Loudspeaker.objects.filter(is_enabled=True)
    with_distance = [(row, distance_m((lon, lat), (row.lon, row.lat))) for row in rows]
    return sorted(with_distance, key=lambda pair: pair[1])[:number]


def announcement_for_update(announcement_id: UUID) -> Announcement:
    """An announcement under its row lock.

    Raises:
        NotFound: no such announcement, or none that the actor may see.
    """
    rows = Announcement.objects.select_for_update(of=("self",)).select_related("loudspeaker")
    row = rows.filter(id=announcement_id).first()
    if row is None:
        raise NotFound(what="announcement / 喊话")
    return row


def talk_for_update(talk_id: UUID) -> Announcement | None:
    """A talk under its row lock; None if there is none. For the voice process alone."""
    rows = Announcement.objects.select_for_update(of=("self",))
    rows = rows.select_related("loudspeaker__exchange")
    return rows.filter(id=talk_id, is_live=True).first()


def held(announcement_id: UUID, holder: str) -> Announcement:
    """An announcement that this voice process still holds, under its row lock.

    Raises:
        ClaimLost: it ended, or another process has taken it over.
    """
    row = announcement_for_update(announcement_id)
    if row.claimed_by != holder or row.state not in UNDER_WAY:
        raise ClaimLost(announcement=announcement_id)
    return row


def said_at(
    loudspeakers: Sequence[UUID], text: str, since: datetime
) -> Mapping[UUID, list[datetime]]:
    """When the same words were asked for at each loudspeaker."""
    rows = Announcement.objects.filter(
        loudspeaker_id__in=loudspeakers, text=text, asked_at__gte=since
    ).exclude(state="stopped")
    found: dict[UUID, list[datetime]] = {loudspeaker: [] for loudspeaker in loudspeakers}
    for loudspeaker, at in rows.values_list("loudspeaker_id", "asked_at"):
        found[loudspeaker].append(at)
    return found


def claimable(now: datetime, mine: Iterable[UUID], limit: int) -> list[Announcement]:
    """What may be taken now, locked: one per loudspeaker, lives first, then by age.

    A loudspeaker on which a live claim still works is left alone: announcements queue.

    Args:
        mine: what this process is at already, whatever the rows say.
    """
    asked = Q(state="asked")
    free = (
        Q(asked, is_live=False, try_at__lte=now)
        # A talk that nobody has begun, to be ended.
        | Q(asked, is_live=True, asked_at__lt=now - TALK_BEGINS_WITHIN)
        | Q(state__in=UNDER_WAY, claimed_until__lt=now)
    )
    at_work = _at_work(now)
    talked = Announcement.objects.filter(
        asked, is_live=True, asked_at__gte=now - TALK_BEGINS_WITHIN
    )
    mine = list(mine)
    rows = (
        Announcement.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("loudspeaker__exchange")
        .filter(free)
        .exclude(id__in=mine)
        .exclude(loudspeaker_id__in=at_work.values("loudspeaker_id"))
        .exclude(loudspeaker_id__in=talked.values("loudspeaker_id"))
        .exclude(
            loudspeaker_id__in=Announcement.objects.filter(id__in=mine).values("loudspeaker_id")
        )
        .order_by("-is_life_safety", "asked_at", "id")
    )
    first: dict[UUID, Announcement] = {}
    for row in rows[: 4 * limit]:
        first.setdefault(row.loudspeaker_id, row)
    return list(first.values())[:limit]


def in_the_way(rows: QuerySet[Announcement]) -> list[UUID]:
    """Those of the rows whose loudspeaker is wanted more by others.

    A person who speaks goes before anything that can be said later; words that save lives go
    before words that do not. A person who speaks is not interrupted.
    """
    wanted = Announcement.objects.filter(
        state="asked", stop_asked_by=None, loudspeaker=OuterRef("loudspeaker")
    )
    person, urgent = wanted.filter(is_live=True), wanted.filter(is_life_safety=True)
    gives_way = Q(Exists(person)) | Q(Exists(urgent), is_life_safety=False)
    return list(rows.filter(gives_way, is_live=False).values_list("id", flat=True))


def is_at_work(loudspeaker_id: UUID, now: datetime) -> bool:
    """Whether something is being said there."""
    return _at_work(now).filter(loudspeaker_id=loudspeaker_id).exists()


def _at_work(now: datetime) -> QuerySet[Announcement]:
    return Announcement.objects.filter(state__in=UNDER_WAY, claimed_until__gte=now)


def talk_at(loudspeaker_id: UUID) -> Announcement | None:
    """The talk that somebody holds there, or has asked for."""
    rows = Announcement.objects.filter(loudspeaker_id=loudspeaker_id, is_live=True)
    return rows.exclude(state__in=OVER).first()


def of_matter(matter_id: UUID) -> QuerySet[Announcement]:
    """A matter's announcements in the order they were asked for."""
    rows = Announcement.objects.filter(matter_id=matter_id).select_related("loudspeaker")
    return rows.order_by("asked_at", "id")


def of_batch(batch: UUID) -> QuerySet[Announcement]:
    """What was asked for at once, by the loudspeakers' names."""
    rows = Announcement.objects.filter(batch=batch).select_related("loudspeaker")
    return rows.order_by("loudspeaker__name", "id")


def in_use() -> QuerySet[Loudspeaker]:
    """Every loudspeaker that has not been taken out of use."""
    return Loudspeaker.objects.filter(is_enabled=True)


def registering() -> list[Exchange]:
    """The exchanges that have to know where we are."""
    return list(Exchange.objects.filter(registers=True))


def passwords(loudspeakers: Iterable[UUID]) -> dict[UUID, str]:
    """The accounts' passwords, of those that have one."""
    rows = LoudspeakerLogin.objects.filter(loudspeaker_id__in=list(loudspeakers))
    return dict(rows.values_list("loudspeaker_id", "password"))
