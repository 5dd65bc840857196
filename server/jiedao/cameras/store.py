# SPDX-License-Identifier: Apache-2.0
"""Every query of the camera domain that the media process makes. Leases go by database time."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Q

from jiedao.base.errors import NotFound
from jiedao.cameras.errors import LeaseLost
from jiedao.cameras.messages import Condition, Watch
from jiedao.cameras.models import Camera
from jiedao.cameras.relay import KEEP_S
from jiedao.cameras.seal import unseal

LEASE_S = 10

_TAKE = """
insert into cameras_lease as l (camera_id, holder, epoch, taken_at, until)
select unnest(%s::uuid[]), %s, 1, now(), now() + %s * interval '1 second'
on conflict (camera_id) do update
   set holder = excluded.holder, epoch = l.epoch + 1, taken_at = now(), until = excluded.until
 where l.until < now() or l.holder = excluded.holder
returning camera_id, epoch
"""
_RENEW = """
update cameras_lease l set until = now() + %s * interval '1 second'
  from unnest(%s::uuid[], %s::bigint[]) as mine (camera_id, epoch)
 where l.camera_id = mine.camera_id and l.epoch = mine.epoch and l.holder = %s
returning l.camera_id
"""
_CHECK = "select epoch, taken_at from cameras_lease where camera_id = %s for share"
_HEALTH = """
insert into cameras_health as h
      (camera_id, state, since, code, at, fps, bitrate_kbps, clock_drift_s,
       clock_skew_s, analysed, skipped, dropped, calibrating, blindness)
values (%s, %s, now(), %s, now(), %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (camera_id) do update
   set since = case when h.state = excluded.state and h.code = excluded.code
                    then h.since else excluded.since end,
       state = excluded.state, code = excluded.code, at = excluded.at, fps = excluded.fps,
       bitrate_kbps = excluded.bitrate_kbps, clock_drift_s = excluded.clock_drift_s,
       clock_skew_s = excluded.clock_skew_s, analysed = excluded.analysed,
       skipped = excluded.skipped, dropped = excluded.dropped,
       calibrating = excluded.calibrating, blindness = excluded.blindness
"""
_CLAIM = """
update cameras_clip_asked set taken_at = now()
 where id in (select id from cameras_clip_asked
               where taken_at is null and asked_at > now() - %s * interval '1 second'
               order by asked_at for update skip locked limit 20)
returning camera_id, matter_id
"""


def held_cameras(secret: str) -> dict[UUID, Watch]:
    """What is to be pulled all the time, to be watched or recorded."""
    found = Camera.objects.filter(Q(armed=True) | Q(recorded=True), registered_only=False)
    return {camera.id: _watch(camera, secret) for camera in found.exclude(host="")}


def camera_to_view(camera: UUID, secret: str) -> Watch | None:
    """What is to be pulled because somebody wants to see it; None if it may not be."""
    found = Camera.objects.filter(id=camera, registered_only=False).exclude(host="").first()
    if found is None:
        return None
    # Its rules, if it has any, are its lease holder's business.
    return msgspec.structs.replace(_watch(found, secret), armed=False, recorded=False, zones={})


def _watch(camera: Camera, secret: str) -> Watch:
    return Watch(
        camera=camera.id,
        slot=0,
        host=camera.host,
        port=camera.port,
        path=camera.path,
        login=camera.login,
        password=unseal(camera.password_sealed, secret),
        armed=camera.armed,
        zones=camera.zones if camera.armed else {},
        detector=camera.detector,
        recorded=camera.recorded,
        judged=camera.may_be_judged,
        view_since_s=camera.view_since.timestamp() if camera.view_since else 0.0,
    )


def claim_clips() -> list[tuple[UUID, UUID]]:
    """Clips that were asked for and that nobody has begun: (camera, matter).

    One that was asked longer ago than what is kept of a camera's past is passed over.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [KEEP_S])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def camera_by_id(camera: UUID) -> Camera:
    """The camera, if the acting party may see it.

    Raises:
        NotFound: there is none, or none for this party.
    """
    found = Camera.objects.filter(id=camera).first()
    if found is None:
        raise NotFound(what=f"camera {camera}")
    return found


def take_leases(cameras: Iterable[UUID], holder: str) -> dict[UUID, int]:
    """Take every lease that is free, run out or our own already; each taking has a new epoch.

    Args:
        holder: names this installation's media process and stays the same over its restarts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [list(cameras), holder, LEASE_S])
        return dict(cursor.fetchall())


def renew_leases(held: Mapping[UUID, int], holder: str) -> set[UUID]:
    """Prolong what we hold; what is not returned was lost to another holder."""
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, [LEASE_S, list(held), list(held.values()), holder])
        return {row[0] for row in cursor.fetchall()}


def check_lease(camera: UUID, epoch: int, captured_at: datetime, *, late: bool) -> None:
    """Let an event pass only with the current epoch, and hold the lease row until commit.

    A late one may carry an older epoch if its picture was taken before the present holder began:
    then nobody else can have reported the same.

    Raises:
        LeaseLost: the event comes from a holder that is one no more.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHECK, [camera])
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(camera=camera)
    current, taken_at = row
    if epoch != current and not (late and epoch < current and captured_at <= taken_at):
        raise LeaseLost(camera=camera)


def save_health(conditions: Sequence[Condition]) -> None:
    """Keep the latest word on each camera; ``since`` moves only when state or reason changes."""
    rows = [
        (
            c.camera,
            c.state,
            c.code,
            c.fps,
            c.bitrate_kbps,
            c.drift_s,
            c.skew_s,
            c.analysed,
            c.skipped,
            c.dropped,
            c.calibrating,
            c.blindness,
        )
        for c in conditions
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_HEALTH, rows)
