# SPDX-License-Identifier: Apache-2.0
"""A bank of simulated loudspeakers in a process of its own, for tests and benches."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Line = dict[str, Any]  # JSON from the simulator.


class Horns:
    """The running bank: its port, its status lines, its faults."""

    def __init__(self, folder: Path, process: "subprocess.Popen[str]") -> None:
        self._status, self._process = folder / "status.jsonl", process
        self.heard_dir = folder / "heard"
        self.port = int(self.wait_for("ready")[0]["sip_port"])

    def lines(self, event: str, account: str = "") -> list[Line]:
        """What was said so far of that kind, of one account or of all."""
        text = self._status.read_text("utf-8") if self._status.exists() else ""
        said = [json.loads(raw) for raw in text[: text.rfind("\n") + 1].splitlines()]
        return [
            line
            for line in said
            if line["event"] == event and (not account or line.get("account") == account)
        ]

    def wait_for(
        self, event: str, number: int = 1, account: str = "", timeout_s: float = 30.0
    ) -> list[Line]:
        """The lines of that kind, as soon as there are so many."""
        end = time.monotonic() + timeout_s
        while len(found := self.lines(event, account)) < number:
            if time.monotonic() > end or self._process.poll() is not None:
                raise AssertionError(f"{len(found)} of {number} {event} lines")
            time.sleep(0.01)
        return found

    def fault(self, account: str, kind: str | None) -> None:
        """Let an account misbehave, and wait until it will."""
        done = len(self.lines("obeyed"))
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"account": account, "fault": kind}) + "\n")
        self._process.stdin.flush()
        self.wait_for("obeyed", done + 1)


@contextmanager
def running_horns(folder: Path, *options: str) -> Iterator[Horns]:
    """Start a bank, and end it by closing its input, as the supervisor does."""
    command = [sys.executable, "-m", "jiedao.sim.loudspeaker", "--count", "90"]
    command += ["--status", str(folder / "status.jsonl"), "--heard-dir", str(folder / "heard")]
    process = subprocess.Popen([*command, *options], stdin=subprocess.PIPE, text=True)
    try:
        yield Horns(folder, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)
