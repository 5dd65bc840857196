# SPDX-License-Identifier: Apache-2.0
"""From a held key to a loudspeaker: `python -m bench.talk [--json]`.

The way is the users' own: a press at web, a one-use pass, the socket of stream, the private socket
to voice, SIP and RTP. The page is played here: frames of 20 ms on a clock, as the browser sends
them. Ends are what the simulated loudspeaker, another process, notes of its first voiced and its
last packet, and the sound that it kept. Left out: the microphone's own delay, a real network, a
real horn; all ends share this machine.

`press`: from before web is asked, with speech from the first frame, to the first voiced packet.
`mouth_to_ear`: once the call stands, from handing the first loud frame to the socket to that
packet. `stop`: from Esc, or from asking web to stop an announcement, to the last packet of all.
`lost`: from cutting the page's connection to the last packet.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
from tests.voice.page import speech
from websockets.asyncio.client import ClientConnection, connect

from bench.report import conclude, percentile
from bench.stage import standing_with
from jiedao.base.ids import new_id
from jiedao.main.standing import Platform
from jiedao.voice.g711 import FRAME_S, FRAME_SAMPLES, RATE_HZ, Pcm
from jiedao.voice.match import likeness
from jiedao.voice.wav import read_wav

TIMES = 20
PATIENCE_S = 30.0
STANDS_S = 0.6
"""Silence before the first loud frame, in which the call is opened."""
TEXT = "桥下水深危险，请立即离开水边。"
TARGETS = {
    "mouth_to_ear_ms_p95": ("<=", 300.0),
    "press_to_voiced_ms_p95": ("<=", 1000.0),
    "stop_talk_ms_max": ("<=", 200.0),
    "stop_announcement_ms_max": ("<=", 200.0),
    "lost_page_ms_max": ("<=", 1000.0),
    "heard_match_min": (">=", 0.99),
    "late_frames": ("==", 0.0),
}
Line = dict[str, Any]  # JSON from the simulator.


class Horns:
    """What the demo's simulated loudspeakers note."""

    def __init__(self, platform: Platform) -> None:
        self._status = platform.settings.data_dir / "run" / "sim-speaker.jsonl"

    def lines(self, event: str) -> list[Line]:
        text = self._status.read_text("utf-8")
        said = [json.loads(raw) for raw in text[: text.rfind("\n") + 1].splitlines()]
        return [line for line in said if line["event"] == event]

    async def next(self, event: str, before: int) -> Line:
        """The first line of that kind after so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(found := self.lines(event)) <= before:  # noqa: ASYNC110  # A file.
                await asyncio.sleep(0.01)
        return found[before]


class Desk:
    """A page at the desk, before one loudspeaker."""

    def __init__(self, web: httpx.AsyncClient, horns: Horns, loudspeaker: str, matter: str) -> None:
        self._web, self.horns = web, horns
        self._loudspeaker, self._matter = loudspeaker, matter

    @asynccontextmanager
    async def press(self) -> AsyncIterator[ClientConnection]:
        path = f"/api/loudspeakers/{self._loudspeaker}/talk"
        answer = await self._web.post(path, json={"matter": self._matter})
        answer.raise_for_status()
        url = httpx.URL(answer.json()["url"]).copy_with(scheme="ws")
        async with connect(str(url), compression=None) as page:
            yield page

    async def announce(self) -> str:
        body = {"act_id": str(new_id()), "loudspeaker": self._loudspeaker, "text": TEXT}
        answer = await self._web.post(f"/api/matters/{self._matter}/talk", json=body)
        answer.raise_for_status()
        announcements: list[dict[str, Any]] = answer.json()["announcements"]
        return str(announcements[-1]["id"])

    async def stop(self, announcement: str) -> None:
        body = {"act_id": str(new_id())}
        answer = await self._web.post(f"/api/announcements/{announcement}/stop", json=body)
        answer.raise_for_status()


async def say(page: ClientConnection, sound: Pcm, number: int = 0) -> list[float]:
    """Send the sound on a microphone's clock; Unix times at which each frame was handed over."""
    at, begin_s = [], time.monotonic()
    for count, frame in enumerate(np.split(sound, len(sound) // FRAME_SAMPLES)):
        await asyncio.sleep(max(0.0, begin_s + count * FRAME_S - time.monotonic()))
        at.append(time.time())
        await page.send((number + count).to_bytes(4, "big") + frame.astype("<i2").tobytes())
    return at


async def over(page: ClientConnection) -> dict[str, Any]:
    """The last news of a talk."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            told: dict[str, Any] = json.loads(await page.recv())
            if told["kind"] in ("over", "refused"):
                return told


def loud() -> Pcm:
    """Words from their first frame on."""
    words = speech()
    first = int(np.flatnonzero(np.abs(words) > 8000)[0]) // FRAME_SAMPLES * FRAME_SAMPLES
    return words[first:]


def quiet(length_s: float) -> Pcm:
    return np.zeros(round(length_s / FRAME_S) * FRAME_SAMPLES, np.int16)


async def a_press(desk: Desk) -> float:
    """Milliseconds from the press to the first voiced packet, with speech from the first frame."""
    before, ended = len(desk.horns.lines("voiced")), len(desk.horns.lines("ended"))
    begin = time.time()
    async with desk.press() as page:
        await say(page, loud()[: RATE_HZ * 2])
        await page.send("release")
        await over(page)
    line = await desk.horns.next("voiced", before)
    await desk.horns.next("ended", ended)
    return since(begin, line["first_voiced_at"])


async def a_word(desk: Desk) -> tuple[float, float, int]:
    """Milliseconds from mouth to ear once the call stands, likeness, and late frames."""
    before = len(desk.horns.lines("ended"))
    words = loud()
    async with desk.press() as page:
        await say(page, quiet(STANDS_S))
        sent_at = (await say(page, words, len(quiet(STANDS_S)) // FRAME_SAMPLES))[0]
        await page.send("release")
        told = await over(page)
    line = await desk.horns.next("ended", before)
    heard = await asyncio.to_thread(Path(line["wav"]).read_bytes)
    match = likeness(words, read_wav(heard))
    return since(sent_at, line["first_voiced_at"]), match, int(told["late"])


async def a_stop(desk: Desk) -> float:
    before = len(desk.horns.lines("ended"))
    async with desk.press() as page:
        await say(page, np.concatenate([quiet(STANDS_S), loud()[:RATE_HZ]]))
        begin = time.time()
        await page.send("stop")
        await over(page)
    return since(begin, (await desk.horns.next("ended", before))["last_packet_at"])


async def a_lost_page(desk: Desk) -> float:
    before = len(desk.horns.lines("ended"))
    async with desk.press() as page:
        await say(page, np.concatenate([quiet(STANDS_S), loud()[:RATE_HZ]]))
        begin = time.time()
        page.transport.abort()
    line = await desk.horns.next("ended", before)
    await asyncio.sleep(0.5)  # It has yet to be written before the loudspeaker is free.
    return since(begin, line["last_packet_at"])


async def a_stopped_announcement(desk: Desk) -> float:
    voiced, before = len(desk.horns.lines("voiced")), len(desk.horns.lines("ended"))
    announcement = await desk.announce()
    await desk.horns.next("voiced", voiced)
    begin = time.time()
    await desk.stop(announcement)
    return since(begin, (await desk.horns.next("ended", before))["last_packet_at"])


def since(begin: float, at: str) -> float:
    """Milliseconds from a Unix time to a time of the simulator's."""
    return (datetime.fromisoformat(at).timestamp() - begin) * 1000


async def measure(platform: Platform, times: int) -> dict[str, float]:
    url = f"http://127.0.0.1:{platform.settings.web_port}"
    headers = {"x-jiedao-csrf": "1", "origin": url}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S) as web:
        (await web.post("/api/demo/seats/operator")).raise_for_status()
        desk = await before_a_loudspeaker(web, Horns(platform))
        await a_press(desk)  # The first of all loads what every later one finds loaded.
        presses = [await a_press(desk) for _ in range(times)]
        words = [await a_word(desk) for _ in range(times)]
        stops = [await a_stop(desk) for _ in range(times // 2)]
        lost = [await a_lost_page(desk) for _ in range(times // 4)]
        announced = [await a_stopped_announcement(desk) for _ in range(times // 2)]
    ears = [word[0] for word in words]
    return {
        "press_to_voiced_ms_p50": percentile(presses, 0.5),
        "press_to_voiced_ms_p95": percentile(presses, 0.95),
        "mouth_to_ear_ms_p50": percentile(ears, 0.5),
        "mouth_to_ear_ms_p95": percentile(ears, 0.95),
        "mouth_to_ear_ms_max": max(ears),
        "stop_talk_ms_max": max(stops),
        "stop_announcement_ms_p50": percentile(announced, 0.5),
        "stop_announcement_ms_max": max(announced),
        "lost_page_ms_max": max(lost),
        "heard_match_min": min(word[1] for word in words),
        "late_frames": float(sum(word[2] for word in words)),
    }


async def before_a_loudspeaker(web: httpx.AsyncClient, horns: Horns) -> Desk:
    """A matter raised in earshot of the demo's loudspeaker under the bridge."""
    cameras = (await web.get("/api/cameras")).json()
    camera = next(one for one in cameras if one["armed"])
    body = {"act_id": str(new_id()), "camera": camera["id"], "note": "bench"}
    raised = await web.post("/api/matters", json=body)
    raised.raise_for_status()
    detail = raised.json()
    return Desk(web, horns, detail["loudspeakers"][0]["id"], detail["card"]["id"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=TIMES)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    names = ("web", "stream", "pulse", "voice", "sim-speaker")
    with standing_with(*names, demo=True) as platform:
        figures = asyncio.run(measure(platform, given.times))
    return conclude(
        "talk",
        f"{given.times} presses, {given.times} talks, at one simulated loudspeaker on loopback;"
        " the microphone's own delay, a real network and a real horn left out",
        figures,
        TARGETS,
        as_json=given.json,
    )


if __name__ == "__main__":
    raise SystemExit(main())
