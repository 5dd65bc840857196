# SPDX-License-Identifier: Apache-2.0
"""What the desk shows of cameras and loudspeakers. Queries only."""

from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

from django.db.models import Count, Q

from jiedao.base.errors import NotFound
from jiedao.base.settings import load_settings
from jiedao.cameras.models import Camera, CameraHealth
from jiedao.desk import answers
from jiedao.desk.loudspeakers import phrases
from jiedao.voice import store as voice
from jiedao.voice.models import Announcement, Loudspeaker

LOUDSPEAKERS_SHOWN = 4
#: A word on a camera older than this is no word.
HEALTH_FRESH = timedelta(seconds=15)


def camera_counts(now: datetime) -> answers.CameraCount:
    """Own cameras in all, and those that are not known to be in trouble.

    A camera that nobody pulls is counted as in order: nobody has found it otherwise.
    """
    total = Camera.objects.filter(registered_only=False).count()
    bad = CameraHealth.objects.filter(state__in=[CameraHealth.STALE, CameraHealth.OFFLINE])
    return {"online": total - bad.count(), "total": total, "asked_at": int(now.timestamp())}


def loudspeaker_counts() -> answers.Count:
    """Loudspeakers in all, and those that are not known to be offline."""
    counts = Loudspeaker.objects.aggregate(
        total=Count("id"), online=Count("id", filter=Q(is_enabled=True) & ~Q(state="offline"))
    )
    return {"online": counts["online"], "total": counts["total"]}


def loudspeakers_near(
    lon: float | None, lat: float | None, now: datetime, own: Collection[str] = ()
) -> list[answers.LoudspeakerHere]:
    """The nearest loudspeakers with the phrases that can be spoken there.

    Args:
        own: codes of the phrases that the matter's own pack brings.
    """
    if lon is None or lat is None:
        return []
    sayable: list[answers.PhraseHere] = [
        {**phrase, "own": phrase["phrase"] in own} for phrase in phrases(now)
    ]
    return [
        {
            "id": horn.id,
            "name": horn.name,
            "distance_m": round(distance),
            "volume": horn.volume,
            "state": cast("answers.HornState", horn.state),
            "lon": horn.lon,
            "lat": horn.lat,
            "phrases": sayable,
        }
        for horn, distance in voice.nearest(lon, lat, LOUDSPEAKERS_SHOWN)
    ]


def announcements_of(matter_id: UUID) -> list[answers.Announcement]:
    """What was said on a matter, and what is being said now."""
    return [
        {
            "id": a.id,
            "loudspeaker": a.loudspeaker_id,
            "name": a.loudspeaker.name,
            "text": a.text,
            "live": a.is_live,
            "state": cast("answers.SpeechState", a.state),
            "failure": a.failure or None,
            "asked_at": a.asked_at,
            "first_packet_at": a.first_packet_at,
            "finished_at": a.finished_at,
            "heard": a.heard_blob,
            "heard_match": a.heard_match,
        }
        for a in voice.of_matter(matter_id)
    ]


def heard_of(matter_id: UUID) -> list[tuple[str, datetime]]:
    """Blobs of what loudspeakers heard of themselves on a matter, with their times."""
    rows = Announcement.objects.filter(matter_id=matter_id, heard_blob__isnull=False)
    return [(str(a.heard_blob), a.finished_at or a.asked_at) for a in rows]


def camera(camera_id: UUID) -> Camera:
    """A camera that the actor may see.

    Raises:
        NotFound: there is none.
    """
    found = find_camera(camera_id)
    if found is None:
        raise NotFound(what="camera / 摄像机")
    return found


def find_camera(camera_id: UUID) -> Camera | None:
    """The same, or None."""
    return Camera.objects.select_related("health").filter(id=camera_id).first()


def camera_out(one: Camera, health: CameraHealth | None, now: datetime) -> answers.Camera:
    """A camera as lists show it; silence of its holder is not taken for health."""
    state, why, since = "idle", "", None
    if health is not None:
        fresh = now - health.at <= HEALTH_FRESH or health.state == CameraHealth.IDLE
        state = health.state if fresh else "unknown"
        why, since = health.code, health.since
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "kind": one.kind,
        "lon": one.lon,
        "lat": one.lat,
        "armed": one.armed,
        "registered_only": one.registered_only,
        "has_stream": bool(one.host) and not one.registered_only,
        "purpose": one.purpose,
        "zones": one.zones,
        "state": cast("answers.CameraState", state),
        "why": why,
        "since": since,
        "demo": one.demo,
    }


def cameras(now: datetime, *, own_only: bool = True) -> list[answers.Camera]:
    """Cameras with their state, armed ones first."""
    rows = Camera.objects.select_related("health").order_by("-armed", "code")
    if own_only:
        rows = rows.filter(registered_only=False)
    return [camera_out(one, getattr(one, "health", None), now) for one in rows]


def still_file(camera_id: UUID) -> Path:
    """Where media keeps the camera's latest still.

    Raises:
        NotFound: there is none yet.
    """
    file = load_settings().data_dir / "run" / "stills" / f"{camera_id}.jpg"
    if not file.is_file():
        raise NotFound(what="still / 画面")
    return file
