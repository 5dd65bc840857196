# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure, within_path


class Migration(migrations.Migration):
    dependencies = [("voice", "0001_initial")]
    operations = [
        secure(
            "voice_loudspeaker",
            Rule(WEB, "select", within_path()),
            Rule(SYSTEM, "select insert update"),
        ),
        # Only the voice process may read a loudspeaker's password.
        secure("voice_loudspeaker_login", Rule(SYSTEM, "select insert update delete")),
        secure(
            "voice_announcement",
            Rule(WEB, "select insert update", within_path()),
            Rule(SYSTEM, "select insert update"),
        ),
    ]
