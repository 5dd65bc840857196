# SPDX-License-Identifier: Apache-2.0
"""Runs of response plans; every step is a row with a due time that a person can stop."""

from django.db import models
from django.db.models import Q


class Run(models.Model):
    """A plan at work on one matter, at one of its paces."""

    id = models.UUIDField(primary_key=True)
    matter_id = models.UUIDField(unique=True)
    pack_id = models.UUIDField()
    plan = models.TextField()
    pace = models.TextField(default="usual")
    place_path = models.TextField(db_collation="C")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "plans_run"


class Step(models.Model):
    """One step of a run: waiting, done, failed, skipped or stopped."""

    id = models.UUIDField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps")
    step = models.TextField()
    order = models.IntegerField()
    state = models.TextField(default="waiting")
    due_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    attempts = models.IntegerField(default=0)
    result = models.JSONField(default=dict)

    class Meta:
        db_table = "plans_step"
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="plans_step_once")]
        indexes = [
            models.Index(fields=["due_at"], name="plans_step_due", condition=Q(state="waiting"))
        ]


class Drill(models.Model):
    """A rehearsal asked for from the doorway or the command line.

    Under way from being taken up until it is over.
    """

    id = models.UUIDField(primary_key=True)
    kind = models.TextField()
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    matter_id = models.UUIDField(null=True)

    class Meta:
        db_table = "plans_drill"
