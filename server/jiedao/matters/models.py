# SPDX-License-Identifier: Apache-2.0
"""Projections of matters and tasks, written in the transaction of the record they follow from."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Matter(models.Model):
    """The only thing with a life cycle: item × place × parties."""

    id = models.UUIDField(primary_key=True)
    number = models.TextField(unique=True)
    item = models.TextField()
    title = models.JSONField(default=dict)
    community = models.TextField(default="")
    pack_id = models.UUIDField()
    flow_pack_id = models.UUIDField(null=True)
    state = models.TextField()
    version = models.IntegerField()
    severity = models.IntegerField()
    source = models.TextField()
    source_id = models.UUIDField(null=True)
    camera_id = models.UUIDField(null=True)
    zone = models.TextField(default="")
    place_id = models.UUIDField()
    place_path = models.TextField(db_collation="C")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    respond_by = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    times = models.IntegerField(default=1)
    merged_into = models.UUIDField(null=True)
    rating = models.IntegerField(null=True)
    still = models.TextField(null=True)
    clip = models.TextField(null=True)
    handlers = ArrayField(models.UUIDField(), default=list)
    confirmed = models.BooleanField(default=False)
    parent_id = models.UUIDField(null=True, db_index=True)
    solved = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True)
    deadlines = models.JSONField(default=list)
    # What follows from the state above, kept so that it can be asked for.
    next_deadline_at = models.DateTimeField(null=True)
    late = ArrayField(models.TextField(), default=list)
    told = ArrayField(models.TextField(), default=list)
    demo = models.BooleanField(default=False)

    class Meta:
        db_table = "matters_matter"
        indexes = [
            models.Index(fields=["state", "severity", "opened_at"], name="matters_queue"),
            models.Index(fields=["place_path"], name="matters_path"),
            models.Index(fields=["source_id", "item", "zone"], name="matters_same"),
            models.Index(
                fields=["next_deadline_at"],
                name="matters_deadlines",
                condition=models.Q(next_deadline_at__isnull=False),
            ),
            models.Index(fields=["merged_into"], name="matters_merged"),
        ]


class Task(models.Model):
    """Work asked of one party inside a matter."""

    id = models.UUIDField(primary_key=True)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="tasks")
    kind = models.TextField()
    party_id = models.UUIDField(db_index=True)
    state = models.TextField()
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    blobs = ArrayField(models.TextField(), default=list)
    why = models.JSONField(default=dict)
    place_path = models.TextField(db_collation="C")

    class Meta:
        db_table = "matters_task"
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="matters_task_offers",
                condition=models.Q(state="offered"),
            )
        ]


class Numbering(models.Model):
    """The last matter number given on a day."""

    day = models.DateField(primary_key=True)
    last = models.IntegerField()

    class Meta:
        db_table = "matters_numbering"
