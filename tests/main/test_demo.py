# SPDX-License-Identifier: Apache-2.0
"""The demo loader: an empty platform becomes the invented town, once, and says so."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from jiedao.base.settings import Settings
from jiedao.main.demo import passwords
from jiedao.main.roles import Database
from jiedao.sim.town import build

Rows = list[tuple[object, ...]]


class Loaded:
    """A database of its own, with the small demo town in it."""

    def __init__(self, database: Database, name: str, folder: Path) -> None:
        self.database, self.name, self.folder = database, name, folder

    def run(self, module: str, role: str, *arguments: str, **more: str) -> str:
        """Run a module of the platform as one of its roles; what it printed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("JIEDAO_")}
        environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "jiedao.main.django_settings",
            "JIEDAO_DSN": self.database.dsn_for(role, self.name),
            "JIEDAO_DATA_DIR": str(self.folder),
            "JIEDAO_TOWN": "small",
            **more,
        }
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def ask(self, question: str) -> Rows:
        with psycopg.connect(self.database.admin_dsn(self.name)) as connection:
            return connection.execute(question.encode()).fetchall()


@pytest.fixture(scope="module")
def town(migrated: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    name = f"demo_{os.getpid()}"
    make = "create database {} template jiedao_template owner jiedao_owner"
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        # One at a time: a template may have no other user while it is copied.
        admin.execute("select pg_advisory_lock(43)")
        admin.execute(sql.SQL(make).format(sql.Identifier(name)))
    loaded = Loaded(migrated, name, tmp_path_factory.mktemp("demo"))
    loaded.run("jiedao.main.demo", "jiedao_system")
    yield loaded
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_the_town_stands_in_the_tables_and_every_row_says_demo(town: Loaded) -> None:
    assert town.ask("select name, demo from town_town") == [("青石街道", True)]
    for table in ("town_place", "town_party", "town_account", "cameras_camera"):
        question = f"select bool_and(demo), count(*) > 0 from {table}"  # noqa: S608 - our own names
        assert town.ask(question) == [(True, True)]
    assert town.ask("select count(*) from voice_loudspeaker where demo") == [(4,)]


def test_loading_it_leaves_a_record_with_the_hash_of_each_file(town: Loaded) -> None:
    [(payload,)] = town.ask("select payload from trace_record where verb = 'town.loaded'")
    assert isinstance(payload, dict)
    assert payload["counts"]["accounts"] == 12
    assert len(payload["sha256"]["places.json"]) == 64


def test_a_second_start_loads_nothing_again(town: Loaded) -> None:
    before = town.ask("select count(*) from trace_record")
    assert "loaded" not in town.run("jiedao.main.demo", "jiedao_system")
    assert town.ask("select count(*) from trace_record") == before


def test_each_start_tells_where_the_simulated_devices_are(town: Loaded) -> None:
    for port in ("20010", "20020"):
        ports = {"JIEDAO_DEMO_RTSP_PORT": port, "JIEDAO_DEMO_SPEAKER_PORT": "20030"}
        town.run("jiedao.main.demo", "jiedao_system", **ports)
        streaming = "select host, port, count(*) from cameras_camera where host <> '' group by 1, 2"
        assert town.ask(streaming) == [("127.0.0.1", int(port), 4)]
    assert town.ask("select distinct sip_host, sip_port from voice_loudspeaker") == [
        ("127.0.0.1", 20030)
    ]


def test_the_cameras_by_the_water_and_in_the_market_are_armed_with_their_zones(
    town: Loaded,
) -> None:
    (bridge, market) = town.ask(
        "select c.code, p.code, c.zones from cameras_camera c join town_place p"
        " on p.id = c.place_id where armed order by c.code"
    )
    assert (bridge[:2], market[:2]) == (("DM001", "RISK001"), ("DM002", "MKT001"))
    assert isinstance(bridge[2], dict)
    assert bridge[2]["lines"]
    assert isinstance(market[2], dict)
    assert market[2]["zones"][0]["rules"][0]["signal"] == "stall.stays"


def test_school_terms_are_dated_rows(town: Loaded) -> None:
    [(terms, hours)] = town.ask("select count(*), count(hours) from town_school_term")
    assert terms == hours
    assert isinstance(terms, int)
    assert terms >= 6


def test_police_cameras_are_registered_only(town: Loaded) -> None:
    assert town.ask("select bool_and(registered_only) from cameras_camera where kind = '天网'") == [
        (True,)
    ]
    assert town.ask("select bool_or(registered_only) from cameras_camera where kind <> '天网'") == [
        (False,)
    ]


def test_nobody_without_a_phone_is_on_duty_near_the_bridge(town: Loaded) -> None:
    assert town.ask(
        "select count(*) from dispatch_shift s join town_account a on a.party_id = s.party_id"
    ) == [(0,)]
    assert town.ask(
        "select count(*) from dispatch_shift s, town_place p where p.code = 'RISK001'"
        " and (s.lon - p.lon) ^ 2 + (s.lat - p.lat) ^ 2 < 0.01 ^ 2"
    ) == [(0,)]


def test_the_map_lies_where_web_serves_it(town: Loaded) -> None:
    layers = json.loads((town.folder / "map/base.geojson").read_text("utf-8"))
    assert layers["water"]["features"]


def test_the_accounts_file_is_ours_alone_and_on_this_machine_the_password_is_known(
    town: Loaded,
) -> None:
    file = town.folder / "demo-accounts.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = json.loads(file.read_text("utf-8"))
    assert len(rows) == 12
    assert {row["password"] for row in rows} == {"jiedao-demo"}


def test_on_another_bind_every_account_has_a_random_password(tmp_path: Path) -> None:
    pack = build(2021, "small")
    chosen = passwords(Settings(data_dir=tmp_path, bind="192.0.2.7"), pack)
    assert len(set(chosen.values())) == 12
    assert "jiedao-demo" not in chosen.values()


def test_a_town_that_was_shown_here_alone_loses_its_known_passwords_on_another_bind(
    town: Loaded,
) -> None:
    file = town.folder / "demo-accounts.json"
    before = file.read_text("utf-8")
    [(known,)] = town.ask("select distinct password from town_account")
    try:
        town.run("jiedao.main.demo", "jiedao_system", JIEDAO_BIND="192.0.2.7")
        assert town.ask("select count(distinct password) from town_account") == [(12,)]
        changed = json.loads(file.read_text("utf-8"))
        assert "jiedao-demo" not in {row["password"] for row in changed}
        town.run("jiedao.main.demo", "jiedao_system", JIEDAO_BIND="192.0.2.7")
        assert json.loads(file.read_text("utf-8")) == changed, "changed once, not at every start"
    finally:
        with psycopg.connect(town.database.admin_dsn(town.name)) as connection:
            connection.execute("update town_account set password = %s", [known])
        file.write_text(before, "utf-8")
