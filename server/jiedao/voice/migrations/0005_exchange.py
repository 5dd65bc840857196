# SPDX-License-Identifier: Apache-2.0
"""Loudspeakers may be called through an exchange, at which we have an account of our own."""

import django.db.models.deletion
from django.db import migrations, models

import jiedao.base.ids
from jiedao.base.rowsecurity import SYSTEM, Rule, secure


class Migration(migrations.Migration):
    dependencies = [("voice", "0004_volume")]
    operations = [
        migrations.CreateModel(
            name="Exchange",
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
                ("code", models.TextField(unique=True)),
                ("name", models.TextField()),
                ("host", models.TextField()),
                ("port", models.IntegerField(default=5060)),
                ("domain", models.TextField(default="")),
                ("account", models.TextField()),
                ("password", models.TextField(default="")),
                ("registers", models.BooleanField(default=True)),
                ("state", models.TextField(default="unknown")),
                ("state_at", models.DateTimeField(null=True)),
                ("failure", models.TextField(default="")),
            ],
            options={"db_table": "voice_exchange"},
        ),
        # It holds a password: no other process has to do with it.
        secure("voice_exchange", Rule(SYSTEM, "select insert update delete")),
        migrations.AddField(
            "loudspeaker",
            "exchange",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="loudspeakers",
                to="voice.exchange",
            ),
        ),
    ]
