# SPDX-License-Identifier: Apache-2.0
"""Start the simulated cameras: ``python -m jiedao.sim.camera --scene bridge=bridge``."""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
from pathlib import Path

import cv2

from jiedao.sim.camera.control import Control
from jiedao.sim.camera.login import Login
from jiedao.sim.camera.mount import Mount
from jiedao.sim.camera.scenes import SCENES
from jiedao.sim.camera.server import CameraServer
from jiedao.sim.camera.sources import SceneSource
from jiedao.sim.camera.truth import TruthFile

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


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m jiedao.sim.camera", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1")
    add("--port", type=int, default=0, help="RTSP port; 0 takes a free one")
    add("--scene", type=_scene, action="append", default=[], metavar="NAME=SCENE")
    add("--seed", type=int, default=1, help="of the people in the scenes")
    add("--utc-offset-h", type=float, default=8.0, help="of the clock in the picture")
    add("--user", help="ask viewers to sign in")
    add("--password", default="")
    add("--truth", type=Path, help="append what really happens, as JSON lines")
    add("--control-port", type=int, help="obey JSON lines on this loopback port; 0: a free one")
    add("--status", type=Path, help="keep a JSON file with ports and counts")
    return parser


async def run(options: argparse.Namespace) -> None:
    """Serve until stdin closes or the process is told to end."""
    truth = TruthFile(options.truth)
    mounts = {
        name: Mount(name, SceneSource(name, scene, options.seed, options.utc_offset_h), truth)
        for name, scene in options.scene
    }
    login = Login(options.user, options.password) if options.user else None
    server, control = CameraServer(mounts, login), Control(mounts)
    control.ports["rtsp_port"] = await server.start(options.host, options.port)
    if options.control_port is not None:
        control.ports["control_port"] = await control.listen(options.control_port)
    waits = [control.follow_stdin(), _told_to_end()]
    if options.status:
        waits.append(_keep_status(control, options.status))
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


async def _keep_status(control: Control, path: Path) -> None:
    while True:
        fresh = path.with_name(path.name + ".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), **control.status()}), encoding="utf-8")
        fresh.replace(path)
        await asyncio.sleep(STATUS_EVERY_S)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    cv2.setNumThreads(1)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(arguments().parse_args()))


if __name__ == "__main__":
    main()
