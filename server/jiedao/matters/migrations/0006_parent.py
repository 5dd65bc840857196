# SPDX-License-Identifier: Apache-2.0
"""A matter may come of another one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("matters", "0005_seen_by_who_works_on_it")]
    operations = [
        migrations.AddField("matter", "parent_id", models.UUIDField(null=True, db_index=True)),
    ]
