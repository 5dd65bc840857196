# SPDX-License-Identifier: Apache-2.0
"""Slow uploaders beside a working desk: `python -m bench.uploaders [--json]`.

An operator fetches the desk's snapshot from the real web process at a steady pace, first alone,
then while twice as many phones as web has threads each drip a chunk into the real stream process.
The time of a snapshot runs from the request to its last byte, seen by the client. Both sides run
on one machine, so the phones' own work is part of the second figure.
"""

import argparse
import asyncio
import sys
import time

import httpx

from bench.report import conclude, percentile
from bench.stage import standing_with
from jiedao.main.standing import Platform
from jiedao.main.web import THREADS

CHUNK_BYTES = 64 * 1024
DRIP_BYTES, DRIP_S = 512, 0.25
PACE_S = 0.1
OURS = {"x-jiedao-csrf": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    uploaders = 2 * THREADS
    with standing_with("web", "stream", "pulse", demo=True) as platform:
        alone, beside, dripping = asyncio.run(compare(platform, uploaders, given.seconds))
    figures = {
        "alone_snapshot_ms_p50": percentile(alone, 0.5),
        "alone_snapshot_ms_p95": percentile(alone, 0.95),
        "beside_snapshot_ms_p50": percentile(beside, 0.5),
        "beside_snapshot_ms_p95": percentile(beside, 0.95),
        "uploads_still_open": float(dripping),
    }
    # One desk's snapshot varies from run to run; what must not happen is that it waits for a drip.
    limit_ms = 2 * figures["alone_snapshot_ms_p95"] + 50
    return conclude(
        "uploaders",
        f"{uploaders} phones at {DRIP_BYTES / DRIP_S / 1024:.0f} KB/s, web has {THREADS} threads;"
        f" a snapshot each {PACE_S} s for {given.seconds:g} s",
        figures,
        {
            "beside_snapshot_ms_p95": ("<=", round(limit_ms, 1)),
            "uploads_still_open": ("==", float(uploaders)),
        },
        as_json=given.json,
    )


async def compare(
    platform: Platform, uploaders: int, seconds: float
) -> tuple[list[float], list[float], int]:
    """Snapshot times in ms, alone and beside the uploaders; how many of these still drip."""
    web = f"http://127.0.0.1:{platform.settings.web_port}"
    stream = f"http://127.0.0.1:{platform.settings.stream_port}"
    async with httpx.AsyncClient(base_url=web, headers={**OURS, "origin": web}, timeout=30) as desk:
        (await desk.post("/api/demo/seats/operator")).raise_for_status()
        alone = await snapshots(desk, seconds)
        phones = [asyncio.create_task(drip(await begun(desk, stream))) for _ in range(uploaders)]
        beside = await snapshots(desk, seconds)
        still_open = sum(not phone.done() for phone in phones)
        for phone in phones:
            phone.cancel()
        await asyncio.gather(*phones, return_exceptions=True)
    return alone, beside, still_open


async def snapshots(desk: httpx.AsyncClient, seconds: float) -> list[float]:
    """The time of each snapshot in ms, at a steady pace."""
    times_ms = []
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        begin_s = time.monotonic()
        (await desk.get("/api/desk/snapshot")).raise_for_status()
        took_s = time.monotonic() - begin_s
        times_ms.append(took_s * 1000)
        await asyncio.sleep(max(0.0, PACE_S - took_s))
    return times_ms


async def begun(desk: httpx.AsyncClient, stream: str) -> str:
    """The address of a freshly announced upload."""
    ticket = (await desk.post("/api/tickets", json={"purpose": "upload"})).json()["ticket"]
    async with httpx.AsyncClient(base_url=stream) as phone:
        answer = await phone.post(
            f"/upload?ticket={ticket}",
            headers={"upload-length": str(CHUNK_BYTES), "upload-type": "image/jpeg"},
        )
        answer.raise_for_status()
    return f"{stream}/upload/{answer.json()['id']}"


async def drip(address: str) -> None:
    """Send one chunk, a few hundred bytes at a time."""
    url = httpx.URL(address)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    head = f"PATCH {url.path}?offset=0 HTTP/1.1\r\nhost: {url.host}:{url.port}\r\n"
    writer.write(f"{head}content-length: {CHUNK_BYTES}\r\n\r\n".encode())
    try:
        for _ in range(CHUNK_BYTES // DRIP_BYTES):
            writer.write(bytes(DRIP_BYTES))
            await writer.drain()
            await asyncio.sleep(DRIP_S)
        await reader.read(1)
    finally:
        writer.close()


if __name__ == "__main__":
    sys.exit(main())
