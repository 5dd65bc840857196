# SPDX-License-Identifier: Apache-2.0
"""`jiedao init` makes an empty town with one administrator, once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from jiedao.base.actor import SYSTEM_ID
from jiedao.main.cli import main
from jiedao.main.folders import fresh_data_dir
from jiedao.main.postgres import prepare_cluster, start
from jiedao.main.roles import embedded

TOWN = ("--name", "白水街道", "--code", "990", "--lon", "113.5", "--lat", "23.2")


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = fresh_data_dir("jiedao-init-")
    yield folder
    shutil.rmtree(folder)
    shutil.rmtree(folder.with_name(folder.name + "-checkpoints"), ignore_errors=True)


@pytest.mark.slow
@pytest.mark.database
def test_a_town_is_made_once_with_one_administrator(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--data-dir", str(folder), *TOWN]) == 0
    assert "admin" in capsys.readouterr().out

    assert main(["init", "--data-dir", str(folder), *TOWN]) == 1
    assert str(folder) in capsys.readouterr().err

    cluster = prepare_cluster(folder)
    master = start(cluster)
    try:
        with psycopg.connect(embedded(cluster).dsn_for("jiedao_system")) as connection:
            connection.execute("select set_config('jiedao.actor', %s, true)", [str(SYSTEM_ID)])
            connection.execute("select set_config('jiedao.path', '/', true)")
            assert connection.execute("select name, demo from town_town").fetchall() == [
                ("白水街道", False)
            ]
            assert connection.execute("select login from town_account").fetchall() == [("admin",)]
            verbs = [row[0] for row in connection.execute("select verb from trace_record")]
            assert "town.founded" in verbs
    finally:
        master.end()


@pytest.mark.parametrize(
    "wrong", [("--code", "../etc"), ("--code", ""), ("--lat", "95"), ("--lon", "nan")]
)
def test_a_code_or_position_that_is_none_is_refused(
    wrong: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--data-dir", str(tmp_path / "new"), *TOWN, *wrong]) == 1
    assert wrong[0] in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
