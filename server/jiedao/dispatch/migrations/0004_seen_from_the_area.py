# SPDX-License-Identifier: Apache-2.0
"""Who is on duty, and where, is seen inside one's own area; one's own shift always."""

from django.db import migrations

from jiedao.base.rowsecurity import WEB, within_path

MINE = "party_id::text = current_setting('jiedao.actor', true)"

SEEN = f"""
drop policy dispatch_shift_0_select on dispatch_shift;
drop policy dispatch_shift_0_insert on dispatch_shift;
drop policy dispatch_shift_0_update on dispatch_shift;
create policy dispatch_shift_seen on dispatch_shift for select to {WEB}
    using ({within_path()} or {MINE});
create policy dispatch_shift_begun on dispatch_shift for insert to {WEB} with check ({MINE});
create policy dispatch_shift_changed on dispatch_shift for update to {WEB}
    using ({within_path()} or {MINE});
drop policy signals_position_0_select on signals_position;
create policy signals_position_seen on signals_position for select to {WEB} using (
    exists (select 1 from dispatch_shift s
            where s.party_id = signals_position.party_id and s.checked_out_at is null));
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dispatch", "0003_stream_sees_shifts"),
        ("signals", "0002_row_security"),
    ]
    operations = [migrations.RunSQL(SEEN, migrations.RunSQL.noop)]
