# SPDX-License-Identifier: Apache-2.0
"""What was handed over lately is found without reading the whole trail."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trace", "0004_in_own_name")]
    operations = [
        migrations.AddIndex(
            model_name="record",
            index=models.Index(
                condition=models.Q(("verb", "shift.handed_over")),
                fields=["at"],
                name="trace_record_handover",
            ),
        )
    ]
