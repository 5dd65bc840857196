# SPDX-License-Identifier: Apache-2.0
"""Start the simulated cameras: ``python -m jiedao.sim.camera --scene bridge=bridge``."""

import argparse
import asyncio
import json
import logging
import os
import signal
import stat
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import cv2

from jiedao.sim.camera.clip import BadClip, ClipPlan, ClipSource
from jiedao.sim.camera.control import Control
from jiedao.sim.camera.login import Login
from jiedao.sim.camera.mount import Mount
from jiedao.sim.camera.scenes import SCENES
from jiedao.sim.camera.server import CameraServer
from jiedao.sim.camera.sources import SceneSource
from jiedao.sim.camera.truth import Happening, TruthFile, clip_happenings

STATUS_EVERY_S = 0.5


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name or not value or "/" in name:
        raise argparse.ArgumentTypeError(f"{text!r}: NAME=VALUE is expected")
    return name, value


def _scene(text: str) -> tuple[str, str]:
    name, scene = _pair(text)
    if scene not in SCENES:
        raise argparse.ArgumentTypeError(f"{scene!r}: scenes are {', '.join(SCENES)}")
    return name, scene


def _mounts(options: argparse.Namespace, truth: TruthFile) -> dict[str, Mount]:
    """The cameras asked for.

    Raises:
        BadClip, OSError, ValueError: a file or its truth cannot be read.
    """
    mounts = {
        name: Mount(name, SceneSource(name, scene, options.seed, options.utc_offset_h), truth)
        for name, scene in options.scene
    }
    truths = dict(options.truth_of)
    for name, path in options.file:
        happenings: list[Happening] = []
        if name in truths:
            happenings = clip_happenings(Path(truths[name]).read_text(encoding="utf-8"))
        plan = ClipPlan(not options.once, options.start == "cue", happenings)
        mounts[name] = Mount(name, ClipSource(Path(path), plan), truth)
    return mounts


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jiedao.sim.camera", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="RTSP port; 0 takes a free one")
    add("--scene", type=_scene, action="append", default=[], metavar="NAME=SCENE")
    add("--file", type=_pair, action="append", default=[], metavar="NAME=PATH")
    add("--truth-of", type=_pair, action="append", default=[], metavar="NAME=PATH")
    add("--once", action="store_true", help="files stop at their end; otherwise they loop")
    add("--start", choices=("play", "cue"), default="play", help="what starts a file's clip")
    add("--seed", type=int, default=1, help="of the people in the scenes")
    add("--utc-offset-h", type=float, default=8.0, help="of the clock in the picture")
    add("--user", help="ask viewers to sign in")
    add("--password", default="")
    add("--truth", type=Path, help="append what really happens, as JSON lines")
    add("--control-port", type=int, help="obey JSON lines on this loopback port; 0: a free one")
    add("--status", type=Path, help="keep a JSON file with ports and counts")
    add("--ready", type=Path, help="keep a JSON file that says this process is ready")
    return parser


async def run(options: argparse.Namespace) -> None:
    """Serve until stdin closes or the process is told to end."""
    truth = TruthFile(options.truth)
    mounts = _mounts(options, truth)
    login = Login(options.user, options.password) if options.user else None
    server, control = CameraServer(mounts, login), Control(mounts)
    control.ports["rtsp_port"] = await server.start(options.host, options.port)
    if options.control_port is not None:
        control.ports["control_port"] = await control.listen(options.control_port)
    waits = [_told_to_end()]
    # A terminal or a file as stdin is nobody's pipe: then only a signal ends the cameras.
    if _is_pipe(sys.stdin):
        waits.append(control.follow_stdin())
    if options.status:
        waits.append(_keep(options.status, control.status))
    if options.ready:
        waits.append(_keep(options.ready, _readiness))
    print(json.dumps({"ready": True, **control.status()}), flush=True)
    tasks = [asyncio.create_task(wait) for wait in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        control.close()
        await server.close()
        truth.close()


async def _told_to_end() -> None:
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    await told.wait()


async def _keep(path: Path, facts: Callable[[], Mapping[str, object]]) -> None:
    """Keep a small file fresh; readers never see half of it."""
    while True:
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), **facts()}), encoding="utf-8")
        fresh.replace(path)
        await asyncio.sleep(STATUS_EVERY_S)


def _readiness() -> dict[str, object]:
    return {"at": datetime.now(UTC).isoformat(), "state": "ready", "why": ""}


def _is_pipe(file: TextIO) -> bool:
    mode = os.fstat(file.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    cv2.setNumThreads(1)
    parser = arguments()
    options = parser.parse_args()
    try:
        asyncio.run(run(options))
    except (BadClip, OSError, ValueError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
