# SPDX-License-Identifier: Apache-2.0
"""How much was left in the battery of a device when it last said where it is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("signals", "0004_zones_forgotten")]
    operations = [
        migrations.AddField("position", "battery_pct", models.SmallIntegerField(null=True)),
    ]
