# SPDX-License-Identifier: Apache-2.0
"""Runs what must pass: `check.py test` everything, `check.py quick` what needs no database.

Every step is run, whatever failed before it. Nothing is skipped: what a step needs and cannot
find is an error of that step. Steps run in lanes beside each other; what a step says is shown as
a whole once it has ended.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from threading import Thread

import screens

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
# Rules and values: no database, no process, no picture.
QUICK = (
    *(
        "base",
        "town",
        "catalog",
        "matters",
        "plans",
        "dispatch",
        "desk",
        "field",
        "vision/test_zones.py",
    ),
    *("trace", "signals", "main/test_processes.py"),
)
NO_DATABASE = "not database and not slow and not peer"


@dataclass(frozen=True, slots=True)
class Step:
    """A named check and the command that makes it."""

    name: str
    command: Sequence[str | Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step ended, and all that it said."""

    step: Step
    status: int
    took_s: float
    said: bytes


def npm(*arguments: str) -> list[str | Path]:
    return [BIN / "python", "-c", _NPM, *arguments]


_NPM = (
    "import sys; sys.path.insert(0, 'scripts'); from pathlib import Path; import screens;"
    "screens.install(Path.cwd()); screens.npm(Path.cwd(), *sys.argv[1:])"
)

SHAPE = (
    Step("format", [BIN / "ruff", "format", "--check", "--quiet", "."]),
    Step("lint", [BIN / "ruff", "check", "--quiet", "."]),
    Step("imports", [BIN / "lint-imports"]),
    Step("files", [BIN / "python", "scripts/lint_files.py"]),
)
TYPES = Step("types", [BIN / "mypy"])
WEB = (
    Step("browser types", [BIN / "python", "scripts/browser_types.py", "--check"]),
    Step("web lint", npm("run", "--silent", "lint")),
    Step("web types", npm("run", "--silent", "types")),
    Step("web tests", npm("run", "--silent", "test")),
)
# These mostly wait for a platform that plays, so they go beside types and lints.
PLAYED = (
    Step("packaging", [BIN / "python", "scripts/check_package.py"]),
    Step("browser", [BIN / "python", "scripts/check_browser.py"]),
    Step("peers", [BIN / "pytest", "-q", "-m", "peer"]),
)
TESTS = Step("tests", [BIN / "pytest", "-q", "-n", "2", "-m", "not peer"])
QUICK_TESTS = Step(
    "tests",
    [
        *(BIN / "pytest", "-q", "-n", "2", "-m", NO_DATABASE),
        *(f"tests/{name}" for name in QUICK if (ROOT / "tests" / name).exists()),
    ],
)
LANES = {
    # What plays in real time comes after one another: beside itself it would be late.
    "test": ((*SHAPE, TYPES, *WEB), (*PLAYED, TESTS)),
    "quick": ((*SHAPE, QUICK_TESTS), (TYPES,)),
}


def main(which: str) -> int:
    lanes = LANES[which]
    ended: Queue[Outcome] = Queue()
    for lane in lanes:
        Thread(target=walk, args=(lane, ended.put), daemon=True).start()
    outcomes = []
    for _ in range(sum(map(len, lanes))):
        outcomes.append(ended.get())
        if outcomes[-1].step.name != "tests":
            show(outcomes[-1])
    # The line that counts the tests ends the output, unless something failed.
    show(next(outcome for outcome in outcomes if outcome.step.name == "tests"))
    failed = [outcome for outcome in outcomes if outcome.status != 0]
    for outcome in failed:
        print(f"FAILED {outcome.step.name} (exit {outcome.status}, {outcome.took_s:.1f} s)")
    return 1 if failed else 0


def walk(lane: Sequence[Step], tell: Callable[[Outcome], None]) -> None:
    """Run the steps of a lane, one after the other."""
    for step in lane:
        print(f".. {step.name}", flush=True)
        begun_s = time.monotonic()
        status, said = run(step)
        tell(Outcome(step, status, time.monotonic() - begun_s, said))


def show(outcome: Outcome) -> None:
    """A heading with the time, then what the step said."""
    print(f"== {outcome.step.name}: {outcome.took_s:.1f} s", flush=True)
    sys.stdout.buffer.write(outcome.said)
    sys.stdout.buffer.flush()


def run(step: Step) -> tuple[int, bytes]:
    """The step's exit status and its words; a program that is missing is a failure, named."""
    environment = {
        **screens.environment(screens.node_folder()),
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(BIN.parent),
    }
    environment.pop("PYTHONPATH", None)
    try:
        done = subprocess.run(
            step.command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        return 127, f"{error}\n".encode()
    return done.returncode, done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "test"))
