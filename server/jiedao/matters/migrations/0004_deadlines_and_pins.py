# SPDX-License-Identifier: Apache-2.0
"""A matter keeps its flow's version, its deadlines, whom it calls for; the card shows them."""

import django.contrib.postgres.fields
from django.db import migrations, models

CARD = """
create or replace function feed_card(wanted uuid) returns jsonb language sql stable as $$
select jsonb_build_object(
    'id', m.id, 'number', m.number, 'item', m.item, 'title', m.title,
    'place', jsonb_build_object('id', p.id, 'name', p.name, 'path', m.place_path,
                                'lon', m.lon, 'lat', m.lat),
    'community', m.community, 'severity', m.severity, 'state', m.state, 'version', m.version,
    'source', m.source, 'opened_at', m.opened_at, 'last_seen_at', m.last_seen_at,
    'due_at', m.due_at, 'respond_by', m.respond_by, 'closed_at', m.closed_at,
    'still', m.still, 'times', m.times, 'camera', m.camera_id, 'zone', m.zone,
    'confirmed', m.confirmed, 'solved', m.solved, 'late', m.late, 'told', m.told,
    'merged_into', m.merged_into, 'demo', m.demo,
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
        ("matters", "0003_seen_by_who_raised_it"),
    ]

    operations = [
        migrations.AddField(
            model_name="matter",
            name="deadlines",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="matter",
            name="escalated_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="matter",
            name="flow_pack_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="matter",
            name="late",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="matter",
            name="next_deadline_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="matter",
            name="solved",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="matter",
            name="told",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(), default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="begun_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(
                condition=models.Q(("next_deadline_at__isnull", False)),
                fields=["next_deadline_at"],
                name="matters_deadlines",
            ),
        ),
        migrations.AddIndex(
            model_name="matter",
            index=models.Index(fields=["merged_into"], name="matters_merged"),
        ),
        migrations.RunSQL(CARD, migrations.RunSQL.noop),
    ]
