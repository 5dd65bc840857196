# SPDX-License-Identifier: Apache-2.0
"""The five roles in PostgreSQL, and the address under which each process connects.

The owner makes tables and runs migrations only; no running process has it. The others may do
what the migrations grant them, never more: none is a superuser, none passes by row security.
"""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from jiedao.base.errors import JiedaoError
from jiedao.main.binaries import OLDEST_MAJOR
from jiedao.main.postgres import Cluster, DatabaseUnsafe, DatabaseVersion
from jiedao.main.secret_file import Secrets

OWNER = "jiedao_owner"
ROLES = (OWNER, "jiedao_web", "jiedao_stream", "jiedao_system", "jiedao_seal")
DATABASE = "jiedao"


class Database:
    """Where each role of the platform finds its rows.

    Args:
        admin_dsn: the administrator's address for a database name.
        address: the address for a role, its password and a database name.
    """

    def __init__(
        self,
        data_dir: Path,
        name: str,
        admin_dsn: Callable[[str], str],
        address: Callable[[str, str, str], str],
    ) -> None:
        self.name = name
        self._secrets = Secrets(data_dir)
        self.admin_dsn = admin_dsn
        self._address = address

    def dsn_for(self, role: str, database: str | None = None) -> str:
        """The address of one of ROLES.

        Raises:
            ValueError: not one of the platform's roles.
        """
        if role not in ROLES:
            raise ValueError(role)
        return self._address(role, self.password_of(role), database or self.name)

    def password_of(self, role: str) -> str:
        """The role's password, made on first use."""
        return self._secrets.get(role)


def embedded(cluster: Cluster) -> Database:
    """The database of our own PostgreSQL."""
    return Database(cluster.data_dir, DATABASE, cluster.admin_dsn, cluster.dsn)


def external(data_dir: Path, url: str) -> Database:
    """The database at an address given by the administrator of any PostgreSQL."""
    parts = urlsplit(url)
    named = unquote(parts.path.strip("/"))
    # The maintenance databases are not ours to fill.
    name = DATABASE if named in ("", "postgres", "template1") else named

    def admin_dsn(database: str) -> str:
        return urlunsplit(parts._replace(path="/" + quote(database)))

    def address(role: str, password: str, database: str) -> str:
        place = parts.netloc.rpartition("@")[2]
        netloc = f"{quote(role)}:{quote(password, safe='')}@{place}"
        return urlunsplit(parts._replace(netloc=netloc, path="/" + quote(database)))

    return Database(data_dir, name, admin_dsn, address)


class DatabaseAway(JiedaoError):
    """The server at the given address does not let us in."""

    code = "database.refused"


def check_server(dsn: str) -> None:
    """Refuse a PostgreSQL that is too old or may lose accepted rows.

    Raises:
        DatabaseAway: nobody answers there, or not to this login.
        DatabaseVersion: older than 16.
        DatabaseUnsafe: fsync or full_page_writes is off.
    """
    try:
        connection = psycopg.connect(dsn, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise DatabaseAway(why=str(error).strip()) from error
    with connection:
        if connection.info.server_version < OLDEST_MAJOR * 10000:
            raise DatabaseVersion(
                found=connection.info.parameter_status("server_version"),
                needed=f">= {OLDEST_MAJOR}",
            )
        for name in ("fsync", "full_page_writes"):
            row = connection.execute(
                "select setting from pg_settings where name = %s", [name]
            ).fetchone()
            if row is None or row[0] != "on":
                raise DatabaseUnsafe(setting=name)


class AdministratorLacks(JiedaoError):
    """The given login may not make roles and a database."""

    code = "database.rights"


def make_roles(database: Database) -> None:
    """Make the roles and the database, or set them right; may run at every start.

    The administrator need not be a superuser: CREATEROLE and CREATEDB are enough, which is what
    a managed PostgreSQL gives.

    Raises:
        AdministratorLacks: it has not even those.
    """
    try:
        _make_all(database)
    except psycopg.errors.InsufficientPrivilege as error:
        raise AdministratorLacks(why=str(error).strip()) from error


def _make_all(database: Database) -> None:
    with psycopg.connect(database.admin_dsn("postgres"), autocommit=True) as connection:
        # Two starts against one server must not make the same role at once.
        connection.execute("select pg_advisory_lock(hashtext('jiedao roles'))")
        for role in ROLES:
            _make_role(connection, role, database)
        _become_owner(connection)
        if not connection.execute(
            "select 1 from pg_database where datname = %s", [database.name]
        ).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {}").format(
                    sql.Identifier(database.name), sql.Identifier(OWNER)
                )
            )
        connection.execute("select pg_advisory_unlock(hashtext('jiedao roles'))")
    close_doors(database, database.name)


def _make_role(
    connection: psycopg.Connection[tuple[object, ...]],
    role: str,
    database: Database,
) -> None:
    found = connection.execute(
        "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls"
        " from pg_roles where rolname = %s",
        [role],
    ).fetchone()
    # Only a superuser may so much as name these, so a role that is plain already is left so.
    plain = "nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
    connection.execute(
        sql.SQL("{} role {} login {} password {}").format(
            sql.SQL("create" if found is None else "alter"),
            sql.Identifier(role),
            sql.SQL("" if found == (False,) else plain),
            sql.Literal(database.password_of(role)),
        )
    )


def _become_owner(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Whoever is no superuser may hand a database to a role only as a member of it."""
    row = connection.execute("select pg_has_role(current_user, %s, 'set')", [OWNER]).fetchone()
    if row != (True,):
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(OWNER)))


def close_doors(database: Database, name: str) -> None:
    """Leave a database to our roles alone; nobody but the owner may make anything in it."""
    with psycopg.connect(database.admin_dsn(name), autocommit=True) as connection:
        place = sql.Identifier(name)
        everyone = sql.SQL(", ").join(sql.Identifier(role) for role in ROLES)
        connection.execute(sql.SQL("revoke all on database {} from public").format(place))
        connection.execute(sql.SQL("grant connect on database {} to {}").format(place, everyone))
        connection.execute("revoke create on schema public from public")
        connection.execute(sql.SQL("alter schema public owner to {}").format(sql.Identifier(OWNER)))
        connection.execute(sql.SQL("grant usage on schema public to {}").format(everyone))
