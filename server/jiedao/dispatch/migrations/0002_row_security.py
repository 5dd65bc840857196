# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0001_initial")]
    operations = [
        secure(
            "dispatch_shift",
            Rule(WEB, "select insert update"),
            Rule(SYSTEM, "select insert update"),
        ),
    ]
