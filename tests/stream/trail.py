# SPDX-License-Identifier: Apache-2.0
"""Somebody who writes into the platform's tables as web and pulse do."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from jiedao.base.bus import CHANNEL
from jiedao.main.roles import Database

EVERYONE = ("role:operator",)


class Trail:
    """Writes tickets and sealed records, and looks at what the stream process wrote."""

    def __init__(self, database: Database, name: str) -> None:
        self.name = name
        self.dsn = database.dsn_for("jiedao_stream", name)
        self._admin_dsn = database.admin_dsn(name)
        self._link = psycopg.connect(self._admin_dsn, autocommit=True)

    def empty(self) -> None:
        """Forget what earlier tests told; quicker than a database for each."""
        self.cut_connections()
        self._link.execute(
            "truncate trace_record, trace_seal, trace_unsealed, town_ticket, town_session,"
            " town_appointment, signals_upload,"
            " signals_position, signals_position_history, dispatch_shift"
        )

    def close(self) -> None:
        self._link.close()

    def ticket(
        self,
        purpose: str = "feed",
        *,
        audiences: Sequence[str] = EVERYONE,
        path: str = "/",
        subject: UUID | None = None,
        account: UUID | None = None,
        party: UUID | None = None,
        life: timedelta = timedelta(seconds=30),
    ) -> str:
        """A ticket as web issues it, in a session of its own."""
        token = secrets.token_urlsafe(32)
        account, party = account or uuid4(), party or uuid4()
        session = self.sign_in(account, party)
        self._link.execute(
            "insert into town_ticket (token_hash, session, standing, account_id, party_id,"
            " audiences, path, purpose, subject, expires_at)"
            " select %s, session, standing, %s, %s, %s, %s, %s, %s, now() + %s"
            " from town_standing(array[%s], now())",
            [
                hashlib.sha256(token.encode()).digest(),
                account,
                party,
                list(audiences),
                path,
                purpose,
                subject,
                life,
                session,
            ],
        )
        return token

    def sign_in(self, account: UUID, party: UUID) -> str:
        """A session of an operator; returns its name."""
        self._link.execute(
            "insert into town_party (id, code, kind, name, place_path, valid_from, demo)"
            " values (%s, %s, 'person', '甲', '/', '2020-01-01', true) on conflict do nothing",
            [party, str(party)],
        )
        self._link.execute(
            "insert into town_account (id, login, password, party_id, seat, is_active, demo)"
            " values (%s, %s, '!', %s, '', true, true) on conflict do nothing",
            [account, str(account), party],
        )
        self._link.execute(
            "insert into town_appointment (id, party_id, role, post, place_path, certificates,"
            " valid_from) values (%s, %s, 'operator', '值班员', '/', '[]', '2020-01-01')"
            " on conflict do nothing",
            [party, party],
        )
        name = f"session:{uuid4().hex}"
        self._link.execute(
            "insert into town_session (token_hash, name, account_id, screen, opened_at, seen_at,"
            " expires_at) values (%s, %s, %s, 'desk', now(), now(), now() + interval '16 hours')",
            [name.encode(), name, account],
        )
        return name

    def change(self, statement: str, *values: object) -> None:
        """Something that happens to sessions, accounts or appointments behind stream's back."""
        self._link.execute(statement.encode(), values)

    def seal(
        self,
        verb: str = "matter.opened",
        *,
        audience: Sequence[str] = EVERYONE,
        place_path: str = "/t/",
        matter: UUID | None = None,
        subject: UUID | None = None,
        payload: object = None,
        at: datetime | None = None,
        tell: bool = True,
    ) -> int:
        """A record as the sequencer leaves it: sealed at the next position, and announced."""
        record = uuid4()
        with self._link.transaction():
            self._link.execute(
                "insert into trace_record (id, verb, subject_kind, subject_id, matter_id, version,"
                " actor_id, screen, at, place_path, schema, payload, audience)"
                " values (%s, %s, 'matter', %s, %s, null, %s, '', %s, %s, 1, %s, %s)",
                [
                    record,
                    verb,
                    subject or matter or uuid4(),
                    matter,
                    uuid4(),
                    at or datetime.now(UTC),
                    place_path,
                    json.dumps(payload or {}),
                    list(audience),
                ],
            )
            row = self._link.execute(
                "insert into trace_seal (position, record_id, algorithm, previous, hash)"
                " select coalesce(max(position), 0) + 1, %s, 'sha256', '', '' from trace_seal"
                " returning position",
                [record],
            ).fetchone()
            assert row is not None
            if tell:
                self._link.execute("select pg_notify(%s, %s)", [CHANNEL, str(row[0])])
        return int(row[0])

    def check_in(self, party: UUID) -> None:
        """Begin a shift."""
        self._link.execute(
            "insert into dispatch_shift (id, party_id, place_path, checked_in_at)"
            " values (%s, %s, '/t/', now())",
            [uuid4(), party],
        )

    def check_out(self, party: UUID) -> None:
        """End the shift."""
        self._link.execute(
            "update dispatch_shift set checked_out_at = now() where party_id = %s", [party]
        )

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self._link.execute(query).fetchall()

    def cut_connections(self) -> int:
        """End every other connection to this database, as a crash of the server would."""
        return len(
            self.rows(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
