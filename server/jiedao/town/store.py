# SPDX-License-Identifier: Apache-2.0
"""Queries of places and parties that other domains need."""

from uuid import UUID

from jiedao.base.errors import NotFound
from jiedao.town.models import Party, Place


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
