# SPDX-License-Identifier: Apache-2.0
"""A person's voice at a loudspeaker that is not ours: through the talk socket to baresip."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import SystemClock
from jiedao.voice.actions import Orders
from jiedao.voice.announcer import Announcer
from jiedao.voice.dialog import Target
from jiedao.voice.ledger import Job
from jiedao.voice.line import Line
from jiedao.voice.match import likeness
from jiedao.voice.proof import Proof
from jiedao.voice.speech import Speech
from jiedao.voice.talk_door import TalkDoor
from jiedao.voice.talker import Talker
from jiedao.voice.wav import read_wav
from tests.peers.test_sip_peers import baresip, heard_by_baresip
from tests.voice.page import Page, speech

pytestmark = pytest.mark.peer
TALK = uuid4()


class OneTalk:
    """A book with one talk in it, at one loudspeaker."""

    def __init__(self, target: Target) -> None:
        self._job = Job(TALK, None, "", 70, target, None, is_live=True)
        self.over: tuple[Proof, str] | None = None

    async def claim(self, mine: Sequence[UUID]) -> list[Job]:
        return []

    async def renew(self, held: Sequence[UUID]) -> Orders:
        return Orders(frozenset(), frozenset())

    async def claim_talk(self, talk: UUID) -> Job | None:
        assert talk == TALK
        return self._job

    async def give_up_talk(self, talk: UUID, code: str) -> None:
        raise AssertionError(code)

    async def playing(
        self, job: UUID, at: datetime, rendered_blob: str | None, dialog: dict[str, Any]
    ) -> None:
        assert dialog["call_id"]

    async def talked(
        self, job: UUID, proof: Proof, rendered_blob: str, *, stopped: bool, more: dict[str, Any]
    ) -> None:
        self.over = proof, rendered_blob

    async def played(self, job: UUID, proof: Proof, *, stopped: bool) -> None:
        raise AssertionError("this is a talk")

    async def gave_way(self, job: UUID) -> None:
        raise AssertionError("a person is not interrupted")

    async def failed(self, job: UUID, code: str, *, retry: bool) -> None:
        raise AssertionError(code)


async def talk_through(port: int, folder: Path) -> tuple[Proof, str]:
    """Hold the key and speak to speaker-001; the proof, and the blob of what was sent."""
    book, blobs = OneTalk(Target("speaker-001", "127.0.0.1", port)), BlobStore(folder / "blobs")
    line, clock = await Line.open(), SystemClock()
    announcer = Announcer(book, line, Speech(None, folder / "speech"), blobs, clock)
    door = TalkDoor(folder / "v", Talker(announcer, book, line, blobs, clock))
    await door.open()

    def at_the_page() -> None:
        page = Page(folder / "v", TALK)
        try:
            page.says(speech())
            page.releases()
            page.hears("over")
        finally:
            page.leaves()

    try:
        await asyncio.to_thread(at_the_page)
    finally:
        await door.close()
        await line.close()
    assert book.over is not None
    return book.over


def test_baresip_hears_the_voice_that_was_sent_and_says_so(tmp_path: Path) -> None:
    with baresip(tmp_path) as port:
        proof, sent_blob = asyncio.run(talk_through(port, tmp_path))
    sent = read_wav(BlobStore(tmp_path / "blobs").path(sent_blob).read_bytes())
    assert likeness(sent, heard_by_baresip(tmp_path)) >= 0.99
    assert proof.heard_blob is not None
    assert proof.packets_lost in (0, None), "baresip reports every five seconds"
    assert (proof.end_confirmed, proof.is_heard) == (True, True)
    assert len(sent) > len(speech()) / 2
