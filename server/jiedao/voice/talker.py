# SPDX-License-Identifier: Apache-2.0
"""Lets a person speak through a loudspeaker: takes the row, calls, passes the voice on, proves."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.clock import Clock
from jiedao.voice import g711, rules
from jiedao.voice.announcer import ANSWER_S, TAIL_S, Announcer
from jiedao.voice.errors import TalkUnknown
from jiedao.voice.ledger import DatabaseAway, Job
from jiedao.voice.line import CallFailed, Line, LiveCall
from jiedao.voice.proof import Proof
from jiedao.voice.speech import wake_tone
from jiedao.voice.spoken import Spoken
from jiedao.voice.under_way import Marks, prove
from jiedao.voice.wav import pcm_wav

FREE_WITHIN_S = 3.0
"""How long what is being said may take to give way, and the loudspeaker to be free again."""
LOOK_AGAIN_S = 0.05
WRITTEN_WITHIN_S = 2.0
"""Without the database for so long, a talk's end is told before it is written."""
BUSY = (486, 600)

Say = Callable[[Mapping[str, object]], None]


class TalkBook(Protocol):
    """Where talks are taken and marked; `ledger.Ledger` in the process."""

    async def claim_talk(self, talk: UUID) -> Job | None: ...
    async def give_up_talk(self, talk: UUID, code: str) -> None: ...
    async def playing(
        self, job: UUID, at: datetime, rendered_blob: str | None, dialog: dict[str, Any]
    ) -> None: ...
    async def talked(
        self, job: UUID, proof: Proof, rendered_blob: str, *, stopped: bool, more: dict[str, Any]
    ) -> None: ...
    async def failed(self, job: UUID, code: str, *, retry: bool) -> None: ...


