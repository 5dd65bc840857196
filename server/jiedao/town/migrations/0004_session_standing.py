# SPDX-License-Identifier: Apache-2.0
"""Stream may ask whether a session goes on, and whether its holder's rights are still the same.

Nobody else's secrets come with it: stream reads the columns that the question needs, no more.
"""

from django.db import migrations, models

from jiedao.base.rowsecurity import STREAM

STANDING = f"""
create function town_standing(wanted text[], at timestamptz)
returns table (session text, standing text) language sql stable as $$
    select s.name, md5(coalesce(string_agg(p.role || ' ' || p.place_path, ',' order by p.id), ''))
    from town_session s
    join town_account a on a.id = s.account_id
    left join town_appointment p on p.party_id = a.party_id
        and p.valid_from <= (at at time zone 'Asia/Shanghai')::date
        and (p.valid_to is null or p.valid_to >= (at at time zone 'Asia/Shanghai')::date)
    where s.name = any(wanted) and s.expires_at > at and a.is_active
    group by s.name
$$;
grant select (name, account_id, expires_at) on town_session to {STREAM};
grant select (id, party_id, is_active) on town_account to {STREAM};
grant select (id, party_id, role, place_path, valid_from, valid_to) on town_appointment to {STREAM};
create policy town_session_standing on town_session for select to {STREAM} using (true);
create policy town_account_standing on town_account for select to {STREAM} using (true);
create policy town_appointment_standing on town_appointment for select to {STREAM} using (true);
"""


class Migration(migrations.Migration):
    dependencies = [("town", "0003_forget_trials")]
    operations = [
        # The name of a session cannot be told from what is kept of it: people sign in again.
        migrations.RunSQL("truncate town_session, town_ticket", migrations.RunSQL.noop),
        migrations.AddField("session", "name", models.TextField(unique=True, default=""), False),
        migrations.AddField("ticket", "session", models.TextField(default=""), False),
        migrations.AddField("ticket", "standing", models.TextField(default=""), False),
        migrations.RunSQL(STANDING, migrations.RunSQL.noop),
    ]
