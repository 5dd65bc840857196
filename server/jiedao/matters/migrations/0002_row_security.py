# SPDX-License-Identifier: Apache-2.0
"""Who may see and change matters, and the card that the feed shows of one."""

from django.db import migrations

from jiedao.base.rowsecurity import ACTS, STREAM, SYSTEM, WEB, Rule, secure, within_path

ME = "current_setting('jiedao.actor', true)"

#: A matter is seen from its place, and by whoever was ever asked to work on it.
SEEN = (
    f"({within_path()} or exists (select 1 from matters_task t"
    f" where t.matter_id = matters_matter.id and t.party_id::text = {ME}))"
)
TASK_SEEN = f"({within_path()} or party_id::text = {ME})"

TRAIL_SEEN = f"""
create policy trace_record_of_my_matters on trace_record for select to {WEB} using (
    exists (select 1 from matters_task t
            where t.matter_id = trace_record.matter_id and t.party_id::text = {ME}))
"""

# What queues and maps show of a matter. Runs with the caller's rights.
CARD = """
create function feed_card(wanted uuid) returns jsonb language sql stable as $$
select jsonb_build_object(
    'id', m.id, 'number', m.number, 'item', m.item, 'title', m.title,
    'place', jsonb_build_object('id', p.id, 'name', p.name, 'path', m.place_path,
                                'lon', m.lon, 'lat', m.lat),
    'community', m.community, 'severity', m.severity, 'state', m.state, 'version', m.version,
    'source', m.source, 'opened_at', m.opened_at, 'last_seen_at', m.last_seen_at,
    'due_at', m.due_at, 'respond_by', m.respond_by, 'closed_at', m.closed_at,
    'still', m.still, 'times', m.times, 'camera', m.camera_id, 'zone', m.zone,
    'confirmed', m.confirmed, 'demo', m.demo,
    'on_way', (select jsonb_build_object('name', w.name, 'party', w.id, 'state', t.state)
               from matters_task t join town_party w on w.id = t.party_id
               where t.matter_id = m.id
                 and t.state in ('offered', 'accepted', 'on_scene', 'done', 'confirmed')
               order by t.offered_at desc limit 1))
from matters_matter m left join town_place p on p.id = m.place_id
where m.id = wanted
$$
"""


class Migration(migrations.Migration):
    dependencies = [
        ("matters", "0001_initial"),
        ("trace", "0002_row_security"),
        ("town", "0002_row_security"),
    ]
    operations = [
        secure(
            "matters_matter",
            Rule(WEB, "select", SEEN),
            Rule(WEB, "insert", ACTS),
            Rule(WEB, "update", SEEN),
            Rule(SYSTEM, "select insert update"),
            Rule(STREAM, "select", "true"),
        ),
        secure(
            "matters_task",
            Rule(WEB, "select", TASK_SEEN),
            Rule(WEB, "insert", ACTS),
            Rule(WEB, "update", TASK_SEEN),
            Rule(SYSTEM, "select insert update"),
            Rule(STREAM, "select", "true"),
        ),
        secure(
            "matters_numbering",
            Rule(WEB, "select insert update"),
            Rule(SYSTEM, "select insert update"),
        ),
        migrations.RunSQL(TRAIL_SEEN, migrations.RunSQL.noop),
        migrations.RunSQL(CARD, migrations.RunSQL.noop),
    ]
