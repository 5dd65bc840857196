# SPDX-License-Identifier: Apache-2.0
"""A small town's database with cameras in it, and a media process that runs on it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg

from jiedao.main.roles import Database

SYSTEM = "jiedao_system"
PLACE = UUID(int=11)
PATH = "/t/bank/"


class CameraTown:
    """What the tests write into a database and read from it, as its administrator."""

    def __init__(self, database: Database, name: str) -> None:
        self.dsn = database.dsn_for(SYSTEM, name)
        self._name, self._admin_dsn = name, database.admin_dsn("postgres")
        self.link = psycopg.connect(database.admin_dsn(name), autocommit=True)
        self.link.execute(
            "insert into town_place (id, code, kind, name, path, lon, lat, source_crs, attributes,"
            " valid_from, demo) values (%s, 'P1', 'site', '桥下', %s, 114, 22, 'WGS84', '{}', %s,"
            " true)",
            [PLACE, PATH, date(2020, 1, 1)],
        )

    def add_camera(
        self,
        port: int,
        *,
        path: str = "/live",
        armed: bool = True,
        recorded: bool = False,
        zones: Any = None,
    ) -> UUID:
        """Register a camera on loopback."""
        camera = uuid4()
        values: dict[str, Any] = {
            "id": camera,
            "code": f"C-{camera}",
            "name": "桥下一号",
            "kind": "地面鹰眼",
            "place_id": PLACE,
            "place_path": PATH,
            "purpose": "防溺水",
            "sign": "",
            "masks": "[]",
            "host": "127.0.0.1",
            "port": port,
            "path": path,
            "login": "",
            "password_sealed": "",
            "armed": armed,
            "recorded": recorded,
            "zones": json.dumps(zones or {}),
            "detector": "motion",
            "registered_only": False,
            "demo": True,
        }
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        self.link.execute(
            f"insert into cameras_camera ({names}, changed_at) values ({marks}, now())",  # noqa: S608
            list(values.values()),
        )
        return camera

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody can connect while the block runs, and whoever was connected is thrown out."""
        with psycopg.connect(self._admin_dsn, autocommit=True) as admin:
            admin.execute(f'alter database "{self._name}" with allow_connections false')
            self.rows(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = %s and pid <> pg_backend_pid()",
                self._name,
            )
            try:
                yield
            finally:
                admin.execute(f'alter database "{self._name}" with allow_connections true')

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        return self.link.execute(query, values).fetchall()

    def health(self, camera: UUID) -> tuple[str, str]:
        """State and reason; empty if nothing is known."""
        found = self.rows("select state, code from cameras_health where camera_id = %s", camera)
        return (found[0][0], found[0][1]) if found else ("", "")

    def signals(self, camera: UUID) -> list[tuple[Any, ...]]:
        """(id, kind, zone, captured_at, late, epoch) in order of capture."""
        return self.rows(
            "select id, kind, zone, captured_at, late, epoch from signals_signal"
            " where source_id = %s order by captured_at",
            camera,
        )


class MediaProcess:
    """A running media process, started as the supervisor does."""

    def __init__(self, dsn: str, data_dir: Path, extra: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.socket_path = data_dir / "m"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEDAO_")}
        environment |= {
            "JIEDAO_DSN": dsn,
            "JIEDAO_DATA_DIR": str(data_dir),
            "JIEDAO_MEDIA_SOCKET": str(self.socket_path),
            **(extra or {}),
        }
        command = [sys.executable, "-m", "jiedao.cameras"]
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, start_new_session=True
        )

    def shards(self) -> set[int]:
        """Pids of its shards."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(pid) for pid in listed.read_text().split()}

    def kill(self) -> None:
        """End it and its group at once, as a crash does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> int:
        """Close its pipe, as a supervisor that is gone does; return its exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            return self.process.wait(30)
        finally:
            if self.process.poll() is None:
                self.kill()


def wait_for(condition: Callable[[], bool], at_most_s: float = 60.0) -> None:
    """Return once the condition holds; fail if it does not in time."""
    end_s = time.monotonic() + at_most_s
    while not condition():
        assert time.monotonic() < end_s, "the condition did not come true in time"
        time.sleep(0.05)
