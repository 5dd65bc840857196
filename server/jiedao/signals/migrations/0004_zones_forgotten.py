# SPDX-License-Identifier: Apache-2.0
"""Media may forget zones that a camera does not have any more."""

from django.db import migrations

from jiedao.base.rowsecurity import ACTS, SYSTEM

FORGET = f"""
grant delete on signals_zone_presence to {SYSTEM};
create policy signals_zone_presence_forgotten on signals_zone_presence for delete to {SYSTEM}
    using ({ACTS});
"""


class Migration(migrations.Migration):
    dependencies = [("signals", "0003_where_in_the_picture")]
    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop)]
