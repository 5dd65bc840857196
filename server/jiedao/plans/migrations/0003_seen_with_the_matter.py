# SPDX-License-Identifier: Apache-2.0
"""A plan at work and its steps are seen by whoever sees the matter."""

from django.db import migrations

from jiedao.base.rowsecurity import WEB

SEEN = f"""
drop policy plans_run_0_select on plans_run;
drop policy plans_run_0_update on plans_run;
drop policy plans_step_0_select on plans_step;
drop policy plans_step_0_update on plans_step;
create policy plans_run_seen on plans_run for select to {WEB}
    using (exists (select 1 from matters_matter m where m.id = matter_id));
create policy plans_run_changed on plans_run for update to {WEB}
    using (exists (select 1 from matters_matter m where m.id = matter_id));
create policy plans_step_seen on plans_step for select to {WEB}
    using (exists (select 1 from plans_run r where r.id = run_id));
create policy plans_step_changed on plans_step for update to {WEB}
    using (exists (select 1 from plans_run r where r.id = run_id));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0002_row_security"),
        ("matters", "0003_seen_by_who_raised_it"),
    ]
    operations = [migrations.RunSQL(SEEN, migrations.RunSQL.noop)]
