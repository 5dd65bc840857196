# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import STREAM, SYSTEM, WEB, Rule, secure


class Migration(migrations.Migration):
    dependencies = [("town", "0001_initial")]
    operations = [
        secure(
            "town_party",
            Rule(WEB, "select"),
            Rule(SYSTEM, "select insert update"),
            Rule(STREAM, "select", "true"),
        ),
        secure("town_appointment", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
        secure("town_account", Rule(WEB, "select update"), Rule(SYSTEM, "select insert update")),
        secure(
            "town_session", Rule(WEB, "select insert update delete"), Rule(SYSTEM, "select delete")
        ),
        secure("town_sign_in_trial", Rule(WEB, "select insert update delete")),
        secure(
            "town_ticket",
            Rule(WEB, "select insert"),
            Rule(STREAM, "select delete", "true"),
            Rule(SYSTEM, "select delete"),
        ),
        secure(
            "town_place",
            Rule(WEB, "select"),
            Rule(SYSTEM, "select insert update"),
            Rule(STREAM, "select", "true"),
        ),
        secure("town_calendar_day", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
        secure("town_town", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
    ]
