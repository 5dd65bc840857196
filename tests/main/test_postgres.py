# SPDX-License-Identifier: Apache-2.0
"""Our own supervisor of PostgreSQL keeps every accepted row and refuses unsafe starts."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from jiedao.base.settings import Settings
from jiedao.main import postgres as pg
from jiedao.main import roles
from jiedao.main.folders import (
    FolderUnreachable,
    fresh_data_dir,
    prepare_data_dir,
    service_user,
    short_socket_folder,
)
from jiedao.main.roles import (
    ROLES,
    AdministratorLacks,
    Database,
    DatabaseAway,
    check_server,
    external,
    make_roles,
)
from jiedao.main.standing import standing_database

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def cluster() -> Iterator[pg.Cluster]:
    """A cluster of our own, because these tests kill it."""
    folder = fresh_data_dir("jiedao-pg-")
    yield pg.prepare_cluster(folder)
    pg.end_orphans(folder / "pgdata")
    shutil.rmtree(folder)


def until(holds: Callable[[], object], within_s: float = 10.0) -> None:
    """Wait for something that the server does."""
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, "did not happen in time"
        time.sleep(0.02)


def rows_of(cluster: pg.Cluster) -> list[int]:
    with psycopg.connect(cluster.admin_dsn()) as connection:
        return [row[0] for row in connection.execute("select n from kept order by n")]


def test_a_killed_postmaster_comes_back_with_every_accepted_row(cluster: pg.Cluster) -> None:
    master = pg.start(cluster)
    with psycopg.connect(cluster.admin_dsn()) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept select generate_series(1, 50)")
    os.kill(master.pid, signal.SIGKILL)
    master.wait()

    again = pg.start(cluster)

    assert rows_of(cluster) == list(range(1, 51))
    again.end()
    assert pg.processes_of(cluster.pgdata) == []


def test_a_postmaster_that_lost_its_supervisor_ends_by_itself(cluster: pg.Cluster) -> None:
    master = pg.start(cluster)
    master.let_go()
    assert master.wait() == 0


def test_a_running_postmaster_left_behind_is_ended_before_the_next_start(
    cluster: pg.Cluster,
) -> None:
    left_behind = pg.start(cluster)
    again = pg.start(cluster)
    assert left_behind.wait() == 0
    assert not again.has_ended
    again.end()


def test_fsync_off_is_refused_and_named(cluster: pg.Cluster) -> None:
    settings = cluster.pgdata / "postgresql.auto.conf"
    before = settings.read_text()
    settings.write_text(before + "fsync = off\n")
    try:
        with pytest.raises(pg.DatabaseUnsafe) as refusal:
            pg.prepare_cluster(cluster.data_dir)
    finally:
        settings.write_text(before)
    assert refusal.value.facts == {"setting": "fsync"}


def test_data_of_another_major_version_is_refused(cluster: pg.Cluster) -> None:
    version = cluster.pgdata / "PG_VERSION"
    before = version.read_text()
    version.write_text("16\n")
    try:
        with pytest.raises(pg.DatabaseVersion):
            pg.prepare_cluster(cluster.data_dir)
    finally:
        version.write_text(before)


def test_a_start_that_cannot_succeed_says_what_postgresql_said(
    cluster: pg.Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg, "TRIES", 1)
    monkeypatch.setitem(pg.SETTINGS, "shared_buffers", "much")
    with pytest.raises(pg.DatabaseDidNotStart) as refusal:
        pg.start(cluster)
    assert "shared_buffers" in str(refusal.value.facts["why"])


@pytest.fixture
def foreign(cluster: pg.Cluster) -> Iterator[str]:
    """The administrator's address of a server that somebody else runs."""
    master = pg.start(cluster)
    yield cluster.admin_dsn("postgres")
    master.end()


def test_a_foreign_server_gets_our_roles_and_a_database_of_our_own(
    foreign: str, tmp_path: Path
) -> None:
    database = external(tmp_path, foreign)
    check_server(foreign)
    make_roles(database)
    with psycopg.connect(database.dsn_for("jiedao_web")) as connection:
        assert connection.execute("select current_user, current_database()").fetchone() == (
            "jiedao_web",
            "jiedao",
        )


@pytest.fixture
def managed(foreign: str) -> Iterator[Callable[[str], str]]:
    """The address of a login with the given rights, as a managed PostgreSQL hands it out."""
    made: list[str] = []

    def login(rights: str) -> str:
        name = f"boss_{len(made)}"
        with psycopg.connect(foreign, autocommit=True) as connection:
            connection.execute(f"create role {name} login password 'b' {rights}".encode())
        made.append(name)
        return urlunsplit(urlsplit(foreign)._replace(netloc=f"{name}:b@", path="/"))

    with psycopg.connect(foreign, autocommit=True) as connection:
        _forget(connection, *ROLES)
        yield login
        _forget(connection, *ROLES, *made)


