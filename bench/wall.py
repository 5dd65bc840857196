# SPDX-License-Identifier: Apache-2.0
"""Pictures on real screens: `python -m bench.wall [--json]`.

Real processes and Chromium: simulated RTSP cameras, media, stream, web, the built screens. The
clock starts where the simulated camera burns it into the picture and stops where a script in the
page reads it back from what the element shows, so encoding, network, relay, decoding and the
wait for the next painted picture are all within. The panel's own delay is left out, and so is the
map: drawn without a graphics card it would take both cores of the measuring machine.

First the desk: cameras opened one after the other, from the key press to the first picture; those
that nobody had pulled before wait for their next key frame, which these cameras send every 2 s.
Then the wall's camera page: nine moving tiles beside 55 that show stills. Then headless viewers: 64
streams fanned out at once, and a thousand that come and go while the memory of `stream`, `media`
and its shards is watched.
"""

import argparse
import asyncio
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from websockets.asyncio.client import connect

from bench.live import Viewer, an_armed_camera, door_of, opened
from bench.report import Target, conclude, percentile
from bench.stage import as_role, standing_with
from jiedao.main.standing import Platform

ROOT = Path(__file__).resolve().parents[1]
SCENES = ("bridge", "market", "station", "high")
TILES, MOVING, STILLS = 64, 9, 55
FAN_OUT = 64
OPENED_WITHIN_S = 120.0
RECONNECTS, AT_ONCE = 1000, 8
TARGETS: dict[str, Target] = {
    "armed_opened": (">=", 3),
    "armed_first_picture_ms_p95": ("<=", 1000.0),
    "armed_clock_age_ms_p95": ("<=", 1500.0),
    "moving_tiles": (">=", MOVING),
    "moving_age_ms_p95": ("<=", 600.0),
    "still_tiles": (">=", STILLS),
    "still_age_ms_p95": ("<=", 2000.0),
    "fan_out_streams": ("==", FAN_OUT),
    "fan_out_age_ms_p95": ("<=", 1500.0),
    "growth_mb_per_1000_reconnects": ("<=", 1.0),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--openings", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--reconnects", type=int, default=RECONNECTS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with standing_with("web", "stream", "pulse", "media", "sim-camera", demo=True) as platform:
        register(platform)
        shown = in_chromium(platform, given.openings, given.seconds)
        headless = asyncio.run(fan_out(platform, given.seconds, given.reconnects))
    seen = [one for one in shown["opened"] if one is not None]
    armed = [one for one in seen if one["armed"]]
    asked = [one["first_ms"] for one in seen if not one["armed"]]
    moving = [age for age in shown["moving"] if age is not None]
    stills = [age for age in shown["stills"] if age is not None]
    figures = {
        "armed_opened": float(len(armed)),
        "armed_first_picture_ms_p50": percentile([one["first_ms"] for one in armed], 0.5),
        "armed_first_picture_ms_p95": percentile([one["first_ms"] for one in armed], 0.95),
        "armed_clock_age_ms_p95": percentile([one["age_ms"] for one in armed], 0.95),
        "pulled_on_demand_first_picture_ms_p95": percentile(asked, 0.95),
        "moving_tiles": float(shown["videos"]),
        "moving_age_ms_p50": percentile(moving, 0.5),
        "moving_age_ms_p95": percentile(moving, 0.95),
        "still_tiles": float(shown["images"]),
        "still_age_ms_p50": percentile(stills, 0.5),
        "still_age_ms_p95": percentile(stills, 0.95),
        **headless,
    }
    data = f"{TILES} cameras of four drawn scenes, 640x360; {given.reconnects} reconnects"
    return conclude("wall", data, figures, TARGETS, as_json=given.json)


def register(platform: Platform) -> None:
    """So many cameras that the wall is full, each pulled in a session of its own."""
    as_role(platform, "jiedao_system")
    from jiedao.base.actor import system  # noqa: PLC0415  # Django's models need its settings.
    from jiedao.base.clock import SystemClock  # noqa: PLC0415
    from jiedao.base.database import transact  # noqa: PLC0415
    from jiedao.cameras.models import Camera  # noqa: PLC0415
    from jiedao.town.models import Place  # noqa: PLC0415

    with transact(system("bench"), SystemClock()):
        known = Camera.objects.filter(armed=True).select_related("place").first()
        assert known is not None
        place = Place.objects.create(
            code="bench-wall",
            kind="site",
            name="测量",
            parent=known.place.parent,
            path=f"{known.place.path}bench/",
            lon=known.lon,
            lat=known.lat,
            valid_from=date(2020, 1, 1),
            demo=True,
        )
        have = Camera.objects.exclude(host="").filter(registered_only=False).count()
        for n in range(TILES - have):
            Camera.objects.create(
                id=uuid4(),
                code=f"bench-{n}",
                name=f"测量 {n}",
                kind=Camera.GROUND,
                place=place,
                place_path=place.path,
                lon=known.lon,
                lat=known.lat,
                host=known.host,
                port=known.port,
                path=f"/{SCENES[n % len(SCENES)]}",
                demo=True,
            )


def in_chromium(platform: Platform, openings: int, seconds: float) -> dict[str, Any]:
    """What a browser showed."""
    sys.path.insert(0, str(ROOT / "scripts"))
    import screens  # noqa: PLC0415  # A script of the checkout, no package.

    screens.build(ROOT)
    node = screens.node_folder()
    command = [str(node / "node"), "browser/measure.mjs", platform.url.rstrip("/")]
    done = subprocess.run(
        [*command, str(openings), str(seconds)],
        cwd=ROOT / "web",
        env=screens.environment(node),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    shown: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return shown


async def fan_out(platform: Platform, seconds: float, reconnects: int) -> dict[str, float]:
    web = platform.url.rstrip("/")
    headers = {"x-jiedao-csrf": "1", "x-jiedao-seat": "wall", "origin": web}
    async with httpx.AsyncClient(base_url=web, headers=headers, timeout=60) as wall:
        (await wall.post("/api/demo/seats/operator")).raise_for_status()
        armed = await an_armed_camera(wall)
        cameras = [c["id"] for c in (await wall.get("/api/cameras")).json() if c["has_stream"]]
        ages, streams = await followed(wall, cameras[:FAN_OUT], seconds)
        await come_and_go(wall, armed, reconnects // 2)
        half_mb = memory_mb(platform)
        await come_and_go(wall, armed, reconnects - reconnects // 2)
        grown_mb = memory_mb(platform) - half_mb
    return {
        "fan_out_streams": float(streams),
        "fan_out_age_ms_p50": percentile(ages, 0.5),
        "fan_out_age_ms_p95": percentile(ages, 0.95),
        "growth_mb_per_1000_reconnects": grown_mb * 1000 / max(1, reconnects - reconnects // 2),
    }


async def followed(
    wall: httpx.AsyncClient, cameras: list[str], seconds: float
) -> tuple[list[float], int]:
    """Follow the cameras at once, each from its opening on: ages of what came in the last
    seconds, ms, and how many cameras were followed then."""
    viewers: list[Viewer] = []
    all_opened = asyncio.Event()

    async def one(camera: str) -> None:
        async with opened(wall, camera) as (viewer, socket):
            viewers.append(viewer)
            if len(viewers) == len(cameras):
                all_opened.set()
            while True:
                viewer.hear(await socket.recv())

    tasks = [asyncio.create_task(one(camera)) for camera in cameras]
    try:
        async with asyncio.timeout(OPENED_WITHIN_S):
            await all_opened.wait()
        for viewer in viewers:
            viewer.ages_ms.clear()
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        lost = sum(task.done() for task in tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return [age for viewer in viewers for age in viewer.ages_ms], len(tasks) - lost


async def come_and_go(wall: httpx.AsyncClient, camera: str | UUID, times: int) -> None:
    """Viewers that take one fragment and leave."""
    left = iter(range(times))

    async def one() -> None:
        for _ in left:
            door = await door_of(wall, str(camera))
            async with connect(door, compression=None, max_size=None, ping_interval=None) as socket:
                while isinstance(await socket.recv(), str):
                    pass

    await asyncio.gather(*(one() for _ in range(AT_ONCE)))


def memory_mb(platform: Platform) -> float:
    """Resident memory of stream, of media, and of the processes that media started."""
    kb = 0
    for name in ("stream", "media"):
        pid = json.loads((platform.settings.data_dir / "run" / f"{name}.ready").read_text())["pid"]
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (str(pid), *children):
            status = Path(f"/proc/{each}/status").read_text()
            kb += int(status.partition("VmRSS:")[2].split()[0])
    return kb / 1024


if __name__ == "__main__":
    sys.exit(main())
