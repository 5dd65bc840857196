# SPDX-License-Identifier: Apache-2.0
"""`jiedao up` as a whole: kills, a second start, Ctrl-C, and the death of the supervisor itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jiedao.main.folders import fresh_data_dir
from jiedao.main.postgres import processes_of

pytestmark = [pytest.mark.slow, pytest.mark.database]


def until(holds: Callable[[], object], within_s: float = 60.0) -> None:
    """Wait for something that other processes do."""
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s, "did not happen in time"
        time.sleep(0.05)


class Up:
    """An empty town on free ports, in the foreground of a process of ours."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.process = self.start(subprocess.DEVNULL)
        until(self.answers)

    def start(self, output: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "jiedao.main.cli", "up", "--data-dir", str(self.data_dir)]
        return subprocess.Popen(
            [*command, "--web-port", "0", "--stream-port", "0"],
            stdout=output,
            stderr=subprocess.PIPE if output == subprocess.PIPE else subprocess.DEVNULL,
            text=True,
        )

    def says(self) -> dict[str, Any]:
        try:
            said: dict[str, Any] = json.loads(
                (self.data_dir / "run" / "supervisor.json").read_text("utf-8")
            )
        except (OSError, ValueError):
            return {}
        return said

    def child(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(p for p in self.says()["processes"] if p["name"] == name)
        return found

    def kill(self, name: str) -> None:
        pid = self.child(name)["pid"]
        assert pid > 1, "0 would be our own group"
        os.kill(pid, signal.SIGKILL)

    def pids(self) -> dict[str, int]:
        return {child["name"]: child["pid"] for child in self.says()["processes"]}

    def answers(self) -> bool:
        """Whether web says over HTTP that it can work, with the database behind it."""
        assert self.process.poll() is None, "jiedao up has ended"
        try:
            url = self.says()["url"] + "ready"
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
                return bool(answer.status == 200)
        except (KeyError, OSError):
            return False

    def is_gone(self) -> bool:
        """Whether nothing of this platform is left: no process has our data directory."""
        mine = f"JIEDAO_DATA_DIR={self.data_dir}".encode()
        for entry in Path("/proc").glob("[0-9]*/environ"):
            try:
                if mine in entry.read_bytes():
                    return False
            except OSError:
                continue
        return not processes_of(self.data_dir / "pgdata")


@pytest.fixture
def up() -> Iterator[Up]:
    data_dir = fresh_data_dir("jiedao-up-")
    up = Up(data_dir)
    yield up
    up.process.send_signal(signal.SIGINT)
    up.process.wait(30)
    shutil.rmtree(data_dir)
    shutil.rmtree(data_dir.with_name(data_dir.name + "-checkpoints"), ignore_errors=True)


def test_what_is_killed_comes_back_and_the_others_live_on(up: Up) -> None:
    second = up.start(subprocess.PIPE)
    _, complaint = second.communicate(timeout=30)
    assert second.returncode == 1
    assert str(up.process.pid) in complaint

    up.kill("web")
    until(lambda: up.child("web")["exits"] == 1)
    until(up.answers)

    before = up.pids()
    up.kill("postgres")
    until(lambda: up.child("postgres")["exits"] == 1)
    until(lambda: up.child("postgres")["state"] == "up")
    until(up.answers)
    after = up.pids()
    assert after.pop("postgres") != before.pop("postgres")
    assert after == before, "a lost database makes processes not ready, never dead"

    begun_s = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    assert up.process.wait(30) == 0
    assert time.monotonic() - begun_s < 10
    assert up.is_gone()


def test_when_the_supervisor_is_killed_nothing_stays_behind(up: Up) -> None:
    up.process.kill()
    up.process.wait()
    until(up.is_gone, within_s=20)
