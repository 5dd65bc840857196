# SPDX-License-Identifier: Apache-2.0
"""A matter is seen from its place, by who works or has worked on it, and by who raised it.

Not any more by who refused it, did not answer, or was withdrawn. Whoever raised a matter that was
merged follows the one that it became a part of. Who sees a matter sees all its tasks: whether
others are still at it decides where a task leads it.
"""

from django.db import migrations

from jiedao.base.rowsecurity import WEB, within_path

ME = "nullif(current_setting('jiedao.actor', true), '')::uuid"

# Runs as the owner, which no process has: a policy may not ask the table that it protects.
MINE = f"""
create policy matters_matter_owner on matters_matter for select to current_user using (true);
create policy matters_task_owner on matters_task for select to current_user using (true);
create function matters_of_mine() returns uuid[] language sql stable security definer
set search_path = public as $$
with recursive mine as (
    select matter_id as id from matters_task
    where party_id = {ME}
      and state in ('offered', 'accepted', 'on_scene', 'done', 'sent_back', 'confirmed')
    union
    select id from matters_matter where source = 'person' and source_id = {ME}
    union
    select m.merged_into from mine join matters_matter m on m.id = mine.id
    where m.merged_into is not null
) select coalesce(array_agg(id), array[]::uuid[]) from mine
$$;
revoke all on function matters_of_mine() from public;
grant execute on function matters_of_mine() to {WEB};
"""


def among_mine(column: str) -> str:
    """A condition that is asked once a query, and only where the place alone does not decide."""
    return f"{column} = any ((select matters_of_mine())::uuid[])"


MATTER = f"{within_path()} or {among_mine('id')}"
TASK = f"{within_path()} or party_id = {ME} or {among_mine('matter_id')}"

POLICIES = f"""
drop policy matters_matter_0_select on matters_matter;
drop policy matters_matter_2_update on matters_matter;
drop policy matters_matter_raised on matters_matter;
create policy matters_matter_seen on matters_matter for select to {WEB} using ({MATTER});
create policy matters_matter_changed on matters_matter for update to {WEB} using ({MATTER});
drop policy matters_task_0_select on matters_task;
drop policy matters_task_2_update on matters_task;
create policy matters_task_seen on matters_task for select to {WEB} using ({TASK});
create policy matters_task_changed on matters_task for update to {WEB} using ({TASK});
drop policy trace_record_of_my_matters on trace_record;
drop policy trace_record_of_raised_matters on trace_record;
create policy trace_record_of_mine on trace_record for select to {WEB}
    using ({among_mine("matter_id")});
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0004_deadlines_and_pins"),
        ("trace", "0003_private_with_its_record"),
    ]
    operations = [
        migrations.RunSQL(MINE, migrations.RunSQL.noop),
        migrations.RunSQL(POLICIES, migrations.RunSQL.noop),
    ]
