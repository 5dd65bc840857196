# SPDX-License-Identifier: Apache-2.0
"""School terms: dated rows beside the working days."""

from django.db import migrations, models

import jiedao.base.ids
from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure


class Migration(migrations.Migration):
    dependencies = [("town", "0004_session_standing")]
    operations = [
        migrations.CreateModel(
            name="SchoolTerm",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=jiedao.base.ids.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.TextField()),
                ("place_path", models.TextField(db_collation="C")),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("hours", models.JSONField()),
                ("source", models.TextField()),
            ],
            options={
                "db_table": "town_school_term",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("place_path", "name"), name="town_school_term_once"
                    )
                ],
            },
        ),
        secure("town_school_term", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
    ]
