# SPDX-License-Identifier: Apache-2.0
"""Builds the wheel, installs it where nothing else is, starts the demo from it, reads a page.

The packages of the lock are lent to the empty environment, so that no index is asked: what is
tested is our own wheel, that it holds everything the source tree does.
"""

import json
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Sequence
from pathlib import Path

import demo_run

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"


def main() -> int:
    with demo_run.folder() as place:
        wheel = build(place / "wheels")
        program = install(wheel, place / "venv")
        with demo_run.demo(program, place) as url:
            look(url)
    return 0


def build(target: Path) -> Path:
    """Build the wheel with the tools of the lock, and look whether the screens are inside."""
    call(
        [
            *(BIN / "python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
            *("--no-build-isolation", "-w", target, ROOT),
        ]
    )
    [wheel] = target.glob("jiedao-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in ("jiedao/web/index.html", "jiedao/base/locale/messages.json", "jiedao/py.typed"):
        if wanted not in names:
            sys.exit(f"{wheel.name} holds no {wanted}")
    print(f"{wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")
    return wheel


def install(wheel: Path, venv: Path) -> Path:
    """Put the wheel into an empty environment that borrows the locked packages, not our code."""
    call([BIN / "python", "-m", "venv", "--without-pip", venv])
    [packages] = venv.glob("lib/python3.*/site-packages")
    call(
        [
            *(BIN / "python", "-m", "pip", "--python", venv / "bin" / "python", "install"),
            *("--quiet", "--no-deps", "--no-index", wheel),
        ]
    )
    [lent] = (ROOT / ".venv").glob("lib/python3.*/site-packages")
    # A .pth file adds the folder but does not follow the .pth files inside it: the editable
    # install of the source tree stays out.
    (packages / "lent.pth").write_text(f"{lent}\n", "utf-8")
    where = call([venv / "bin" / "python", "-c", "import jiedao; print(jiedao.__file__)"])
    if not where.startswith(str(venv)):
        sys.exit(f"the package under test comes from {where}")
    return venv / "bin" / "jiedao"


def look(url: str) -> None:
    """The page's own scripts come from the package, and the demo says that it is one."""
    with urllib.request.urlopen(url, timeout=10) as page:
        [script] = re.findall(r'<script[^>]+src="/([^"]+)"', page.read().decode())[:1]
    with urllib.request.urlopen(url + script, timeout=10) as answer:
        if not answer.read():
            sys.exit(f"{script} is empty")
    with urllib.request.urlopen(url + "api/config", timeout=10) as answer:
        if json.load(answer)["demo"] is not True:
            sys.exit("the demo says it is none")


def call(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[:6]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
