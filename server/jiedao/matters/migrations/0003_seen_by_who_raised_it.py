# SPDX-License-Identifier: Apache-2.0
"""Whoever raised a matter sees it and its way, also without seeing the place it lies at."""

from django.db import migrations

from jiedao.base.rowsecurity import WEB

RAISED = "source = 'person' and source_id::text = current_setting('jiedao.actor', true)"
POLICIES = f"""
create policy matters_matter_raised on matters_matter for select to {WEB} using ({RAISED});
create policy trace_record_of_raised_matters on trace_record for select to {WEB} using (
    exists (select 1 from matters_matter m where m.id = trace_record.matter_id and {RAISED}));
"""


class Migration(migrations.Migration):
    dependencies = [("matters", "0002_row_security"), ("trace", "0002_row_security")]
    operations = [migrations.RunSQL(POLICIES, migrations.RunSQL.noop)]
