# SPDX-License-Identifier: Apache-2.0
"""An announcement may be louder or softer than its loudspeaker usually is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("voice", "0003_talks")]
    operations = [
        migrations.AddField("announcement", "volume", models.SmallIntegerField(null=True)),
    ]
