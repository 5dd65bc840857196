# SPDX-License-Identifier: Apache-2.0
"""Voices passed on: one connection a talk, and an end at once when somebody leaves."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection

from jiedao.base.settings import Settings
from jiedao.stream.sockets import SESSION_ENDED
from jiedao.stream.voice_link import SOUND_BYTES
from tests.stream.client import PATIENCE_S, Address, heard
from tests.stream.trail import Trail

TALK = uuid4()
FRAME = bytes(range(4)) + b"\7" * (SOUND_BYTES - 4)


class FakeVoice:
    """The process that speaks, as the stream process knows it: a real Unix socket."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[object] = asyncio.Queue()
        self._writers: list[asyncio.StreamWriter] = []

    def says(self, **news: object) -> None:
        self.says_bytes(b"N" + json.dumps(news).encode())

    def says_bytes(self, frame: bytes) -> None:
        for writer in self._writers:
            writer.write(len(frame).to_bytes(4, "big") + frame)

    def hangs_up(self) -> None:
        for writer in self._writers:
            writer.close()

    async def hears(self) -> object:
        """The request, then frames; None when the talk's connection has ended."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.told.get()

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        server = await asyncio.start_unix_server(self._serve, str(path))
        try:
            yield
        finally:
            server.close()
            self.hangs_up()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        self.told.put_nowait(json.loads(await reader.readline()))
        try:
            while True:
                size = int.from_bytes(await reader.readexactly(4), "big")
                self.told.put_nowait(await reader.readexactly(size))
        except (EOFError, OSError):
            self.told.put_nowait(None)
        finally:
            writer.close()


@pytest.fixture
async def voice(settings: Settings) -> AsyncIterator[FakeVoice]:
    """Listening where the stream process expects it."""
    fake = FakeVoice()
    async with fake.listening(settings.talk_socket_path):
        yield fake


def the_door(trail: Trail) -> str:
    return f"/talk?ticket={trail.ticket('talk', subject=TALK)}"


async def closed(page: ClientConnection) -> int:
    """The code with which the socket ends."""
    async with asyncio.timeout(PATIENCE_S):
        await page.wait_closed()
    assert page.close_code is not None
    return page.close_code


@pytest.mark.anyio
async def test_a_voice_and_its_release_are_passed_on_and_the_news_comes_back(
    stream: Address, trail: Trail, voice: FakeVoice
) -> None:
    async with stream.socket(the_door(trail)) as page:
        assert await voice.hears() == {"talk": str(TALK)}
        await page.send(FRAME)
        assert await voice.hears() == b"S" + FRAME
        voice.says(kind="speaking")
        assert await heard(page) == {"kind": "speaking"}
        await page.send("release")
        assert await voice.hears() == b"E"
        voice.says(kind="over", why="released")
        assert await heard(page) == {"kind": "over", "why": "released"}
        voice.hangs_up()
        assert await closed(page) == 1000


@pytest.mark.anyio
async def test_a_stop_is_passed_on(stream: Address, trail: Trail, voice: FakeVoice) -> None:
    async with stream.socket(the_door(trail)) as page:
        await voice.hears()
        await page.send("stop")
        assert await voice.hears() == b"X"


@pytest.mark.anyio
async def test_a_page_that_leaves_ends_its_talk(
    stream: Address, trail: Trail, voice: FakeVoice
) -> None:
    async with stream.socket(the_door(trail)) as page:
        await voice.hears()
        await page.send(FRAME)
        await voice.hears()
    assert await voice.hears() is None


@pytest.mark.anyio
@pytest.mark.parametrize("nonsense", [b"", b"short", FRAME + b"1"])
async def test_sound_that_no_page_of_ours_sends_ends_the_talk(
    stream: Address, trail: Trail, voice: FakeVoice, nonsense: bytes
) -> None:
    async with stream.socket(the_door(trail)) as page:
        await voice.hears()
        await page.send(nonsense)
        assert await voice.hears() is None
        assert await closed(page) == 1003


@pytest.mark.anyio
async def test_words_that_are_no_order_change_nothing(
    stream: Address, trail: Trail, voice: FakeVoice
) -> None:
    async with stream.socket(the_door(trail)) as page:
        await voice.hears()
        await page.send("louder")
        await page.send(FRAME)
        assert await voice.hears() == b"S" + FRAME


@pytest.mark.anyio
async def test_without_the_process_that_speaks_it_is_said_in_plain_words(
    stream: Address, trail: Trail
) -> None:
    async with stream.socket(the_door(trail)) as page:
        told = await heard(page)
        assert (told["kind"], told["code"]) == ("refused", "voice.away")
        assert set(told["message"]) == {"zh-CN", "en"}
        assert await closed(page) == 1000


@pytest.mark.anyio
@pytest.mark.parametrize("frame", [b"?", b"N" * 20_000])
async def test_news_that_makes_no_sense_ends_the_talk(
    stream: Address, trail: Trail, voice: FakeVoice, frame: bytes
) -> None:
    async with stream.socket(the_door(trail)) as page:
        await voice.hears()
        voice.says_bytes(frame)
        assert await closed(page) == 1000
        assert await voice.hears() is None


@pytest.mark.anyio
async def test_a_talk_needs_a_ticket_of_its_own(stream: Address, trail: Trail) -> None:
    used = trail.ticket("talk", subject=TALK)
    async with stream.socket(f"/talk?ticket={used}"):
        pass
    for ticket in (trail.ticket("talk"), trail.ticket("video", subject=TALK), used, "x"):
        assert await stream.refused(f"/talk?ticket={ticket}") == (403, "stream.ticket_refused")
    mine = trail.ticket("talk", subject=TALK)
    refused = await stream.refused(f"/talk?ticket={mine}", origin="http://elsewhere.test")
    assert refused == (403, "stream.wrong_origin")


@pytest.mark.anyio
async def test_the_end_of_a_session_ends_its_talk(
    stream: Address, trail: Trail, voice: FakeVoice
) -> None:
    account = uuid4()
    ticket = trail.ticket("talk", subject=TALK, account=account)
    async with stream.socket(f"/talk?ticket={ticket}") as page:
        await voice.hears()
        soon = datetime.now(UTC) + timedelta(seconds=1)
        trail.seal("session.ended", subject=account, at=soon)
        assert await closed(page) == SESSION_ENDED
    assert await voice.hears() is None
