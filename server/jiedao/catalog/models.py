# SPDX-License-Identifier: Apache-2.0
"""Packs as they were loaded: dated, versioned, never edited in place."""

from django.db import models

from jiedao.base.ids import new_id


class Pack(models.Model):
    """One version of one pack file: its text, what it was read into, and its hash."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.TextField()
    version = models.IntegerField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.TextField()
    content = models.JSONField()
    sha256 = models.TextField()

    class Meta:
        db_table = "catalog_pack"
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="catalog_pack_version")
        ]
