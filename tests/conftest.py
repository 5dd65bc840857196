# SPDX-License-Identifier: Apache-2.0
"""What every test may use: one real PostgreSQL for the whole run."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import django
import psycopg
import pytest
from django.conf import settings as django_settings
from django.db import connection, connections, transaction
from psycopg import sql

from jiedao.base.clock import HandClock
from jiedao.main.postgres import Cluster
from jiedao.main.roles import Database
from tests import cluster as running

if TYPE_CHECKING:
    from tests.world import World

_RUN = pytest.StashKey[running.TestRun]()


# Before collection, because modules with models import only once Django is set up.
os.environ["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
django.setup()
django_settings.ALLOWED_HOSTS.append("testserver")


def pytest_configure(config: pytest.Config) -> None:
    # Only the first process of a run opens it; xdist's workers inherit its address.
    if not running.is_running():
        config.stash[_RUN] = running.TestRun()


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(_RUN, None)
    if run is not None:
        run.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # So that `make quick` can leave them out.
    for item in items:
        if "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture(scope="session")
def postgres() -> tuple[Cluster, Database]:
    """The run's PostgreSQL and the addresses of its roles."""
    return running.cluster_of_this_run()


TEMPLATE = "jiedao_template"
TESTER = "jiedao_tester"


@pytest.fixture(scope="session")
def migrated(postgres: tuple[Cluster, Database]) -> Database:
    """A database with every migration applied, to be cloned; made once a run."""
    _cluster, database = postgres
    with psycopg.connect(database.admin_dsn("postgres"), autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(42)")
        made = admin.execute("select 1 from pg_database where datname = %s", [TEMPLATE]).fetchone()
        if not made:
            admin.execute(
                f"create role {TESTER} login password '{database.password_of('jiedao_web')}'"
            )
            for role in ("jiedao_web", "jiedao_system", "jiedao_stream", "jiedao_seal"):
                admin.execute(f"grant {role} to {TESTER} with inherit false, set true")
            admin.execute(f"create database {TEMPLATE} owner jiedao_owner")
            _migrate(database.dsn_for("jiedao_owner", TEMPLATE))
    return database


@pytest.fixture(scope="session")
def django_ready(migrated: Database, worker_id: str) -> Iterator[None]:
    """This worker's own clone, spoken to as the web role."""
    name = f"jiedao_{worker_id}"
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        # One at a time: a template may have no other user while it is copied.
        admin.execute("select pg_advisory_lock(43)")
        admin.execute(
            sql.SQL("create database {} template {} owner jiedao_owner").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
    dsn = psycopg.conninfo.conninfo_to_dict(migrated.dsn_for("jiedao_web", name))
    connections["default"].settings_dict.update(
        NAME=name, USER=TESTER, PASSWORD=dsn["password"], HOST=dsn["host"], PORT=str(dsn["port"])
    )
    yield
    connections.close_all()


@pytest.fixture
def world(django_ready: None) -> Iterator["World"]:
    """A small town in a transaction that is rolled back after the test."""
    from jiedao.town import door  # noqa: PLC0415  # models want Django set up
    from tests.world import NOON, small_town  # noqa: PLC0415

    clock = HandClock(NOON)
    real, door.clock = door.clock, clock
    try:
        with transaction.atomic():
            connection.cursor().execute("set role jiedao_web")  # undone by the rollback
            yield small_town(clock)
            transaction.set_rollback(True)
    finally:
        door.clock = real


def _migrate(dsn: str) -> None:
    environment = {**os.environ, "JIEDAO_DSN": dsn}
    environment["DJANGO_SETTINGS_MODULE"] = "jiedao.main.django_settings"
    command = [sys.executable, "-m", "django", "migrate", "--no-input", "-v", "0"]
    subprocess.run(command, env=environment, check=True)
