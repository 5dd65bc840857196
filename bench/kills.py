# SPDX-License-Identifier: Apache-2.0
"""Drills in which something is killed with -9 the moment the alarm stands on the desk.

    jiedao bench kills [--json] [--only web,postgres]

Each target gets a fresh platform and one drill; a ledger client writes all the while. At least
six of the seven must close, and one that does not must say which step it waits for. Nothing that
was acknowledged may be lost or stand twice.
"""

import argparse
import contextlib
import os
import shutil
import signal
import sys
import threading
from dataclasses import dataclass
from typing import Any

from bench.ledger import Writer, check
from bench.report import conclude
from jiedao.base.log import configure
from jiedao.main.drill import Drill, standalone
from jiedao.main.folders import fresh_data_dir
from jiedao.main.postgres import processes_of
from jiedao.main.standing import Platform

TARGETS = ("web", "stream", "pulse", "media", "voice", "backend", "postgres")
DRILL_S = 75.0
KILL_AT = "alarm"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one drill with one kill."""

    target: str
    result: dict[str, Any]
    killed: int
    acknowledged: int
    lost: int
    doubled: int


def kill(platform: Platform, target: str) -> int:
    """Kill one of the platform's own processes with -9; returns how many were killed."""
    pgdata = platform.settings.data_dir / "pgdata"
    if target in ("backend", "postgres"):
        living = processes_of(pgdata)
        master = int((pgdata / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
        pids = living if target == "postgres" else [max(p for p in living if p != master)]
    else:
        pids = [s.pid for s in platform.supervisor.states if s.name == target and s.pid]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(pids)


def drill_with_kill(target: str) -> Outcome:
    """One drill on a platform of its own, in which the target dies as the alarm stands."""
    folder = fresh_data_dir("jiedao-kill-")
    killed: list[int] = []
    try:
        with standalone(folder, stop=threading.Event()) as platform:
            writer = Writer(platform.url)

            def on_step(step: str, _t_s: float) -> None:
                if step == KILL_AT:
                    killed.append(kill(platform, target))

            run_dir = platform.settings.data_dir / "run"
            result = Drill(platform.settings, run_dir, told=on_step).play(DRILL_S)
            ledger = writer.stop()
            lost, doubled = check(platform, writer.matter, ledger)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(folder.parent / f"{folder.name}-checkpoints", ignore_errors=True)
    return Outcome(target, result, sum(killed), len(ledger.acknowledged), lost, doubled)


def main() -> int:
    parser = argparse.ArgumentParser(prog="jiedao bench kills", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", default=",".join(TARGETS), help="comma separated")
    given = parser.parse_args()
    configure("bench")
    outcomes = []
    for target in given.only.split(","):
        outcome = drill_with_kill(target)
        outcomes.append(outcome)
        told = "closed" if outcome.result["closed"] else f"waits for {outcome.result['waits_for']}"
        print(f"{target}: {told}, {outcome.acknowledged} notes", file=sys.stderr)
    closed = sum(o.result["closed"] for o in outcomes)
    figures: dict[str, float] = {
        "drills": len(outcomes),
        "closed": closed,
        "trails_whole": sum(o.result["trace_ok"] for o in outcomes),
        "acknowledged": sum(o.acknowledged for o in outcomes),
        "lost": sum(o.lost for o in outcomes),
        "doubled": sum(o.doubled for o in outcomes),
        "nothing_killed": sum(o.killed == 0 for o in outcomes),
    }
    return conclude(
        "kills",
        f"a drill each for {given.only}; killed -9 as the alarm stands; notes every 50 ms",
        figures,
        {
            "closed": (">=", len(outcomes) - (len(outcomes) > 1)),
            "trails_whole": ("==", len(outcomes)),
            "lost": ("==", 0),
            "doubled": ("==", 0),
            "nothing_killed": ("==", 0),
        },
        as_json=given.json,
    )


if __name__ == "__main__":
    sys.exit(main())
