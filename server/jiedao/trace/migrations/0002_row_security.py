# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the rows of this domain."""

from django.db import migrations

from jiedao.base.rowsecurity import ACTS, SEAL, STREAM, SYSTEM, WEB, Rule, secure, within_path

#: One's own acts, and what happened at places that one may see.
MINE_OR_NEAR = f"(actor_id::text = current_setting('jiedao.actor', true) or {within_path()})"


class Migration(migrations.Migration):
    dependencies = [("trace", "0001_initial")]
    operations = [
        # Insert-only: no running role can update, delete or truncate a record.
        secure(
            "trace_record",
            Rule(WEB, "select", MINE_OR_NEAR),
            Rule(WEB, "insert", ACTS),
            Rule(SYSTEM, "select insert"),
            Rule(STREAM, "select", "true"),
            Rule(SEAL, "select", "true"),
        ),
        secure(
            "trace_record_private", Rule(WEB, "select insert"), Rule(SYSTEM, "select insert delete")
        ),
        secure(
            "trace_unsealed",
            Rule(WEB, "select insert"),
            Rule(SYSTEM, "select insert"),
            Rule(SEAL, "select delete", "true"),
        ),
        secure(
            "trace_seal",
            Rule(WEB, "select"),
            Rule(SYSTEM, "select"),
            Rule(STREAM, "select", "true"),
            Rule(SEAL, "select insert", "true"),
        ),
        secure(
            "trace_act", Rule(WEB, "select insert update"), Rule(SYSTEM, "select insert update")
        ),
    ]
