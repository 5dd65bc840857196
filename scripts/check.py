# SPDX-License-Identifier: Apache-2.0
"""Runs what must pass: `check.py test` everything, `check.py quick` what needs no database.

Every step is run, whatever failed before it. Nothing is skipped: what a step needs and cannot
find is an error of that step.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
    quick: bool = False


def npm(*arguments: str) -> list[str | Path]:
    return [BIN / "python", "-c", _NPM, *arguments]


_NPM = (
    "import sys; sys.path.insert(0, 'scripts'); from pathlib import Path; import screens;"
    "screens.install(Path.cwd()); screens.npm(Path.cwd(), *sys.argv[1:])"
)

STEPS = (
    Step("format", [BIN / "ruff", "format", "--check", "--quiet", "."], quick=True),
    Step("lint", [BIN / "ruff", "check", "--quiet", "."], quick=True),
    Step("types", [BIN / "mypy"], quick=True),
    Step("imports", [BIN / "lint-imports"], quick=True),
    Step("files", [BIN / "python", "scripts/lint_files.py"], quick=True),
    Step("web lint", npm("run", "--silent", "lint")),
    Step("web types", npm("run", "--silent", "types")),
    Step("web tests", npm("run", "--silent", "test")),
    Step("packaging", [BIN / "python", "scripts/check_package.py"]),
    Step("browser", [BIN / "python", "scripts/check_browser.py"]),
    Step("peers", [BIN / "pytest", "-q", "-m", "peer"]),
    # The last of the test runners, so that its closing line ends the output.
    Step("tests", [BIN / "pytest", "-q", "-n", "2", "-m", "not peer"]),
)
QUICK_TESTS = Step(
    "tests",
    [
        *(BIN / "pytest", "-q", "-n", "2", "-m", NO_DATABASE),
        *(f"tests/{name}" for name in QUICK if (ROOT / "tests" / name).exists()),
    ],
)


def main(which: str) -> int:
    steps = [step for step in STEPS if step.quick] + [QUICK_TESTS] if which == "quick" else STEPS
    failed = []
    for step in steps:
        begun_s = time.monotonic()
        print(f"== {step.name}", flush=True)
        status = run(step)
        took = f"{time.monotonic() - begun_s:.1f} s"
        if status == 0 and step is not steps[-1]:
            print(f"-- {step.name}: {took}", flush=True)
        if status != 0:
            failed.append(f"FAILED {step.name} (exit {status}, {took})")
    for line in failed:
        print(line, flush=True)
    return 1 if failed else 0


def run(step: Step) -> int:
    """The step's exit status; a program that is missing is a failure with its name."""
    environment = {
        **screens.environment(screens.node_folder()),
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "VIRTUAL_ENV": str(BIN.parent),
    }
    environment.pop("PYTHONPATH", None)
    try:
        return subprocess.run(
            step.command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False
        ).returncode
    except OSError as error:
        print(error, file=sys.stderr)
        return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "test"))
