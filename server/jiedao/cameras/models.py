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
    recorded = models.BooleanField(default=False, db_default=False)
    # A camera of somebody else: the authority's order that lets us record or analyse it.
    external = models.BooleanField(default=False, db_default=False)
    order_sha256 = models.TextField(default="", db_default="")
    order_on = models.DateField(null=True)
    demo = models.BooleanField(default=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "cameras_camera"
        indexes = [
            models.Index(fields=["place_path"], name="cameras_path"),
            models.Index(fields=["armed"], name="cameras_armed"),
        ]
        constraints = [
            models.CheckConstraint(
                name="cameras_foreign_by_order",
                condition=models.Q(armed=False, recorded=False)
                | (models.Q(external=False) & ~models.Q(kind="天网"))
                | (models.Q(order_on__isnull=False) & ~models.Q(order_sha256="")),
            )
        ]

    @property
    def is_foreign(self) -> bool:
        """Another authority's; police cameras always are."""
        return self.external or self.kind == self.POLICE

    @property
    def may_be_judged(self) -> bool:
        """Whether its pictures may be recorded or looked at by anything but a person."""
        return not self.is_foreign or (bool(self.order_sha256) and self.order_on is not None)


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
    # Of its recording, which span; null for the live picture.
    from_at = models.DateTimeField(null=True)
    to_at = models.DateTimeField(null=True)

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


class Segment(models.Model):
    """Some ten seconds of a camera's recording: one file, copied as it came."""

    CONTINUOUS, MATTER = "continuous", "matter"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="segments")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    file = models.TextField()
    sha256 = models.TextField()
    size_bytes = models.BigIntegerField()
    kept_as = models.TextField(choices=[(k, k) for k in (CONTINUOUS, MATTER)], default=CONTINUOUS)
    matter_id = models.UUIDField(null=True)

    class Meta:
        db_table = "cameras_segment"
        indexes = [
            models.Index(fields=["camera", "from_at"], name="cameras_segment_span"),
            models.Index(fields=["kept_as", "to_at"], name="cameras_segment_age"),
        ]


class Gap(models.Model):
    """A span of a recorded camera without a usable picture, and why."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="gaps")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    code = models.TextField()

    class Meta:
        db_table = "cameras_gap"
        indexes = [models.Index(fields=["camera", "from_at"], name="cameras_gap_span")]


class Retention(models.Model):
    """How long recordings of a class are kept: never less than the floor, never more than the
    ceiling. Data, because town and law decide it."""

    kept_as = models.TextField(primary_key=True)
    floor_days = models.FloatField()
    ceiling_days = models.FloatField()

    class Meta:
        db_table = "cameras_retention"
        constraints = [
            models.CheckConstraint(
                name="cameras_retention_span",
                condition=models.Q(floor_days__gte=0, ceiling_days__gte=models.F("floor_days")),
            )
        ]


class Hold(models.Model):
    """A span that is kept whatever its age, until the hold is lifted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="holds")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    matter_id = models.UUIDField(null=True)
    set_by = models.UUIDField()
    set_at = models.DateTimeField()
    lifted_by = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cameras_hold"
        indexes = [
            models.Index(
                fields=["camera", "from_at"],
                name="cameras_hold_in_force",
                condition=models.Q(lifted_at__isnull=True),
            )
        ]


class Export(models.Model):
    """A span of a recording as one file for somebody outside, asked for and made."""

    ASKED, WORKING, DONE, FAILED = "asked", "working", "done", "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="exports")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    purpose = models.TextField()
    matter_id = models.UUIDField(null=True)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    state = models.TextField(choices=[(k, k) for k in (ASKED, WORKING, DONE, FAILED)])
    claimed_at = models.DateTimeField(null=True)
    code = models.TextField(default="")
    sha256 = models.TextField(default="")
    size_bytes = models.BigIntegerField(default=0)
    masked = models.BooleanField(default=False)
    record_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cameras_export"
        indexes = [
            models.Index(
                fields=["asked_at"],
                name="cameras_export_open",
                condition=models.Q(state__in=["asked", "working"]),
            )
        ]
