# SPDX-License-Identifier: Apache-2.0
"""The table of the platform's processes: what each runs, and under which role."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from jiedao.base.settings import PREFIX, Settings
from jiedao.main.roles import Database
from jiedao.main.supervisor import Spec

WEB, STREAM, SYSTEM, SEAL = "jiedao_web", "jiedao_stream", "jiedao_system", "jiedao_seal"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        module: run as `python -m MODULE`.
        role: under which PostgreSQL role it connects; "" for none at all.
        demo: only with the demo town.
    """

    name: str
    module: str
    role: str
    demo: bool = False
    has_heartbeat: bool = True


TABLE = (
    Row("web", "jiedao.main.web", WEB),
    Row("stream", "jiedao.stream", STREAM),
    Row("pulse", "jiedao.main.pulse", SYSTEM),
    Row("media", "jiedao.cameras", SYSTEM),
    Row("voice", "jiedao.voice", SYSTEM),
    Row("director", "jiedao.main.director", SYSTEM, demo=True),
)


def specs(settings: Settings, database: Database) -> list[Spec]:
    """The processes to keep running under these settings."""
    return [
        Spec(
            row.name,
            [sys.executable, "-m", row.module],
            environment(settings, database, row.role),
            row.has_heartbeat,
        )
        for row in TABLE
        if settings.demo or not row.demo
    ]


def environment(settings: Settings, database: Database, role: str) -> dict[str, str]:
    """A child's whole environment: the machine's own, the settings, one address to the rows.

    The administrator's address never leaves the supervisor.
    """
    given = dict(_as_variables(settings))
    given.pop(PREFIX + "DATABASE_URL", None)
    if role:
        given[PREFIX + "DSN"] = database.dsn_for(role)
    if role == SYSTEM:
        given[PREFIX + "SEAL_DSN"] = database.dsn_for(SEAL)
    return {
        **machine_environment(os.environ),
        **given,
        "DJANGO_SETTINGS_MODULE": "jiedao.main.django_settings",
        "PYTHONUNBUFFERED": "1",
    }


def machine_environment(source: Mapping[str, str]) -> dict[str, str]:
    """What a child needs of the machine: not the platform's settings, not a debugger's."""
    return {key: value for key, value in source.items() if not key.startswith(PREFIX)}


def _as_variables(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in Settings.__struct_fields__:
        value = getattr(settings, name)
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        yield PREFIX + name.upper(), text
