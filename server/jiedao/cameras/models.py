# SPDX-License-Identifier: Apache-2.0
"""The registry of cameras, who holds each now, how each fares, and who opened it for what."""

from django.db import models

from jiedao.base.ids import new_id
from jiedao.town.models import Place


class Camera(models.Model):
    """One camera. Positions are WGS-84; the address is kept in parts, never as a URL."""

    HIGH, GROUND, THERMAL = "高空鹰眼", "地面鹰眼", "热成像"
    POLICE, DRONE, BOAT = "天网", "无人机", "无人艇"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField(choices=[(k, k) for k in (HIGH, GROUND, THERMAL, POLICE, DRONE, BOAT)])
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="cameras")
    place_path = models.TextField(db_collation="C", default="/")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    height_m = models.FloatField(null=True)
    # Public video rules ask for these three of every camera: why, which sign, what is left out.
    purpose = models.TextField(default="")
    sign = models.TextField(default="")
    masks = models.JSONField(default=list)
    host = models.TextField(default="")
    port = models.IntegerField(default=554)
    path = models.TextField(default="/")
    login = models.TextField(default="")
    password_sealed = models.TextField(default="")
    armed = models.BooleanField(default=False)
    zones = models.JSONField(default=dict)
    detector = models.TextField(default="motion")
    registered_only = models.BooleanField(default=False)
    # What it looked at before is no longer what it is meant to look at.
    view_since = models.DateTimeField(null=True)
    demo = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "cameras_camera"
        indexes = [
            models.Index(fields=["place_path"], name="cameras_path"),
            models.Index(fields=["armed"], name="cameras_armed"),
        ]


class Lease(models.Model):
    """Who watches a camera now. Time is the database's; an event of an older epoch is refused."""

    camera = models.OneToOneField(Camera, on_delete=models.CASCADE, primary_key=True)
    holder = models.TextField()
    epoch = models.BigIntegerField()
    taken_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "cameras_lease"


class CameraHealth(models.Model):
    """How a camera fares, by the last word of its holder.

    A camera that is neither armed nor viewed is ``idle``: nobody pulls it, so nobody knows.
    """

    LIVE, STALE, OFFLINE, IDLE = "live", "stale", "offline", "idle"

    camera = models.OneToOneField(
        Camera, on_delete=models.CASCADE, primary_key=True, related_name="health"
    )
    state = models.TextField(choices=[(k, k) for k in (LIVE, STALE, OFFLINE, IDLE)])
    since = models.DateTimeField()
    code = models.TextField(default="")
    at = models.DateTimeField()
    fps = models.FloatField(default=0.0)
    bitrate_kbps = models.FloatField(default=0.0)
    clock_drift_s = models.FloatField(default=0.0)
    clock_skew_s = models.FloatField(default=0.0)
    analysed = models.BigIntegerField(default=0)
    skipped = models.BigIntegerField(default=0)
    dropped = models.BigIntegerField(default=0)
    calibrating = models.BigIntegerField(default=0)
    blindness = models.FloatField(default=0.0)

    class Meta:
        db_table = "cameras_health"


class CameraOpening(models.Model):
    """Who opened a camera for which purpose; matched against matters in the weekly review."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="openings")
    party_id = models.UUIDField()
    purpose = models.TextField()
    matter_id = models.UUIDField(null=True)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        db_table = "cameras_opening"
        indexes = [models.Index(fields=["camera", "opened_at"], name="cameras_opened")]


class ClipAsked(models.Model):
    """The last half minute and the next of a camera, asked for a matter that a person raised."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.CASCADE, related_name="+")
    matter_id = models.UUIDField()
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cameras_clip_asked"
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="cameras_clip_waiting",
                condition=models.Q(taken_at__isnull=True),
            )
        ]
