# SPDX-License-Identifier: Apache-2.0
"""What the desk shows before it speaks at several loudspeakers, and while it does. Queries only."""

from collections import Counter
from datetime import datetime
from typing import cast
from uuid import UUID

from jiedao.base.errors import NotFound
from jiedao.base.words import LANGUAGES, say
from jiedao.catalog.store import Catalogue
from jiedao.desk.answers import (
    BroadcastNow,
    Horn,
    HornState,
    Phrase,
    SpeechState,
    Unspoken,
    words,
)
from jiedao.town.calendar import LOCAL, local_day
from jiedao.town.models import Place
from jiedao.voice import store
from jiedao.voice.rules import OVER, Habits, is_quiet


def phrases(now: datetime) -> list[Phrase]:
    """What the packs in force have to say."""
    return [
        {"phrase": code, "key": said.key, "text": said.text, "life_safety": said.life_safety}
        for code, said in Catalogue(local_day(now)).phrases().items()
    ]


def in_use(now: datetime) -> list[Horn]:
    """Those in use, by name, with their community and whether they rest now."""
    local = now.astimezone(LOCAL).time()
    places = Place.objects.filter(kind__in=["community", "village"])
    names = dict(places.values_list("path", "name"))
    return [
        {
            "id": horn.id,
            "name": horn.name,
            "community": _community(names, horn.place_path),
            "state": cast("HornState", horn.state),
            "volume": horn.volume,
            "rests": is_quiet(
                Habits(horn.name, horn.is_enabled, horn.quiet_from, horn.quiet_to), local
            ),
        }
        for horn in sorted(store.in_use(), key=lambda horn: horn.name)
    ]


def batch(batch_id: UUID) -> BroadcastNow:
    """How far words for several loudspeakers have come, and where they came to nothing.

    Raises:
        NotFound: nothing was asked for under this id, or nothing that one may see.
    """
    rows = list(store.of_batch(batch_id))
    if not rows:
        raise NotFound(what="broadcast / 广播")
    states = Counter(row.state for row in rows)
    failed: list[Unspoken] = [
        {
            "name": row.loudspeaker.name,
            "code": row.failure,
            "why": words({language: say(row.failure, language) for language in LANGUAGES}),
        }
        for row in rows
        if row.state == "failed"
    ]
    return {
        "batch": batch_id,
        "number": len(rows),
        "states": cast("dict[SpeechState, int]", dict(states)),
        "over": sum(states[state] for state in OVER) == len(rows),
        "failed": failed,
    }


def _community(names: dict[str, str], path: str) -> str:
    within = [place for place in names if path.startswith(place)]
    return names[max(within, key=len)] if within else ""
