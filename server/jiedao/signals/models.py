# SPDX-License-Identifier: Apache-2.0
"""Raw observations with an expiry; position fixes in tables of their own."""

from django.db import models


class Signal(models.Model):
    """What a device or person observed. Becomes a matter, adds to one, or lapses."""

    id = models.UUIDField(primary_key=True)
    source = models.TextField()
    source_id = models.UUIDField()
    kind = models.TextField()
    zone = models.TextField(default="")
    place_path = models.TextField(db_collation="C")
    captured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    late = models.BooleanField(default=False)
    epoch = models.IntegerField(default=0)
    facts = models.JSONField(default=dict)
    matter_id = models.UUIDField(null=True)

    class Meta:
        db_table = "signals_signal"
        indexes = [
            models.Index(fields=["expires_at"], name="signals_signal_expiry"),
            models.Index(fields=["matter_id", "taken_at"], name="signals_signal_matter"),
        ]


class ZonePresence(models.Model):
    """The latest word on how many are in a zone; older than 3 s, or blind, means not known.

    ``stays`` is where in the picture they are, and whatever else is seen that may hide them: a
    box each, left, top, right, bottom, 0..1.
    ``since`` is from when on the zone has been watched without a gap.
    """

    id = models.BigAutoField(primary_key=True)
    camera_id = models.UUIDField()
    zone = models.TextField()
    count = models.IntegerField(null=True)
    stays = models.JSONField(default=list)
    blind = models.BooleanField(default=False)
    since = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "signals_zone_presence"
        constraints = [
            models.UniqueConstraint(fields=["camera_id", "zone"], name="signals_presence_zone")
        ]


class Position(models.Model):
    """The latest fix of a party's device, WGS-84, and what was left in its battery then."""

    party_id = models.UUIDField(primary_key=True)
    lon = models.FloatField()
    lat = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    battery_pct = models.SmallIntegerField(null=True)

    class Meta:
        db_table = "signals_position"


class PositionHistory(models.Model):
    """Fixes as they came; kept 30 days."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.UUIDField()
    lon = models.FloatField()
    lat = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        db_table = "signals_position_history"
        indexes = [models.Index(fields=["party_id", "at"], name="signals_track")]


class Upload(models.Model):
    """A file that came in through the one intake door and by whom."""

    id = models.UUIDField(primary_key=True)
    sha256 = models.TextField(db_index=True)
    size_bytes = models.BigIntegerField()
    media_type = models.TextField()
    party_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        db_table = "signals_upload"
