# SPDX-License-Identifier: Apache-2.0
"""Presence says where in the picture they are and since when it was watched; signals by matter."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0002_row_security")]
    operations = [
        migrations.AddField("zonepresence", "stays", models.JSONField(default=list)),
        migrations.AddField("zonepresence", "since", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "signal",
            models.Index(fields=["matter_id", "taken_at"], name="signals_signal_matter"),
        ),
    ]