def _forget(connection: psycopg.Connection, *names: str) -> None:
    connection.execute("drop database if exists jiedao with (force)")
    for name in names:
        connection.execute(f"drop role if exists {name}".encode())


def test_an_administrator_who_is_no_superuser_and_names_no_database_is_enough(
    managed: Callable[[str], str],
) -> None:
    settings = Settings(
        data_dir=fresh_data_dir("jiedao-managed-"),
        database_url=managed("createrole createdb"),
        web_port=0,
        stream_port=0,
    )
    for _start in range(2):
        with standing_database(settings, threading.Event()) as platform:
            for role in ROLES:
                with psycopg.connect(platform.database.dsn_for(role)) as connection:
                    row = connection.execute("select current_user, current_database()").fetchone()
                assert row == (role, "jiedao")
    shutil.rmtree(settings.data_dir)


def test_a_login_that_may_make_nothing_is_told_what_it_needs(
    managed: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(AdministratorLacks) as refusal:
        make_roles(external(tmp_path, managed("")))
    for language in ("zh-CN", "en"):
        assert "CREATEROLE" in refusal.value.in_words(language)


def test_a_foreign_server_that_may_lose_rows_is_refused(foreign: str) -> None:
    with psycopg.connect(foreign, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
        until(lambda: connection.execute("show fsync").fetchone() == ("off",))
        try:
            with pytest.raises(pg.DatabaseUnsafe):
                check_server(foreign)
        finally:
            connection.execute("alter system reset fsync")
            connection.execute("select pg_reload_conf()")


def test_a_foreign_server_that_is_too_old_is_refused_and_both_versions_named(
    foreign: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "OLDEST_MAJOR", 99)
    with pytest.raises(pg.DatabaseVersion) as refusal:
        check_server(foreign)
    assert refusal.value.facts["needed"] == ">= 99"
    assert str(refusal.value.facts["found"]).startswith("18.")


def test_a_server_that_does_not_answer_is_refused_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(DatabaseAway) as refusal:
        check_server(f"postgresql://boss@/postgres?host={tmp_path}")
    assert str(tmp_path) in str(refusal.value.facts["why"])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a folder to another user")
def test_under_root_a_closed_folder_is_refused_and_keeps_its_rights(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    (closed / "data").mkdir(parents=True)
    (closed / "data" / "something").touch()
    closed.chmod(0o700)
    with pytest.raises(FolderUnreachable):
        prepare_data_dir(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (closed / "data").stat().st_uid == 0


def test_a_data_directory_with_a_very_long_name_gets_a_short_private_socket_folder() -> None:
    base = fresh_data_dir("jiedao-long-")
    deep = prepare_data_dir(base / ("x" * 120))
    folder = short_socket_folder(deep, "pg", 20)
    try:
        assert len(str(folder)) < 87
        assert folder.stat().st_mode & 0o777 == 0o700
        assert folder == short_socket_folder(deep, "pg", 20)
    finally:
        folder.rmdir()
        shutil.rmtree(base)


def test_postgresql_never_runs_as_root(postgres: tuple[pg.Cluster, Database]) -> None:
    cluster, _ = postgres
    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in pg.processes_of(cluster.pgdata)}
    user = service_user()
    assert owners == {user.uid if user else os.geteuid()}
    assert 0 not in owners


def test_only_the_owner_may_make_tables_and_no_role_passes_by_row_security(
    postgres: tuple[pg.Cluster, Database],
) -> None:
    _, database = postgres
    for role in ROLES:
        with psycopg.connect(database.dsn_for(role)) as connection:
            row = connection.execute(
                "select rolsuper, rolbypassrls, rolcreaterole from pg_roles"
                " where rolname = current_user"
            ).fetchone()
            assert row == (False, False, False)
            if role != ROLES[0]:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute("create table mine (n int)")


def test_a_wrong_password_is_refused(postgres: tuple[pg.Cluster, Database]) -> None:
    cluster, _ = postgres
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(cluster.dsn("jiedao_web", "guess"))


def test_roles_can_be_made_twice(postgres: tuple[pg.Cluster, Database]) -> None:
    _, database = postgres
    make_roles(database)
    check_server(database.admin_dsn("postgres"))


def test_an_address_of_another_server_keeps_its_host_and_options() -> None:
    folder = fresh_data_dir("jiedao-url-")
    try:
        database = external(
            folder, "postgresql://boss:s%40cret@db.town:6432/postgres?sslmode=require"
        )
        assert (
            database.admin_dsn("x") == "postgresql://boss:s%40cret@db.town:6432/x?sslmode=require"
        )
        web = database.dsn_for("jiedao_web")
        assert web.startswith("postgresql://jiedao_web:")
        assert web.endswith("@db.town:6432/jiedao?sslmode=require")
        assert database.dsn_for("jiedao_web") == web
    finally:
        shutil.rmtree(folder)
