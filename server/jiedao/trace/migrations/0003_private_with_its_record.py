# SPDX-License-Identifier: Apache-2.0
"""Personal text is seen by whoever sees its record, and by nobody else."""

from django.db import migrations

from jiedao.base.rowsecurity import WEB

SEEN = f"""
drop policy trace_record_private_0_select on trace_record_private;
create policy trace_record_private_seen on trace_record_private for select to {WEB}
    using (exists (select 1 from trace_record r where r.id = record_id));
"""


class Migration(migrations.Migration):
    dependencies = [("trace", "0002_row_security")]
    operations = [migrations.RunSQL(SEEN, migrations.RunSQL.noop)]
