# SPDX-License-Identifier: Apache-2.0
"""Starts the GStreamer peers, and says plainly what to install where they are missing."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

PYTHON = "/usr/bin/python3"
FOLDER = Path(__file__).parent
PACKAGES = (
    "python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base gstreamer1.0-plugins-good "
    "gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly"
)
_CHECK = """
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
names = "rtspsrc rtph264depay h264parse openh264dec x264enc rtph264pay videotestsrc".split()
missing = [name for name in names if Gst.ElementFactory.find(name) is None]
raise SystemExit(f"no {', '.join(missing)}" if missing else 0)
"""


@cache
def require() -> None:
    """Fail the test, never skip it, where GStreamer is missing."""
    try:
        check = subprocess.run([PYTHON, "-c", _CHECK], capture_output=True, text=True, check=False)
        trouble = check.stderr.strip() if check.returncode else ""
    except FileNotFoundError:
        trouble = f"no {PYTHON}"
    if trouble:
        pytest.fail(f"GStreamer peer: {trouble}. Install it: apt-get install -y {PACKAGES}")


def play(url: str, frames: int) -> dict[str, Any]:
    """What GStreamer saw of an address; see gst_play.py."""
    require()
    command = [PYTHON, str(FOLDER / "gst_play.py"), url, str(frames)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@contextmanager
def camera(fps: int = 10) -> Iterator[str]:
    """A GStreamer camera for the length of a block; yields its RTSP address."""
    require()
    process = subprocess.Popen(
        [PYTHON, str(FOLDER / "gst_camera.py"), str(fps)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()
