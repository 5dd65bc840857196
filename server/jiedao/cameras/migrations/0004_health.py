# SPDX-License-Identifier: Apache-2.0

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cameras", "0003_clips_asked")]

    operations = [
        migrations.AddField("camera", "view_since", models.DateTimeField(null=True)),
        migrations.AddField("camerahealth", "clock_skew_s", models.FloatField(default=0.0)),
    ]
