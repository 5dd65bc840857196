# SPDX-License-Identifier: Apache-2.0
"""What the desk shows of a camera's recording: segments, gaps, holds. Queries only."""

from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from jiedao.base.errors import BadInput
from jiedao.base.words import say
from jiedao.cameras import footage
from jiedao.cameras.footage_actions import LONGEST
from jiedao.cameras.models import Camera, CameraHealth
from jiedao.cameras.recording import SEGMENT_S
from jiedao.desk import devices
from jiedao.desk.answers import GapShown, KeptAs, SegmentShown, SpanShown, Words

#: A recording is told in segments; the one that is being written is no gap.
UNDER_WAY = timedelta(seconds=2 * SEGMENT_S + 5)


def span_of(camera_id: UUID, from_at: datetime, to_at: datetime, now: datetime) -> SpanShown:
    """A span of a camera's recording.

    Keys: camera, from, to, recorded (round the clock now); segments (id, from, to, sha256,
    size_bytes, kept_as, matter, held), gaps (from, to or null while it lasts, why, reason in
    words), retention (days, by class).

    Raises:
        NotFound: no such camera, or none that the acting party may see.
        BadInput: no sensible span.
    """
    camera = devices.camera(camera_id)
    if not timedelta(0) < to_at - from_at <= LONGEST:
        raise BadInput(where="from, to", why="最多 24 小时 / at most 24 hours")
    holds = footage.holds_of(camera_id, from_at, to_at)
    segments: list[SegmentShown] = [
        {
            "id": s.id,
            "from": s.from_at,
            "to": s.to_at,
            "sha256": s.sha256,
            "size_bytes": s.size_bytes,
            "kept_as": cast("KeptAs", s.kept_as),
            "matter": s.matter_id,
            "held": any(h.from_at < s.to_at and h.to_at > s.from_at for h in holds),
        }
        for s in footage.segments_of(camera_id, from_at, to_at)
    ]
    gaps = [
        _gap(camera, g.from_at, g.to_at, g.code) for g in footage.gaps_of(camera_id, from_at, to_at)
    ]
    standing = _standing(camera, now)
    if standing is not None and standing["from"] < to_at:
        gaps.append(standing)
    return {
        "camera": camera.id,
        "from": from_at,
        "to": to_at,
        "recorded": camera.recorded,
        "segments": segments,
        "gaps": gaps,
        "retention": footage.retention(),
    }


def _gap(camera: Camera, from_at: datetime, to_at: datetime | None, code: str) -> GapShown:
    facts = {"address": f"{camera.host}:{camera.port}", "name": camera.name, "why": ""}
    reason: Words = {
        "zh-CN": say(code, "zh-CN", **facts),
        "en": say(code, "en", **facts),
    }
    return {"from": from_at, "to": to_at, "why": code, "reason": reason}


def _standing(camera: Camera, now: datetime) -> GapShown | None:
    """The gap that lasts now: nothing was recorded lately, or nothing is any more."""
    last = footage.last_known(camera.id)
    if last is None or now - last < UNDER_WAY:
        return None
    health: CameraHealth | None = getattr(camera, "health", None)
    trouble = health.code if health is not None and camera.recorded else ""
    return _gap(camera, last, None, trouble or "recording.stopped")
