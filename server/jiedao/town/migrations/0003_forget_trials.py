# SPDX-License-Identifier: Apache-2.0
"""The timers forget old wrong passwords, as they forget ended sessions."""

from django.db import migrations

from jiedao.base.rowsecurity import ACTS, SYSTEM

RULE = f"""
grant select, delete on town_sign_in_trial to {SYSTEM};
create policy town_sign_in_trial_forget on town_sign_in_trial to {SYSTEM} using ({ACTS});
"""


class Migration(migrations.Migration):
    dependencies = [("town", "0002_row_security")]
    operations = [migrations.RunSQL(RULE, migrations.RunSQL.noop)]
