# SPDX-License-Identifier: Apache-2.0
"""Records and acts are written in the name of who acts; hashes of requests are keyed."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils.crypto import salted_hmac

from jiedao.base.rowsecurity import IN_OWN_NAME, SYSTEM, WEB

OWN = f"""
drop policy trace_record_1_insert on trace_record;
drop policy trace_record_2_insert on trace_record;
create policy trace_record_own on trace_record for insert to {WEB}, {SYSTEM}
    with check ({IN_OWN_NAME});
drop policy trace_act_0_insert on trace_act;
drop policy trace_act_0_update on trace_act;
drop policy trace_act_1_insert on trace_act;
drop policy trace_act_1_update on trace_act;
create policy trace_act_own_insert on trace_act for insert to {WEB}, {SYSTEM}
    with check ({IN_OWN_NAME});
create policy trace_act_own_update on trace_act for update to {WEB}, {SYSTEM}
    using ({IN_OWN_NAME}) with check ({IN_OWN_NAME});
"""


def keyed(digest: bytes) -> bytes:
    return salted_hmac("jiedao.trace.act", digest, algorithm="sha256").digest()


def key_hashes(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Key what was kept without one, so that a repeated act is still known."""
    with editor.connection.cursor() as cursor:
        # Forced row security hides the rows from the owner too.
        cursor.execute("alter table trace_act no force row level security")
        cursor.execute("select id, request_hash from trace_act")
        rows = [(keyed(bytes(digest)), act) for act, digest in cursor.fetchall()]
        cursor.executemany("update trace_act set request_hash = %s where id = %s", rows)
        cursor.execute("alter table trace_act force row level security")


class Migration(migrations.Migration):
    dependencies = [("trace", "0003_private_with_its_record")]
    operations = [
        migrations.RunSQL(OWN, migrations.RunSQL.noop),
        migrations.RunPython(key_hashes, migrations.RunPython.noop),
    ]
