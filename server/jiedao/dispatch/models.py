# SPDX-License-Identifier: Apache-2.0
"""Who is on duty."""

from django.db import models
from django.db.models import Q

from jiedao.base.ids import new_id


class Shift(models.Model):
    """A party's time on duty, from checking in to checking out."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    party_id = models.UUIDField()
    place_path = models.TextField(db_collation="C")
    checked_in_at = models.DateTimeField()
    checked_out_at = models.DateTimeField(null=True)
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)

    class Meta:
        db_table = "dispatch_shift"
        constraints = [
            models.UniqueConstraint(
                fields=["party_id"], name="dispatch_one_shift", condition=Q(checked_out_at=None)
            )
        ]
