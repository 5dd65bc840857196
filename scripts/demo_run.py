# SPDX-License-Identifier: Apache-2.0
"""A small demo town started from outside, as a user would, on free ports in a folder of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

WITHIN_S = 120.0


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A temporary folder that the database's user may walk through to its data."""
    with tempfile.TemporaryDirectory(prefix="jiedao-check-", dir="/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@contextlib.contextmanager
def demo(program: Path, place: Path, *options: str) -> Iterator[str]:
    """`jiedao up --demo --town small`, its address once the first page is ours; stopped after.

    Exits with a message if there is no first page in time, or if it does not stop cleanly.
    """
    data = place / "data"
    begun_s = time.monotonic()
    with (place / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [
                *(program, "up", "--demo", "--town", "small", "--data-dir", data),
                *("--web-port", "0", "--stream-port", "0", *options),
            ],
            env=clean_environment(),
            cwd=place,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            url = await_first_page(process, data / "run" / "supervisor.json")
            print(f"first page after {time.monotonic() - begun_s:.1f} s", flush=True)
            yield url
        except BaseException:
            sys.stderr.write((place / "up.log").read_text("utf-8", "replace")[-6000:])
            raise
        finally:
            stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ctrl-C; everything has to be gone within 15 s, without an error."""
    begun_s = time.monotonic()
    process.send_signal(signal.SIGINT)
    try:
        status = process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit("jiedao up did not stop within 15 s / 15 秒内没有停止")
    if status != 0:
        sys.exit(f"jiedao up ended with status {status} / 退出状态 {status}")
    print(f"stopped in {time.monotonic() - begun_s:.1f} s", flush=True)


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
    sys.exit(f"no first page within {WITHIN_S:.0f} s / {WITHIN_S:.0f} 秒内没有首页")


def clean_environment() -> dict[str, str]:
    """Nothing of the source tree: no settings, no search path."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**kept, "PYTHONSAFEPATH": "1"}
