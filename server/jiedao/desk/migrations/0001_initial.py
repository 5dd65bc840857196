# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models

from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Wall",
            fields=[
                ("id", models.IntegerField(default=1, primary_key=True, serialize=False)),
                ("page", models.TextField(default="")),
                ("visitors", models.BooleanField(default=False)),
            ],
            options={"db_table": "desk_wall"},
        ),
        secure("desk_wall", Rule(WEB, "select insert update"), Rule(SYSTEM, "select")),
    ]
