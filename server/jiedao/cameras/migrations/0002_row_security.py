# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure, within_path

# A camera's health and openings are seen by whoever may see the camera.
SEEN = """exists (select 1 from cameras_camera c where c.id = camera_id)"""


class Migration(migrations.Migration):
    dependencies = [("cameras", "0001_initial")]
    operations = [
        secure(
            "cameras_camera",
            Rule(WEB, "select insert update", within_path()),
            Rule(SYSTEM, "select insert update"),
        ),
        secure("cameras_lease", Rule(SYSTEM, "select insert update")),
        secure("cameras_health", Rule(WEB, "select", SEEN), Rule(SYSTEM, "select insert update")),
        secure(
            "cameras_opening",
            Rule(WEB, "select insert", SEEN),
            Rule(SYSTEM, "select"),
        ),
    ]
