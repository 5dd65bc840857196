# SPDX-License-Identifier: Apache-2.0
"""What must not get into the project is found, with file and line."""

from pathlib import Path

import pytest

import lint_files

LICENCE = f"# {lint_files.LICENCE}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "web").mkdir()
    monkeypatch.setattr(lint_files, "ROOT", tmp_path)
    return tmp_path


def complaints(root: Path, name: str, text: str) -> list[str]:
    (root / name).write_text(text, "utf-8")
    return list(lint_files.complaints_of(name))


def test_a_clean_file_is_passed(root: Path) -> None:
    assert complaints(root, "town.py", LICENCE + '"""A town."""\n') == []
    assert complaints(root, "requirements.lock", "av==17.0 \\\n    --hash=sha256:00\n") == []


@pytest.mark.parametrize("text", ['"""No licence."""\n', LICENCE + LICENCE])
def test_a_source_file_has_one_licence_line(root: Path, text: str) -> None:
    [complaint] = complaints(root, "town.py", text)
    assert complaint.startswith("town.py:1:")


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://registry.example/simple",
        "--find-links /srv/wheels",
        "av @ http://registry.example/av.whl",
    ],
)
def test_an_address_in_a_lock_is_found(root: Path, line: str) -> None:
    [complaint] = complaints(root, "requirements.lock", f"# comment\n{line}\n")
    assert complaint.startswith("requirements.lock:2:")


def test_a_path_of_one_machine_is_found(root: Path) -> None:
    home = "/".join(("", "home", "somebody", "jiedao"))
    [complaint] = complaints(root, "notes.md", f"see {home}/notes\n")
    assert complaint.startswith("notes.md:1:")
    assert complaints(root, "notes.md", "see docs/home/index.md and /api/home\n") == []


def test_a_message_twice_is_found() -> None:
    with pytest.raises(SystemExit, match="twice"):
        lint_files._no_doubles([("a", 1), ("a", 2)])


def test_every_message_of_the_project_is_whole() -> None:
    assert list(lint_files.messages()) == []
