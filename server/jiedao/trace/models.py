# SPDX-License-Identifier: Apache-2.0
"""The trail's tables: append-only, sealed in one order, personal text kept apart."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Record(models.Model):
    """An append-only fact. Holds no personal text, only a salted commitment to it."""

    id = models.UUIDField(primary_key=True)
    verb = models.TextField()
    subject_kind = models.TextField()
    subject_id = models.UUIDField()
    matter_id = models.UUIDField(null=True)
    version = models.IntegerField(null=True)
    task_id = models.UUIDField(null=True)
    actor_id = models.UUIDField()
    screen = models.TextField()
    at = models.DateTimeField()
    device_at = models.DateTimeField(null=True)
    place_path = models.TextField(db_collation="C")
    schema = models.IntegerField(default=1)
    payload = models.JSONField(default=dict)
    commitment = models.BinaryField(null=True)
    audience = ArrayField(models.TextField(), default=list)

    class Meta:
        db_table = "trace_record"
        constraints = [
            models.UniqueConstraint(fields=["matter_id", "version"], name="trace_record_version")
        ]
        indexes = [
            models.Index(fields=["matter_id", "at"], name="trace_record_matter"),
            models.Index(
                fields=["at"], name="trace_record_handover", condition=Q(verb="shift.handed_over")
            ),
        ]


class RecordPrivate(models.Model):
    """The personal text of a record; it can be erased while the chain still verifies."""

    record_id = models.UUIDField(primary_key=True)
    salt = models.BinaryField()
    text = models.TextField()
    keep_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "trace_record_private"


class Unsealed(models.Model):
    """Records that wait for the sequencer, in the order they were written."""

    arrival = models.BigAutoField(primary_key=True)
    record_id = models.UUIDField()

    class Meta:
        db_table = "trace_unsealed"


class Seal(models.Model):
    """A record's gapless position and its link in the chain."""

    position = models.BigIntegerField(primary_key=True)
    record_id = models.UUIDField(unique=True)
    algorithm = models.TextField()
    previous = models.BinaryField()
    hash = models.BinaryField()

    class Meta:
        db_table = "trace_seal"


class Act(models.Model):
    """A write that came from outside, by its client-made id: the same id is the same act.

    Attributes:
        request_hash: keyed, because what was asked may hold personal text.
    """

    id = models.UUIDField(primary_key=True)
    actor_id = models.UUIDField()
    request_hash = models.BinaryField()
    answer = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "trace_act"
