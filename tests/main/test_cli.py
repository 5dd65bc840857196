# SPDX-License-Identifier: Apache-2.0
"""The command line refuses in both languages and never with a traceback."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from jiedao.base.words import catalogue
from jiedao.main import bench
from jiedao.main.cli import COMMANDS, main


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_is_described(name: str) -> None:
    assert find_spec(COMMANDS[name]) is not None
    assert f"cli.{name.replace(' ', '_')}" in catalogue()


def test_without_a_command_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(f"jiedao {name}" in listed for name in COMMANDS)


def test_an_unknown_command_is_refused_in_both_languages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["fly"]) == 1
    complaint = capsys.readouterr().err
    assert "没有命令 fly" in complaint
    assert "no command fly" in complaint


def test_status_of_a_folder_where_nothing_runs_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status", "--data-dir", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err


def test_a_bad_setting_stops_the_command_and_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JIEDAO_WEB_PORT", "a door")
    assert main(["up"]) == 1
    assert "JIEDAO_WEB_PORT" in capsys.readouterr().err


def test_an_unknown_measurement_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "luck"]) == 1
    assert all(name in capsys.readouterr().err for name in bench.names()[:1])


def test_a_pack_that_cannot_be_used_is_refused_before_anything_is_asked_of_the_town(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("pack: mine\nversion: one\n")
    assert main(["packs", "load", "--data-dir", str(tmp_path), str(file)]) == 1
    assert "事项包 mine.yaml 第 2 行有误" in capsys.readouterr().err
    assert main(["packs", "load", "--data-dir", str(tmp_path), str(tmp_path / "none.yaml")]) == 1
    assert "none.yaml" in capsys.readouterr().err


def test_packs_are_not_loaded_where_no_town_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["packs", "load", "--data-dir", str(tmp_path)]) == 1
    assert str(tmp_path) in capsys.readouterr().err
