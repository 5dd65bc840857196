# SPDX-License-Identifier: Apache-2.0
"""A database of its own with the voice process running on it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connections
from psycopg import sql

from jiedao.base.actor import system
from jiedao.base.clock import SystemClock
from jiedao.base.database import transact
from jiedao.main.roles import Database
from jiedao.voice import actions
from jiedao.voice.models import Announcement, Loudspeaker
from tests.conftest import TEMPLATE

SYSTEM = system("test")
LEAVE = "桥下水深危险，请立即离开水边。"
SHORT = "离开"


@dataclass
class Station:
    """Rows in a database of their own, and voice processes that work on them."""

    dsn: str
    folder: Path
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        """Where voices come in; a Unix socket's path may hold 107 bytes only."""
        return self.folder / "v"

    def start(self, **settings: str) -> "subprocess.Popen[bytes]":
        """One more voice process."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEDAO_")}
        environment |= {
            "JIEDAO_DSN": self.dsn,
            "JIEDAO_DATA_DIR": str(self.folder),
            "JIEDAO_VOICE_SOCKET": str(self.socket),
            **settings,
        }
        command = [sys.executable, "-m", "jiedao.voice"]
        process = subprocess.Popen(command, env=environment, stdin=subprocess.PIPE)
        self.processes.append(process)
        return process

    def a_loudspeaker(self, account: str, port: int) -> UUID:
        with transact(SYSTEM, SystemClock()):
            row = Loudspeaker.objects.create(
                code=account,
                name="桥底喇叭",
                place_path="/330199/",
                lon=120.0,
                lat=30.0,
                sip_account=account,
                sip_host="127.0.0.1",
                sip_port=port,
            )
        return row.id

    def ask(self, loudspeaker: UUID, text: str = SHORT, *, life_safety: bool = True) -> UUID:
        (asked,) = self.ask_all([loudspeaker], text, life_safety=life_safety)
        return asked

    def ask_all(
        self,
        loudspeakers: list[UUID],
        text: str = SHORT,
        *,
        batch: UUID | None = None,
        life_safety: bool = True,
    ) -> list[UUID]:
        """In one transaction."""
        with transact(SYSTEM, SystemClock()) as tx:
            return [
                actions.ask_announcement(
                    tx,
                    loudspeaker=loudspeaker,
                    text=text,
                    phrase="water_leave",
                    life_safety=life_safety,
                    batch=batch,
                )
                for loudspeaker in loudspeakers
            ]

    def stop(self, announcement: UUID) -> None:
        with transact(SYSTEM, SystemClock()) as tx:
            actions.stop_announcement(tx, announcement)

    def row(self, announcement: UUID) -> Announcement:
        with transact(SYSTEM, SystemClock()):
            return Announcement.objects.get(id=announcement)

    def wait(
        self, announcement: UUID, until: Callable[[Announcement], bool], timeout_s: float = 60.0
    ) -> Announcement:
        """The row as soon as it is as wanted."""
        end = time.monotonic() + timeout_s
        while not until(row := self.row(announcement)):
            if time.monotonic() > end:
                raise AssertionError(f"still {row.state}: {row.failure}")
            time.sleep(0.05)
        return row

    def wait_over(self, announcement: UUID) -> Announcement:
        return self.wait(announcement, lambda row: row.finished_at is not None)


@contextmanager
def new_station(migrated: Database, folder: Path) -> Iterator[Station]:
    """A station on a database of its own, to which Django speaks meanwhile."""
    name = f"jiedao_voice_{uuid4().hex[:12]}"
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        # One at a time: a template may have no other user while it is copied.
        admin.execute("select pg_advisory_lock(43)")
        copy = sql.SQL("create database {} template {} owner jiedao_owner")
        admin.execute(copy.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    dsn = migrated.dsn_for("jiedao_system", name)
    default = connections["default"]
    before = dict(default.settings_dict)
    default.close()
    given = psycopg.conninfo.conninfo_to_dict(dsn)
    default.settings_dict.update(
        NAME=name,
        USER=given["user"],
        PASSWORD=given["password"],
        HOST=given["host"],
        PORT=str(given["port"]),
    )
    station = Station(dsn, folder)
    try:
        yield station
    finally:
        for process in station.processes:
            assert process.stdin is not None
            process.stdin.close()
        for process in station.processes:
            process.wait(30)
        default.close()
        default.settings_dict.clear()
        default.settings_dict.update(before)
        with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def station(migrated: Database, tmp_path: Path) -> Iterator[Station]:
    """A station without any process yet."""
    with new_station(migrated, tmp_path) as silent:
        yield silent


@pytest.fixture(scope="module")
def speaking(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Station]:
    """A station whose one process is shared by the tests of a module."""
    with new_station(migrated, tmp_path_factory.mktemp("station")) as ready:
        ready.start()
        yield ready
