# SPDX-License-Identifier: Apache-2.0
"""`jiedao status`: how every process is, read from the files they write."""

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from jiedao.base.errors import JiedaoError
from jiedao.base.health import health_of
from jiedao.base.words import LANGUAGES, say
from jiedao.main.up import add_settings, settings_of


class NotRunning(JiedaoError):
    """No platform runs on this data directory."""

    code = "status.not_running"


class ProcessStatus(msgspec.Struct, frozen=True):
    """One process: what the supervisor knows of it, and what it says of itself.

    Attributes:
        state: ready, not_ready, silent, restarting, starting, down or stopped.
        why: a message code, or "".
        next_try_at: when one that is down is tried again, else "".
    """

    name: str
    state: str
    why: str
    pid: int
    exits: int
    next_try_at: str = ""


def configure(parser: argparse.ArgumentParser) -> None:
    add_settings(parser)
    parser.add_argument("--json", action="store_true")


def run(arguments: argparse.Namespace) -> int:
    settings = settings_of(arguments)
    said = supervisor_says(settings.data_dir / "run")
    if said is None:
        raise NotRunning(folder=str(settings.data_dir))
    processes = process_states(settings.data_dir / "run")
    if arguments.json:
        body = {"url": said.get("url"), "pid": said["pid"], "processes": processes}
        sys.stdout.write(msgspec.json.encode(body).decode() + "\n")
    else:
        print(said.get("url", ""))
        for each in processes:
            facts = {"name": each.name, "at": _local_time(each.next_try_at)}
            words = [say(each.why, language, **facts) for language in LANGUAGES if each.why]
            why = " · ".join(words)
            print(f"  {each.name:<10} {each.state:<10} pid {each.pid:<8} {each.exits:>3}×  {why}")
    return 0 if all(each.state == "ready" for each in processes) else 1


def supervisor_says(run_dir: Path) -> dict[str, Any] | None:
    """What the supervisor last wrote; None if none runs."""
    try:
        said: dict[str, Any] = json.loads((run_dir / "supervisor.json").read_text("utf-8"))
        os.kill(int(said["pid"]), 0)
    except PermissionError:
        return said
    except (OSError, ValueError, KeyError):
        return None
    return said


def process_states(run_dir: Path, now: datetime | None = None) -> list[ProcessStatus]:
    """Every process of the platform, for the duty screen and the command line."""
    said = supervisor_says(run_dir) or {}
    at = now or datetime.now(UTC)
    return [_of(run_dir, known, at) for known in said.get("processes", [])]


def _of(run_dir: Path, known: dict[str, Any], at: datetime) -> ProcessStatus:
    name, state, why = str(known["name"]), str(known["state"]), ""
    if state == "up":
        state = "ready"
        if known["has_heartbeat"]:
            health = health_of(run_dir, name, at)
            state, why = health.state, health.why
    elif state == "down":
        why = "process.down_until"
    next_try_at = str(known.get("next_try_at", ""))
    return ProcessStatus(name, state, why, int(known["pid"]), int(known["exits"]), next_try_at)


def _local_time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M:%S") if at else ""
