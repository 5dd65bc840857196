# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import SYSTEM, WEB, Rule, secure


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        secure("catalog_pack", Rule(WEB, "select"), Rule(SYSTEM, "select insert update")),
    ]
