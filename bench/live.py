# SPDX-License-Identifier: Apache-2.0
"""A live picture in the browser's place: `python -m bench.live [--json]`.

Real processes: a simulated RTSP camera, media, stream, web. A viewer opens an armed camera as the
desk does, by web and a ticket. First picture: from asking web to the first fragment, which begins
with a key frame, in the viewer. Age: from the capture of a fragment's first picture, by the camera
process's stamp of media time zero, to its receipt. Then eight viewers at once, and one more that
reads nothing. Left out: the browser's own decoding and drawing.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from bench.report import conclude, percentile
from bench.stage import standing_with
from jiedao.main.standing import Platform

VIEWERS = 8
OPENED_APART_S = 0.37  # So that viewers come in at every place of a group of pictures.
LIVE_WITHIN_S = 60.0
TARGETS = {
    "first_picture_ms_p95": ("<=", 1000.0),
    "age_ms_p95": ("<=", 1500.0),
    "age_beside_a_stuck_viewer_ms_p95": ("<=", 1500.0),
    "sessions_at_the_camera": ("==", 1.0),
}


@dataclass
class Viewer:
    """What one viewer saw.

    Attributes:
        ticket_ms: from asking web to its answer, which has left a record.
        first_ms: from asking web to the first fragment.
        ages_ms: of each fragment, when it came.
    """

    ticket_ms: float = 0.0
    first_ms: float = 0.0
    ages_ms: list[float] = field(default_factory=list)
    _zero_s: float = 0.0
    _timescale: int = 0

    def hear(self, message: str | bytes) -> bool:
        """Take a message; True if it is a fragment."""
        now_s = time.time()
        if isinstance(message, str):
            said = json.loads(message)
            if "at" in said:
                self._zero_s = datetime.fromisoformat(said["at"]).timestamp()
            return False
        if b"moov" in message[:2000]:
            self._timescale = number_in(message, b"mdhd", after=12, size=4)
            return False
        begins = number_in(message, b"tfdt", after=4, size=8)
        self.ages_ms.append((now_s - self._zero_s - begins / self._timescale) * 1000)
        return True


def number_in(box: bytes, name: bytes, after: int, size: int) -> int:
    """A number in the first box of a name: `after` bytes behind the name."""
    start = box.index(name) + 4 + after
    return int.from_bytes(box[start : start + size], "big")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with standing_with("web", "stream", "pulse", "media", "sim-camera", demo=True) as platform:
        figures = asyncio.run(measure(platform, given.seconds))
    return conclude(
        "live",
        f"one drawn scene over RTSP, {VIEWERS} viewers for {given.seconds:g} s, then one more"
        " that reads nothing; decoding in the browser left out",
        figures,
        TARGETS,
        as_json=given.json,
    )


async def measure(platform: Platform, seconds: float) -> dict[str, float]:
    web = f"http://127.0.0.1:{platform.settings.web_port}"
    async with (
        httpx.AsyncClient(
            base_url=web, headers={"x-jiedao-csrf": "1", "origin": web}, timeout=30
        ) as desk,
        contextlib.AsyncExitStack() as room,
    ):
        (await desk.post("/api/demo/seats/operator")).raise_for_status()
        camera = await an_armed_camera(desk)
        viewers, sockets = [], []
        for _ in range(VIEWERS):
            viewer, socket = await room.enter_async_context(opened(desk, camera))
            viewers.append(viewer)
            sockets.append(socket)
            await asyncio.sleep(OPENED_APART_S)
        await watch(viewers, sockets, 1.0)  # What waited while the others came in.
        ages = await watch(viewers, sockets, seconds)
        sessions = await sessions_at(platform)
        async with stuck(desk, camera):
            beside = await watch(viewers, sockets, seconds)
    first = [viewer.first_ms for viewer in viewers]
    return {
        "first_viewer_ticket_ms": viewers[0].ticket_ms,
        "first_viewer_picture_ms": viewers[0].first_ms,
        "first_picture_ms_p50": percentile(first, 0.5),
        "first_picture_ms_p95": percentile(first, 0.95),
        "age_ms_p50": percentile(ages, 0.5),
        "age_ms_p95": percentile(ages, 0.95),
        "age_beside_a_stuck_viewer_ms_p95": percentile(beside, 0.95),
        "fragments": float(len(ages) + len(beside)),
        "sessions_at_the_camera": sessions,
    }


async def an_armed_camera(desk: httpx.AsyncClient) -> str:
    """An armed camera that has been live for long enough to have left a still."""
    async with asyncio.timeout(LIVE_WITHIN_S):
        while True:
            cameras: list[dict[str, Any]] = (await desk.get("/api/cameras")).json()
            for camera in cameras:
                if camera["armed"] and camera["state"] == "live":
                    still = await desk.get(f"/api/cameras/{camera['id']}/still")
                    if still.status_code == 200:
                        return str(camera["id"])
            await asyncio.sleep(0.5)


async def door_of(desk: httpx.AsyncClient, camera: str) -> str:
    answer = await desk.post(f"/api/cameras/{camera}/open", json={"purpose": "值守"})
    answer.raise_for_status()
    url: str = answer.json()["url"]
    return str(httpx.URL(url).copy_with(scheme="ws")) if url.startswith("http") else url


@contextlib.asynccontextmanager
async def opened(
    desk: httpx.AsyncClient, camera: str
) -> AsyncIterator[tuple[Viewer, ClientConnection]]:
    """A viewer that has seen its first picture."""
    viewer, begin_s = Viewer(), time.monotonic()
    door = await door_of(desk, camera)
    viewer.ticket_ms = (time.monotonic() - begin_s) * 1000
    async with connect(door, compression=None, max_size=None) as socket:
        while not viewer.hear(await socket.recv()):
            pass
        viewer.first_ms = (time.monotonic() - begin_s) * 1000
        yield viewer, socket


@contextlib.asynccontextmanager
async def stuck(desk: httpx.AsyncClient, camera: str) -> AsyncIterator[None]:
    """A viewer that is connected and reads nothing."""
    url = httpx.URL(await door_of(desk, camera))
    _, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
    target = url.raw_path.decode()
    writer.write(
        f"GET {target} HTTP/1.1\r\nhost: {url.host}:{url.port}\r\nupgrade: websocket\r\n"
        "connection: upgrade\r\nsec-websocket-version: 13\r\n"
        "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode()
    )
    try:
        yield
    finally:
        writer.close()


async def watch(
    viewers: list[Viewer], sockets: list[ClientConnection], seconds: float
) -> list[float]:
    """Ages of all fragments that come to all viewers in this time, ms."""

    async def one(viewer: Viewer, socket: ClientConnection) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    viewer.hear(await socket.recv())

    for viewer in viewers:
        viewer.ages_ms.clear()
    await asyncio.gather(*(one(*pair) for pair in zip(viewers, sockets, strict=True)))
    return [age for viewer in viewers for age in viewer.ages_ms]


async def sessions_at(platform: Platform) -> float:
    """The most sessions that one simulated camera counts now."""
    port = platform.settings.demo_control_port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b'{"status": true}\n')
    mounts: dict[str, dict[str, int]] = json.loads(await reader.readline())["mounts"]
    writer.close()
    return float(max(mount["sessions"] for mount in mounts.values()))


if __name__ == "__main__":
    sys.exit(main())