class Refused(Exception):
    """The talk cannot be held. `code` as in the message catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Talk:
    """A voice on its way: its sound, and how it may be ended from outside.

    Attributes:
        last: what is said of it once all is written, so that the next press finds a free horn.
    """

    def __init__(self, say: Say) -> None:
        self.spoken = Spoken()
        self.over = asyncio.Event()
        self.say = say
        self.last: Mapping[str, object] = {"kind": "refused", "code": "voice.interrupted"}

    def end(self, why: str) -> None:
        """Say nothing more; see `Spoken.why`."""
        self.spoken.end(why)
        self.over.set()

    def stop(self) -> None:
        """Somebody at the desk wants it ended."""
        self.end("stopped")

    def give_way(self) -> None:
        """A person who speaks is not interrupted."""


class Talker:
    """Holds talks, as many at a time as there are loudspeakers.

    Args:
        announcer: renews the claims, and has its own announcements give way.
        hurry: makes it look at the rows at once.
    """

    def __init__(
        self,
        announcer: Announcer,
        book: TalkBook,
        line: Line,
        blobs: BlobStore,
        clock: Clock,
        *,
        wake_s: float = 0.2,
        hurry: Callable[[], None] = lambda: None,
    ) -> None:
        self._announcer, self._book, self._line = announcer, book, line
        self._blobs, self._clock, self._wake_s, self._hurry = blobs, clock, wake_s, hurry

    async def hold(self, talk_id: UUID, talk: Talk) -> None:
        """Speak until the key is released or something ends it, and say how it went."""
        try:
            job = await self._taken(talk_id, talk)
        except Refused as refused:
            talk.say({"kind": "refused", "code": refused.code})
            return
        marks = Marks()
        with self._announcer.holding(job.id, talk):
            try:
                await self._speak(job, talk, marks)
            except CallFailed as failed:
                self._fail(job, talk, marks, rules.failure_code(failed.status))
            except OSError as error:
                log.get().error("a talk failed", error=str(error))
                self._fail(job, talk, marks, "voice.interrupted")
            writing = asyncio.ensure_future(marks.done())
            await asyncio.wait({writing}, timeout=WRITTEN_WITHIN_S)
            talk.say(talk.last)
            await writing

    def _fail(self, job: Job, talk: Talk, marks: Marks, code: str) -> None:
        talk.last = {"kind": "refused", "code": code}
        marks.add(lambda: self._book.failed(job.id, code, retry=False))

    async def _taken(self, talk_id: UUID, talk: Talk) -> Job:
        """The talk's row, once the loudspeaker says nothing else.

        Raises:
            Refused: it cannot be had.
        """
        talk.say({"kind": "calling"})
        end_s = self._clock.monotonic_s() + FREE_WITHIN_S
        try:
            while (job := await self._book.claim_talk(talk_id)) is None:
                if self._clock.monotonic_s() > end_s:
                    await self._book.give_up_talk(talk_id, "voice.busy")
                    raise Refused("voice.busy")
                self._hurry()
                await asyncio.sleep(LOOK_AGAIN_S)
        except TalkUnknown as unknown:
            raise Refused(unknown.code) from unknown
        except DatabaseAway as away:
            raise Refused("database.away") from away
        return job

    async def _speak(self, job: Job, talk: Talk, marks: Marks) -> None:
        talk.spoken.tune(rules.gain(job.volume), wake_tone(self._wake_s))
        call = await self._dialled(job, talk)
        packets = 0
        if call is not None:
            try:
                packets = await self._pass_on(call, job, talk, marks)
            finally:
                await call.hang_up()
            if call.ended_by_peer and not talk.spoken.why:
                self._fail(job, talk, marks, "voice.dropped")
                return
        await self._prove(job, talk, call, packets, marks)

    async def _dialled(self, job: Job, talk: Talk) -> LiveCall | None:
        """The call, or None if the talk ended before it stood.

        Raises:
            CallFailed: the loudspeaker does not take it.
        """
        dialling = asyncio.ensure_future(self._dial(job))
        ending = asyncio.ensure_future(talk.over.wait())
        try:
            await asyncio.wait({dialling, ending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
            if not dialling.done():
                dialling.cancel()
                await asyncio.gather(dialling, return_exceptions=True)
        return None if dialling.cancelled() else dialling.result()

    async def _dial(self, job: Job) -> LiveCall:
        end_s = self._clock.monotonic_s() + FREE_WITHIN_S
        while True:
            try:
                return await self._line.dial(job.target, ANSWER_S)
            except CallFailed as failed:
                # What it was saying has just been hung up; it may not know yet.
                if failed.status not in BUSY or self._clock.monotonic_s() > end_s:
                    raise
            await asyncio.sleep(2 * LOOK_AGAIN_S)

    async def _pass_on(self, call: LiveCall, job: Job, talk: Talk, marks: Marks) -> int:
        def on_first_packet() -> None:
            at, left = self._clock.now(), call.dialog.leftover()
            marks.add(lambda: self._book.playing(job.id, at, None, left))
            talk.say({"kind": "speaking", "at": at.isoformat()})

        packets = await call.play(talk.spoken, on_first_packet)
        await asyncio.sleep(0 if call.over.is_set() else TAIL_S)
        return packets

    async def _prove(
        self, job: Job, talk: Talk, call: LiveCall | None, packets: int, marks: Marks
    ) -> None:
        spoken = talk.spoken
        sent = g711.decode(spoken.sent())
        if call is None:
            proof = Proof(0)
        else:
            proof = await asyncio.to_thread(prove, self._blobs, call, packets, sent)
        kept = await asyncio.to_thread(self._blobs.put, pcm_wav(sent))
        more = {"seconds": round(spoken.seconds, 1), "why": spoken.why, "late": spoken.late}
        stopped = spoken.why in ("stopped", "lost")
        marks.add(lambda: self._book.talked(job.id, proof, kept.sha256, stopped=stopped, more=more))
        talk.last = {"kind": "over", "heard": proof.is_heard, **more}
        log.get().info("a talk is over", account=job.target.account, packets=packets, **more)
