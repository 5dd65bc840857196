# SPDX-License-Identifier: Apache-2.0
"""Every query of recordings: segments, gaps, how long they are kept, holds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Max

from jiedao.base.errors import NotFound
from jiedao.cameras.messages import GapSeen, Recorded
from jiedao.cameras.models import Gap, Hold, Retention, Segment
from jiedao.cameras.recording import LEAST_GAP_S
from jiedao.cameras.relay import KEEP_S

AT_ONCE = 500
"""So many segments go at one look; the next one takes what is left."""

_CLASS = """
update cameras_segment g set kept_as = 'matter', matter_id = s.matter_id
  from signals_signal s
 where g.kept_as = 'continuous' and g.to_at > %(since)s
   and s.source_id = g.camera_id and s.matter_id is not null
   and s.kind not like 'device.%%' and s.captured_at > %(since)s
   and g.from_at < s.captured_at + %(around_s)s * interval '1 second'
   and g.to_at > s.captured_at - %(around_s)s * interval '1 second'
"""
_FREE = """
not exists (select 1 from cameras_hold h where h.camera_id = g.camera_id and h.lifted_at is null
             and h.from_at < g.to_at and h.to_at > g.from_at)
"""
_CEILING = f"""
select g.id, g.file, g.size_bytes, g.to_at from cameras_segment g
  join cameras_retention r on r.kept_as = g.kept_as
 where g.to_at < %(now)s - r.ceiling_days * interval '1 day' and {_FREE}
 order by g.to_at limit %(limit)s
"""  # noqa: S608  # put together from constants
_FLOOR = f"""
select g.id, g.file, g.size_bytes, g.to_at from cameras_segment g
  join cameras_retention r on r.kept_as = g.kept_as
 where g.to_at < %(now)s - r.floor_days * interval '1 day' and {_FREE}
 order by g.to_at limit %(limit)s
"""  # noqa: S608  # put together from constants


@dataclass(frozen=True, slots=True)
class Old:
    """A segment that may go."""

    id: UUID
    file: str
    size_bytes: int
    to_at: datetime


def keep_segment(told: Recorded) -> None:
    """Keep a segment's row; where its recorder began anew, also the gap before it."""
    if Segment.objects.filter(id=told.id).exists():
        return
    if told.first:
        before = _known_until(told.camera, told.from_at)
        if before is not None and told.from_at - before >= timedelta(seconds=LEAST_GAP_S):
            keep_gap(GapSeen(told.camera, told.epoch, before, told.from_at, "recording.stopped"))
    Segment.objects.create(
        id=told.id,
        camera_id=told.camera,
        from_at=told.from_at,
        to_at=told.to_at,
        file=told.file,
        sha256=told.sha256,
        size_bytes=told.size_bytes,
    )


def keep_gap(told: GapSeen) -> None:
    """Keep a gap's row; the same gap told twice is one."""
    Gap.objects.get_or_create(
        camera_id=told.camera,
        from_at=told.from_at,
        defaults={"to_at": told.to_at, "code": told.code},
    )


def _known_until(camera: UUID, before: datetime) -> datetime | None:
    """Until when a camera's recording, with its gaps, is known."""
    ends = [
        rows.filter(camera_id=camera, from_at__lt=before).aggregate(end=Max("to_at"))["end"]
        for rows in (Segment.objects.all(), Gap.objects.all())
    ]
    return max((end for end in ends if end is not None), default=None)


def segments_of(camera: UUID, from_at: datetime, to_at: datetime) -> list[Segment]:
    """The segments that overlap a span, in order."""
    rows = Segment.objects.filter(camera_id=camera, from_at__lt=to_at, to_at__gt=from_at)
    return list(rows.order_by("from_at"))


def gaps_of(camera: UUID, from_at: datetime, to_at: datetime) -> list[Gap]:
    """The gaps that overlap a span, in order."""
    rows = Gap.objects.filter(camera_id=camera, from_at__lt=to_at, to_at__gt=from_at)
    return list(rows.order_by("from_at"))


def holds_of(camera: UUID, from_at: datetime, to_at: datetime) -> list[Hold]:
    """The holds in force that overlap a span."""
    rows = Hold.objects.filter(camera_id=camera, from_at__lt=to_at, to_at__gt=from_at)
    return list(rows.filter(lifted_at=None).order_by("from_at"))


def segment(camera: UUID, segment_id: UUID) -> Segment:
    """A segment of a camera.

    Raises:
        NotFound: there is none, or none that the acting party may see.
    """
    found = Segment.objects.filter(id=segment_id, camera_id=camera).first()
    if found is None:
        raise NotFound(what="recording / 录像")
    return found


def last_known(camera: UUID) -> datetime | None:
    """Until when the camera's recording is known."""
    newest = Segment.objects.filter(camera_id=camera).order_by("-to_at").first()
    return newest.to_at if newest is not None else None


def retention() -> dict[str, tuple[float, float]]:
    """Floor and ceiling of each class, in days."""
    return {r.kept_as: (r.floor_days, r.ceiling_days) for r in Retention.objects.all()}


def class_by_matters(now: datetime) -> None:
    """Give what lies around an alarm of the last hour to its matter."""
    with connection.cursor() as cursor:
        cursor.execute(_CLASS, {"since": now - timedelta(hours=1), "around_s": KEEP_S})


def beyond_ceiling(now: datetime) -> list[Old]:
    """The oldest of what may be kept no longer."""
    return _old(_CEILING, now)


def beyond_floor(now: datetime, most_bytes: int) -> list[Old]:
    """The oldest of what need not be kept any longer, up to so many bytes."""
    found: list[Old] = []
    for one in _old(_FLOOR, now):
        if most_bytes <= 0:
            break
        most_bytes -= one.size_bytes
        found.append(one)
    return found


def _old(query: str, now: datetime) -> list[Old]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"now": now, "limit": AT_ONCE})
        return [Old(*row) for row in cursor.fetchall()]


def forget(old: list[Old]) -> None:
    """Let go of the rows; the files are the caller's."""
    Segment.objects.filter(id__in=[one.id for one in old]).delete()
