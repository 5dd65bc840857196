# SPDX-License-Identifier: Apache-2.0
"""Bringing the tables up to date before the processes start, and knowing when they are.

A start of Django costs a second or two, so what was done last is noted in the database itself, as
the comment on it: the digest of the migrations, and "demo" once the demo town is in. A database
that is dropped or replaced takes its note with it.
"""

import hashlib
import sys
import threading
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg import sql

from jiedao.base.settings import Settings
from jiedao.main.processes import SYSTEM, environment
from jiedao.main.roles import OWNER, Database
from jiedao.main.steps import run_step

PACKAGE = Path(__file__).parent.parent
DEMO = "demo"


def migrate(settings: Settings, database: Database, stop: threading.Event) -> None:
    """Run what is new among the migrations, as the owner; nothing if nothing is new."""
    wanted = migrations_digest()
    noted = note(database)
    if wanted in noted:
        return
    given = {**environment(settings, database, ""), "JIEDAO_DSN": database.dsn_for(OWNER)}
    command = ["django", "migrate", "--no-input", "--skip-checks", "-v", "0"]
    run_step("migrate", [sys.executable, "-m", *command], given, stop)
    set_note(database, wanted, *(word for word in noted if word == DEMO))


def load_demo(settings: Settings, database: Database, stop: threading.Event) -> None:
    """Fill an empty demo town; in a filled one, only say where its devices are today."""
    given = environment(settings, database, SYSTEM)
    run_step("demo", [sys.executable, "-m", "jiedao.main.demo"], given, stop)
    noted = note(database)
    if DEMO not in noted:
        set_note(database, *noted, DEMO)


def demo_is_loaded(database: Database) -> bool:
    """Whether the demo town has been loaded before."""
    return DEMO in note(database)


def migrations_digest() -> str:
    """A name for all migrations as they are now: ours by content, Django's by its version."""
    total = hashlib.sha256(version("django").encode())
    for path in sorted(PACKAGE.glob("*/migrations/*.py")):
        total.update(f"\0{path.relative_to(PACKAGE)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def note(database: Database) -> tuple[str, ...]:
    """The words noted on the database."""
    with psycopg.connect(database.dsn_for(OWNER)) as connection:
        row = connection.execute(
            "select shobj_description(oid, 'pg_database') from pg_database"
            " where datname = current_database()"
        ).fetchone()
    return tuple(str(row[0]).split()) if row is not None and row[0] else ()


def set_note(database: Database, *words: str) -> None:
    with psycopg.connect(database.dsn_for(OWNER)) as connection:
        connection.execute(
            sql.SQL("comment on database {} is {}").format(
                sql.Identifier(database.name), sql.Literal(" ".join(words))
            )
        )
