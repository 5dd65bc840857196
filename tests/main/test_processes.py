# SPDX-License-Identifier: Apache-2.0
"""Each process gets its own role's address and nobody else's."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from jiedao.base.settings import Settings, load_settings
from jiedao.main.processes import SCENES, TABLE, specs
from jiedao.main.roles import Database, external
from jiedao.sim.camera import scenes


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return external(tmp_path, "postgresql://boss:secret-of-the-boss@db.town/")


def roles_in(environment: dict[str, str]) -> set[str]:
    return {
        str(urlsplit(value).username)
        for name, value in environment.items()
        if name in ("JIEDAO_DSN", "JIEDAO_SEAL_DSN") and value
    }


def test_no_process_gets_the_owner_or_the_administrator(tmp_path: Path, database: Database) -> None:
    settings = Settings(data_dir=tmp_path, demo=True, database_url="postgresql://boss@db.town/")
    found = {spec.name: dict(spec.environment) for spec in specs(settings, database)}
    assert roles_in(found["web"]) == {"jiedao_web"}
    assert roles_in(found["stream"]) == {"jiedao_stream"}
    assert roles_in(found["pulse"]) == {"jiedao_system", "jiedao_seal"}
    assert roles_in(found["media"]) == {"jiedao_system"}
    assert roles_in(found["sim-camera"]) == set()
    for environment in found.values():
        assert "JIEDAO_DATABASE_URL" not in environment
        assert not any("secret-of-the-boss" in value for value in environment.values())
        assert not any("jiedao_owner" in value for value in environment.values())


def test_what_a_process_is_given_is_what_was_set(tmp_path: Path, database: Database) -> None:
    settings = Settings(data_dir=tmp_path, demo=True, town="small", web_port=1234)
    [web] = [spec for spec in specs(settings, database) if spec.name == "web"]
    read = load_settings(web.environment)
    assert (read.demo, read.town, read.web_port, read.data_dir) == (True, "small", 1234, tmp_path)
    assert web.command == [sys.executable, "-m", "jiedao.main.web"]


def test_simulated_devices_belong_to_the_demo_alone(tmp_path: Path, database: Database) -> None:
    names = {spec.name for spec in specs(Settings(data_dir=tmp_path), database)}
    assert names == {row.name for row in TABLE if not row.demo}
    assert "sim-camera" not in names


def test_every_drawn_scene_is_a_camera_of_the_demo() -> None:
    assert set(SCENES) == set(scenes.SCENES)
