# SPDX-License-Identifier: Apache-2.0
"""The whole check: every step is run, whatever failed, and what failed is named at the end."""

import sys
from collections.abc import Sequence

import pytest

import check
import screens


def a_step(name: str, code: str = "pass") -> check.Step:
    return check.Step(name, [sys.executable, "-c", code])


@pytest.fixture(autouse=True)
def no_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screens, "node_folder", lambda: check.BIN)


def run(monkeypatch: pytest.MonkeyPatch, *lanes: Sequence[check.Step]) -> int:
    monkeypatch.setattr(check, "LANES", {"test": lanes})
    return check.main("test")


def test_all_lanes_are_walked_to_their_end_and_all_is_well(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    said = "print('12 passed')"
    assert run(monkeypatch, (a_step("lint"), a_step("tests", said)), (a_step("browser"),)) == 0
    out = capfdbinary.readouterr().out
    assert b"== lint" in out
    assert b"== browser" in out
    assert out.splitlines()[-1] == b"12 passed", "the line that counts the tests is the last"


def test_a_failing_step_stops_no_other_and_is_named_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    broken = a_step("lint", "print('line 7 is wrong'); raise SystemExit(3)")
    missing = check.Step("peers", ["/nowhere/program"])
    assert run(monkeypatch, (broken, a_step("tests", "print('ran')")), (missing,)) == 1
    out = capfdbinary.readouterr().out.decode()
    assert "line 7 is wrong" in out
    assert "ran" in out
    assert "/nowhere/program" in out
    first, second = sorted(out.splitlines()[-2:])
    assert first.startswith("FAILED lint (exit 3")
    assert second.startswith("FAILED peers (exit 127")


def test_the_quick_check_leaves_out_only_what_needs_a_database_or_a_browser() -> None:
    quick = {step.name for lane in check.LANES["quick"] for step in lane}
    whole = {step.name for lane in check.LANES["test"] for step in lane}
    web = {"browser types", "web lint", "web types", "web tests"}
    assert whole - quick == {*web, "packaging", "browser", "peers"}
