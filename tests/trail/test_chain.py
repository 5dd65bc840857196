# SPDX-License-Identifier: Apache-2.0
"""The trail on a database of its own: sealed in one order, and every change to it is found."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from jiedao.base.clock import HandClock
from jiedao.main.roles import Database
from jiedao.trace.chain import commit_to
from jiedao.trace.sequencer import Sequencer
from jiedao.trace.verify import Verdict, verify
from tests.world import NOON

ADD = """
insert into trace_record (id, verb, subject_kind, subject_id, actor_id, screen, at, place_path,
    schema, payload, audience, commitment)
values (%(id)s, 'test.happened', 'test', %(id)s,
    coalesce(%(actor)s, current_setting('jiedao.actor')::uuid), 'test', now(), '/', 1,
    '{"n": 1.50, "words": "水边"}', '{role:operator}', %(commitment)s)
"""


class SilentBus:
    """Remembers what was announced."""

    def __init__(self) -> None:
        self.announced: list[int] = []

    def announce(self, position: int) -> None:
        self.announced.append(position)

    def wait(self, timeout_s: float) -> int | None:
        return None

    def close(self) -> None:
        pass


@dataclass
class Trail:
    """A trail that a test may write, seal, verify and tamper with."""

    database: Database
    name: str
    file: Path
    clock: HandClock
    bus: SilentBus

    def connect(self, role: str) -> psycopg.Connection:
        if role == "admin":
            return psycopg.connect(self.database.admin_dsn(self.name), autocommit=True)
        connection = psycopg.connect(self.database.dsn_for(role, self.name))
        connection.execute("select set_config('jiedao.actor', %s, false)", [str(uuid4())])
        connection.execute("select set_config('jiedao.path', '/', false)")
        connection.commit()
        return connection

    def write(self, rows: int, text: str | None = None) -> list[UUID]:
        ids = [uuid4() for _ in range(rows)]
        with self.connect("jiedao_web") as web:
            for one in ids:
                commitment = None if text is None else commit_to(b"salt", text)
                web.execute(ADD, {"id": one, "actor": None, "commitment": commitment})
                if text is not None:
                    web.execute(
                        "insert into trace_record_private (record_id, salt, text)"
                        " values (%s, 'salt', %s)",
                        [one, text],
                    )
                web.execute("insert into trace_unsealed (record_id) values (%s)", [one])
        return ids

    def seal(self) -> None:
        with self.connect("jiedao_seal") as connection:
            sequencer = Sequencer(connection, self.bus, self.clock, self.file)
            while sequencer.seal_batch():
                pass
            sequencer.checkpoint()

    def verify(self) -> Verdict:
        with self.connect("jiedao_system") as connection:
            return verify(connection, self.file)

    def tamper(self, statement: str, *values: object) -> None:
        """What nobody can do through the platform: an administrator at the database itself."""
        with self.connect("admin") as admin:
            admin.execute(statement.encode(), values)


@pytest.fixture
def trail(migrated: Database, tmp_path: Path) -> Iterator[Trail]:
    name = f"trail_{uuid4().hex[:12]}"
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        admin.execute("select pg_advisory_lock(43)")
        admin.execute(
            sql.SQL("create database {} template jiedao_template owner jiedao_owner").format(
                sql.Identifier(name)
            )
        )
    yield Trail(migrated, name, tmp_path / "heads.jsonl", HandClock(NOON), SilentBus())
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_an_untouched_trail_holds_and_is_announced_once_a_batch(trail: Trail) -> None:
    trail.write(20)
    trail.seal()
    verdict = trail.verify()
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 20, 0)
    assert trail.bus.announced == [20]


def test_what_is_not_sealed_yet_is_counted_and_not_called_broken(trail: Trail) -> None:
    trail.write(3)
    verdict = trail.verify()
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 0, 3)


def test_writers_at_once_get_gapless_positions_and_none_is_lost(trail: Trail) -> None:
    threads = [threading.Thread(target=trail.write, args=(25,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        trail.seal()
    trail.seal()
    verdict = trail.verify()
    assert (verdict.ok, verdict.rows, verdict.unsealed) == (True, 200, 0)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("update trace_record set verb = 'test.other' where id = %s", "hash"),
        ("update trace_record set payload = '{\"n\": 1.51}' where id = %s", "hash"),
        ("update trace_record set at = at + interval '1 microsecond' where id = %s", "hash"),
        ("update trace_record set audience = '{}' where id = %s", "hash"),
        ("delete from trace_record where id = %s", "record missing"),
        ("delete from trace_seal where record_id = %s", "gap"),
        ("update trace_seal set hash = previous where record_id = %s", "hash"),
        ("update trace_record_private set text = '别的话' where record_id = %s", "private text"),
    ],
)
def test_a_flipped_or_dropped_row_is_found_where_it_is(
    trail: Trail, statement: str, why: str
) -> None:
    ids = trail.write(10, text="他说水不深")
    trail.seal()
    trail.tamper(statement, ids[4])
    verdict = trail.verify()
    assert (verdict.ok, verdict.bad_position, verdict.why) == (False, 5, why)


def test_two_records_swapped_are_found(trail: Trail) -> None:
    first, second, *_rest = trail.write(6)
    trail.seal()
    aside = uuid4()
    for old, new in ((first, aside), (second, first), (aside, second)):
        trail.tamper("update trace_seal set record_id = %s where record_id = %s", new, old)
    assert trail.verify().bad_position == 1


def test_a_tail_cut_before_the_last_checkpoint_is_found(trail: Trail) -> None:
    trail.write(10)
    trail.seal()
    trail.tamper("delete from trace_seal where position > 7")
    trail.tamper("delete from trace_record where id not in (select record_id from trace_seal)")
    verdict = trail.verify()
    assert (verdict.ok, verdict.bad_position, verdict.why) == (False, 8, "cut")


def test_a_chain_rewritten_from_its_start_is_found_by_the_checkpoint(trail: Trail) -> None:
    trail.write(5)
    trail.seal()
    trail.tamper("update trace_record set verb = 'test.nothing'")
    trail.tamper("insert into trace_unsealed (record_id) select record_id from trace_seal")
    trail.tamper("delete from trace_seal")
    kept = trail.file.read_text()
    trail.file.unlink()
    trail.seal()
    trail.file.write_text(kept)
    verdict = trail.verify()
    assert (verdict.ok, verdict.why) == (False, "checkpoint")


def test_erasing_personal_text_leaves_the_chain_whole(trail: Trail) -> None:
    ids = trail.write(4, text="住在三号楼")
    trail.seal()
    with trail.connect("jiedao_system") as system:
        system.execute("delete from trace_record_private where record_id = %s", [ids[1]])
    assert trail.verify().ok


@pytest.mark.parametrize("role", ["jiedao_web", "jiedao_system", "jiedao_stream", "jiedao_seal"])
def test_no_running_role_can_change_the_trail(trail: Trail, role: str) -> None:
    for statement in (
        "update trace_record set verb = 'x'",
        "delete from trace_record",
        "truncate trace_record",
        "update trace_seal set position = position + 1",
        "delete from trace_seal",
        "truncate trace_seal",
    ):
        with trail.connect(role) as connection:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())
            connection.rollback()


@pytest.mark.parametrize("role", ["jiedao_web", "jiedao_system"])
def test_a_record_and_an_act_can_be_written_in_ones_own_name_alone(trail: Trail, role: str) -> None:
    act = (
        "insert into trace_act (id, actor_id, request_hash, at) values"
        " (%(id)s, coalesce(%(actor)s, current_setting('jiedao.actor')::uuid), '', now())"
    )
    for statement in (ADD, act):
        with trail.connect(role) as connection:
            own = {"id": uuid4(), "actor": None, "commitment": None}
            connection.execute(statement.encode(), own)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode(), {**own, "id": uuid4(), "actor": uuid4()})
            connection.rollback()


def test_nobody_hands_their_act_to_somebody_else(trail: Trail) -> None:
    with trail.connect("jiedao_web") as connection:
        connection.execute(
            "insert into trace_act (id, actor_id, request_hash, at) values"
            " (%s, current_setting('jiedao.actor')::uuid, '', now())",
            [uuid4()],
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("update trace_act set actor_id = %s", [uuid4()])
        connection.rollback()


def test_only_one_sequencer_leads_and_a_killed_one_makes_way(trail: Trail) -> None:
    with trail.connect("jiedao_seal") as first, trail.connect("jiedao_seal") as second:
        one = Sequencer(first, trail.bus, trail.clock, trail.file)
        other = Sequencer(second, trail.bus, trail.clock, trail.file)
        assert one.lead()
        assert not other.lead()
        first.close()
        assert other.lead()


def test_a_checkpoint_line_that_a_crash_cut_short_is_passed_over(trail: Trail) -> None:
    trail.write(2)
    trail.seal()
    trail.file.write_text(trail.file.read_text() + '{"position": 3, "he')
    assert trail.verify().ok


def test_every_table_of_the_platform_forces_row_security(trail: Trail) -> None:
    with trail.connect("admin") as admin:
        open_tables = admin.execute(
            "select relname from pg_class where relkind in ('r', 'p')"
            " and relnamespace = 'public'::regnamespace"
            " and not (relrowsecurity and relforcerowsecurity)"
            " and relname !~ '^(django_|auth_)' order by 1"
        ).fetchall()
    assert open_tables == []


def test_without_saying_who_acts_no_role_sees_a_row(trail: Trail) -> None:
    trail.write(2)
    for role in ("jiedao_web", "jiedao_system"):
        with psycopg.connect(trail.database.dsn_for(role, trail.name)) as connection:
            assert connection.execute("select count(*) from trace_record").fetchone() == (0,)
