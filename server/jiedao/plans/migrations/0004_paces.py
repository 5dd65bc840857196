# SPDX-License-Identifier: Apache-2.0
"""At which pace a plan runs, and when a drill is over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_seen_with_the_matter")]
    operations = [
        migrations.AddField("run", "pace", models.TextField(default="usual")),
        migrations.AddField("drill", "over_at", models.DateTimeField(null=True)),
    ]
