# SPDX-License-Identifier: Apache-2.0
"""Starts the simulated cameras as their own process and talks to their control line."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import av

OPEN_OPTIONS = {"rtsp_transport": "tcp", "probesize": "32768", "analyzeduration": "200000"}


@dataclass
class Cameras:
    """A running simulator."""

    process: "subprocess.Popen[str]"
    rtsp_port: int
    truth: Path

    def url(self, mount: str, login: str = "") -> str:
        return f"rtsp://{login}127.0.0.1:{self.rtsp_port}/{mount}"

    def watch(self, mount: str, login: str = "") -> Any:
        """An opened PyAV container; PyAV's containers carry no useful types."""
        return av.open(self.url(mount, login), options=OPEN_OPTIONS, timeout=(10, 10))

    def tell(self, **command: object) -> dict[str, Any]:
        """Send one command over stdin and return the answer."""
        stdin, stdout = self._pipes()
        stdin.write(json.dumps(command) + "\n")
        stdin.flush()
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    def rows(self) -> list[dict[str, Any]]:
        """What the truth file says so far."""
        if not self.truth.exists():
            return []
        return [json.loads(line) for line in self.truth.read_text().splitlines()]

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin
        assert self.process.stdout
        return self.process.stdin, self.process.stdout


@contextmanager
def running_cameras(folder: Path, *arguments: str) -> Iterator[Cameras]:
    """A simulator that ends with the block, by closing its stdin."""
    truth = folder / "truth.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "jiedao.sim.camera", "--truth", str(truth), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        ready = json.loads(process.stdout.readline())
        yield Cameras(process, ready["rtsp_port"], truth)
    finally:
        process.stdin.close()
        try:
            process.wait(30)
        finally:
            process.kill()
            process.stdout.close()


def frames_until(
    container: Any, enough: Callable[[list[Any]], bool], limit: int = 200
) -> list[Any]:
    """Decode until the test has what it waits for, or the limit of frames is reached."""
    frames: list[Any] = []
    for frame in container.decode(video=0):
        frames.append(frame)
        if enough(frames) or len(frames) >= limit:
            break
    return frames
