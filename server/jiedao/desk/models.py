# SPDX-License-Identifier: Apache-2.0
"""How the big screen is set. It has no controls of its own."""

from django.db import models


class Wall(models.Model):
    """The one wall of the room.

    Attributes:
        page: the page that it stays on; empty while pages take turns.
        visitors: guests are in the room: pictures are blurred, names are hidden.
    """

    id = models.IntegerField(primary_key=True, default=1)
    page = models.TextField(default="")
    visitors = models.BooleanField(default=False)

    class Meta:
        db_table = "desk_wall"
