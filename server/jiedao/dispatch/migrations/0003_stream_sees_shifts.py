# SPDX-License-Identifier: Apache-2.0
"""Stream keeps positions of people on duty only, so it has to see who is."""

from django.db import migrations

from jiedao.base.rowsecurity import STREAM

SEE = [
    f"grant select on dispatch_shift to {STREAM}",
    f"create policy dispatch_shift_stream on dispatch_shift for select to {STREAM} using (true)",
]


class Migration(migrations.Migration):
    dependencies = [("dispatch", "0002_row_security")]
    operations = [migrations.RunSQL("; ".join(SEE), migrations.RunSQL.noop)]
