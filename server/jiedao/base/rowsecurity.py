# SPDX-License-Identifier: Apache-2.0
"""Row security as data: who may do what with the rows of a table, written once per migration.

Every table is owned by the owner role, which no running process has, and has row security
enabled *and forced*. A role without a rule here can do nothing with the table.
"""

from dataclasses import dataclass

from django.db import migrations

WEB, STREAM, SYSTEM, SEAL = "jiedao_web", "jiedao_stream", "jiedao_system", "jiedao_seal"

#: An action has said who acts. Unset means no rows.
ACTS = "nullif(current_setting('jiedao.actor', true), '') is not null"

#: The row says the same of who acts as the transaction does.
IN_OWN_NAME = "actor_id::text = current_setting('jiedao.actor', true)"


def within_path(column: str = "place_path") -> str:
    """The row's place lies in the subtree that the acting party may see."""
    path = "nullif(current_setting('jiedao.path', true), '')"
    return f"({column} >= {path} and {column} < {path} || '~')"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one role may do.

    Attributes:
        role: a database role.
        may: commands, such as "select insert".
        rows: the condition on rows, SQL.
    """

    role: str
    may: str
    rows: str = ACTS


def secure(table: str, *rules: Rule) -> migrations.RunSQL:
    """Force row security on a table and grant exactly what the rules say."""
    statements = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"revoke all on {table} from public",
    ]
    for number, rule in enumerate(rules):
        for command in rule.may.split():
            statements.append(f"grant {command} on {table} to {rule.role}")
            using = "" if command == "insert" else f" using ({rule.rows})"
            check = f" with check ({rule.rows})" if command in ("insert", "update") else ""
            statements.append(
                f"create policy {table}_{number}_{command} on {table}"
                f" for {command} to {rule.role}{using}{check}"
            )
    return migrations.RunSQL([*statements], reverse_sql=migrations.RunSQL.noop)
