# SPDX-License-Identifier: Apache-2.0
"""Nothing that was accepted is lost: what the database cannot take waits on disk, in order."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from jiedao.cameras.errors import LeaseLost
from jiedao.cameras.messages import Observed
from jiedao.cameras.spool import Spool
from jiedao.cameras.taking import DatabaseAway, Kept, Taking

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def an_observation(number: int) -> Observed:
    return Observed(UUID(int=number), UUID(int=7), 1, "fence.crossing", "edge", NOON, NOON, None)


class Database:
    """Takes messages in, unless it is away or dislikes one."""

    def __init__(self) -> None:
        self.away = False
        self.dislikes: dict[int, Exception] = {}
        self.taken: list[Kept] = []
        self._changed = threading.Condition()

    def take(self, message: Kept) -> None:
        with self._changed:
            if self.away:
                raise DatabaseAway("gone")
            assert isinstance(message, Observed)
            if message.id.int in self.dislikes:
                raise self.dislikes[message.id.int]
            self.taken.append(message)
            self._changed.notify_all()

    def wait(self, count: int) -> list[int]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.taken) >= count, 10), self.taken
        return [message.id.int for message in self.taken if isinstance(message, Observed)]


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def taking(database: Database, tmp_path: Path) -> Iterator[Callable[[], Taking]]:
    started: list[Taking] = []

    def start() -> Taking:
        spool, refused = Spool(tmp_path / "spool"), Spool(tmp_path / "refused")
        started.append(Taking(database.take, spool, refused))
        return started[-1]

    yield start
    for one in started:
        one.close(5)


def test_messages_are_taken_in_as_they_come(
    database: Database, taking: Callable[[], Taking]
) -> None:
    writer = taking()
    for number in (1, 2, 3):
        writer.put(an_observation(number))
    assert database.wait(3) == [1, 2, 3]


def test_what_came_while_the_database_was_away_is_taken_in_later_in_order_and_marked_late(
    database: Database, taking: Callable[[], Taking], tmp_path: Path
) -> None:
    database.away = True
    writer = taking()
    for number in (1, 2):
        writer.put(an_observation(number))
    writer.close(5)
    assert (tmp_path / "spool").read_bytes().count(b"\n") == 2
    database.away = False
    writer = taking()
    writer.put(an_observation(3))
    assert database.wait(3) == [1, 2, 3]
    assert all(message.late for message in database.taken if isinstance(message, Observed))
    writer.close(5)
    assert not (tmp_path / "spool").exists()


def test_an_event_of_an_old_epoch_is_let_go_and_the_next_is_taken(
    database: Database, taking: Callable[[], Taking]
) -> None:
    database.dislikes[1] = LeaseLost(camera="7")
    writer = taking()
    writer.put(an_observation(1))
    writer.put(an_observation(2))
    assert database.wait(1) == [2]


def test_what_no_retry_can_help_is_kept_for_a_person(
    database: Database, taking: Callable[[], Taking], tmp_path: Path
) -> None:
    database.dislikes[1] = ValueError("a defect")
    writer = taking()
    writer.put(an_observation(1))
    writer.put(an_observation(2))
    assert database.wait(1) == [2]
    assert b"00000000-0000-0000-0000-000000000001" in (tmp_path / "refused").read_bytes()


def test_a_torn_last_line_is_passed_over(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.append(b"whole")
    with (tmp_path / "spool").open("ab") as file:
        file.write(b"12345678 half")
    assert [line for line, _ in spool.waiting()] == [b"whole"]


def test_a_full_spool_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", most_bytes=100)
    assert spool.append(bytes(150))
    assert not spool.append(b"more")


def test_a_spool_that_was_taken_in_whole_is_gone(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for line in (b"a", b"b"):
        spool.append(line)
    for _, position in list(spool.waiting()):
        spool.done(position)
    assert spool.is_empty
    assert not (tmp_path / "spool").exists()
