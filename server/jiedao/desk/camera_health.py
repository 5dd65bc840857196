# SPDX-License-Identifier: Apache-2.0
"""The health page of cameras: how each fares, why, since when, and how much was not judged."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from jiedao.base.words import LANGUAGES, say
from jiedao.cameras.models import Camera, CameraHealth
from jiedao.cameras.troubles import SIGNALS
from jiedao.catalog.store import Catalogue
from jiedao.desk import devices
from jiedao.desk.answers import CameraHealthRow, Words, words
from jiedao.matters.models import Matter
from jiedao.town.calendar import local_day

#: The order of a list that is read from the top.
WORST_FIRST = ("offline", "stale", "unknown", "live", "idle")


def all_cameras(now: datetime) -> list[CameraHealthRow]:
    """Own cameras, the troubled first."""
    open_matters = _fault_matters(now)
    rows = Camera.objects.filter(registered_only=False).select_related("health").order_by("code")
    found = [_health_of(one, now, open_matters) for one in rows]
    return sorted(found, key=lambda row: (not row["why"], WORST_FIRST.index(row["state"])))


def _health_of(one: Camera, now: datetime, open_matters: Mapping[UUID, UUID]) -> CameraHealthRow:
    health: CameraHealth | None = getattr(one, "health", None)
    shown = devices.camera_out(one, health, now)
    return {
        "camera": one.id,
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "place_path": one.place_path,
        "armed": one.armed,
        "state": shown["state"],
        "since": shown["since"],
        "why": shown["why"],
        "reason": _in_words(shown["why"], one),
        "matter": open_matters.get(one.id),
        "fps": health.fps if health else 0.0,
        "bitrate_kbps": health.bitrate_kbps if health else 0.0,
        "clock_drift_s": health.clock_drift_s if health else 0.0,
        "clock_skew_s": health.clock_skew_s if health else 0.0,
        "analysed": health.analysed if health else 0,
        "calibrating": health.calibrating if health else 0,
        "skipped": health.skipped if health else 0,
        "dropped": health.dropped if health else 0,
        "blindness": health.blindness if health and one.armed else None,
        "at": health.at if health else None,
    }


def _in_words(code: str, one: Camera) -> Words | None:
    if not code:
        return None
    facts = {"address": f"{one.host}:{one.port}", "name": one.name, "why": ""}
    return words({language: say(code, language, **facts) for language in LANGUAGES})


def _fault_matters(now: datetime) -> dict[UUID, UUID]:
    """The open matter of each camera's fault; the newest where there are several."""
    catalogue = Catalogue(local_day(now))
    items = {item for kind in SIGNALS.values() if (item := catalogue.item_for_signal(kind))}
    flows = {catalogue.item(item)[0].flow for item in items}
    states = {state for code in flows for state in catalogue.flow(code)[0].open_states}
    rows = Matter.objects.filter(item__in=items, state__in=states).order_by("opened_at")
    return {source: matter for source, matter in rows.values_list("source_id", "id") if source}
