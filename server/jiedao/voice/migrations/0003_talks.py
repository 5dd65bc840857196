# SPDX-License-Identifier: Apache-2.0
"""Talks are announcements without text; one at a time at each loudspeaker."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0002_row_security")]
    operations = [
        migrations.AddField("announcement", "is_live", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "announcement",
            models.UniqueConstraint(
                fields=["loudspeaker"],
                name="voice_one_talk_a_loudspeaker",
                condition=models.Q(is_live=True, state__in=["asked", "calling", "playing"]),
            ),
        ),
    ]
