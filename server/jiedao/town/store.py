# SPDX-License-Identifier: Apache-2.0
"""Queries of places and parties that other domains need."""

from datetime import date
from uuid import UUID

from django.db.models import Q

from jiedao.base.distance import distance_m
from jiedao.base.errors import NotFound
from jiedao.town.models import Appointment, Party, Place

NEAR_DEG = 0.02


def place_at(path: str) -> Place:
    """The place of a path.

    Raises:
        NotFound: there is none.
    """
    place = Place.objects.filter(path=path).first()
    if place is None:
        raise NotFound(what=f"place {path} / 地点")
    return place


def community_of(path: str) -> str:
    """The name of the village or community that a place lies in, or ""."""
    parts = path.strip("/").split("/")
    above = ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
    rows = Place.objects.filter(path__in=above, kind__in=["community", "village"])
    return rows.order_by("-path").values_list("name", flat=True).first() or ""


def names_of(parties: set[UUID]) -> dict[UUID, str]:
    """Names by party id."""
    return dict(Party.objects.filter(id__in=parties).values_list("id", "name"))


def place_of(place_id: UUID) -> Place:
    """A place by id.

    Raises:
        NotFound: there is none.
    """
    place = Place.objects.filter(id=place_id).first()
    if place is None:
        raise NotFound(what="place / 地点")
    return place


def nearest_place(lon: float, lat: float) -> Place:
    """The nearest place that has a position of its own, within about 2 km.

    Raises:
        NotFound: none is so near.
    """
    box = {
        "lon__range": (lon - NEAR_DEG, lon + NEAR_DEG),
        "lat__range": (lat - NEAR_DEG, lat + NEAR_DEG),
    }
    near = Place.objects.filter(**box).values_list("id", "lon", "lat")[:20_000]
    best = min(
        near, key=lambda row: distance_m((lon, lat), (row[1] or 0.0, row[2] or 0.0)), default=None
    )
    if best is None:
        raise NotFound(what=f"place near {lon:.4f}, {lat:.4f} / 附近地点")
    return place_of(best[0])


def certificates_of(party: UUID, day: date) -> frozenset[str]:
    """What a party's appointments of the day rest on."""
    posts = Appointment.objects.filter(party_id=party, valid_from__lte=day)
    posts = posts.filter(Q(valid_to=None) | Q(valid_to__gte=day))
    return frozenset(one for some in posts.values_list("certificates", flat=True) for one in some)
