# SPDX-License-Identifier: Apache-2.0
"""Builds the wheel, installs it where nothing else is, starts the demo from it, reads a page.

The packages of the lock are lent to the empty environment, so that no index is asked: what is
tested is our own wheel, that it holds everything the source tree does.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
WITHIN_S = 90.0


def main() -> int:
    with folder() as place:
        wheel = build(place / "wheels")
        program = install(wheel, place / "venv")
        start_and_look(program, place)
    return 0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that the database's user may walk through to its data."""
    with tempfile.TemporaryDirectory(prefix="jiedao-package-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


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


def start_and_look(program: Path, place: Path) -> None:
    """Start the small demo on free ports, fetch the first page and its scripts, stop it."""
    data = place / "data"
    process = subprocess.Popen(
        [
            *(program, "up", "--demo", "--town", "small", "--data-dir", data),
            *("--web-port", "0", "--stream-port", "0"),
        ],
        env=clean_environment(),
        cwd=place,
        stdin=subprocess.DEVNULL,
    )
    begun_s = time.monotonic()
    try:
        url = await_first_page(process, data / "run" / "supervisor.json")
        print(f"first page after {time.monotonic() - begun_s:.1f} s")
        with urllib.request.urlopen(url + "api/config", timeout=10) as answer:
            if json.load(answer)["demo"] is not True:
                sys.exit("the demo says it is none")
    finally:
        process.send_signal(signal.SIGINT)
        stopping_s = time.monotonic()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            sys.exit("it did not stop within 15 s")
        print(f"stopped in {time.monotonic() - stopping_s:.1f} s")
    if process.returncode != 0:
        sys.exit(f"jiedao up ended with {process.returncode}")


def await_first_page(process: "subprocess.Popen[bytes]", said: Path) -> str:
    """The address, once it serves a page that is ours."""
    end_s = time.monotonic() + WITHIN_S
    while time.monotonic() < end_s and process.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            url = str(json.loads(said.read_text("utf-8"))["url"])
            with urllib.request.urlopen(url, timeout=5) as page:
                if b"<script" in page.read():
                    return url
        time.sleep(0.1)
    sys.exit(f"no first page within {WITHIN_S:.0f} s")


def clean_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONSAFEPATH": "1"}


def call(command: Sequence[str | Path]) -> str:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[:6]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
