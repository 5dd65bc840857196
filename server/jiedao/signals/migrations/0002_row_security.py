# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import STREAM, SYSTEM, WEB, Rule, secure, within_path


class Migration(migrations.Migration):
    dependencies = [("signals", "0001_initial")]
    operations = [
        secure(
            "signals_signal",
            Rule(WEB, "select", within_path()),
            Rule(WEB, "insert"),
            Rule(SYSTEM, "select insert update delete"),
        ),
        secure("signals_zone_presence", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
        secure(
            "signals_position",
            Rule(WEB, "select"),
            Rule(SYSTEM, "select insert update"),
            Rule(STREAM, "select insert update", "true"),
        ),
        secure(
            "signals_position_history",
            Rule(SYSTEM, "select insert delete"),
            Rule(STREAM, "insert", "true"),
        ),
        secure(
            "signals_upload",
            Rule(WEB, "select"),
            Rule(SYSTEM, "select"),
            Rule(STREAM, "select insert", "true"),
        ),
    ]
