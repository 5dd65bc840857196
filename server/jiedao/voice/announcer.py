# SPDX-License-Identifier: Apache-2.0
"""Speaks what is claimed: renders, calls, plays, proves. Knows no database, only a `Book`."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.clock import Clock
from jiedao.base.errors import JiedaoError
from jiedao.voice import g711, rules
from jiedao.voice.actions import Orders
from jiedao.voice.ledger import Job
from jiedao.voice.line import CallFailed, Line, LiveCall
from jiedao.voice.playout import Gate
from jiedao.voice.proof import Proof
from jiedao.voice.speech import Speech, for_loudspeaker
from jiedao.voice.under_way import Marks, Speaking, UnderWay, prove
from jiedao.voice.wav import pcm_wav

ANSWER_S = 4.0
TAIL_S = 0.15
"""How long a monitor's last packets may still be on their way after ours are out."""
RENDERED = 50
"""Sounds that are held ready to be sent, about 150 KB each."""


class Book(Protocol):
    """Where claims are taken and marked; `ledger.Ledger` in the process."""

    async def claim(self, mine: Sequence[UUID]) -> list[Job]: ...
    async def renew(self, held: Sequence[UUID]) -> Orders: ...
    async def playing(
        self, job: UUID, at: datetime, rendered_blob: str | None, dialog: dict[str, Any]
    ) -> None: ...
    async def played(self, job: UUID, proof: Proof, *, stopped: bool) -> None: ...
    async def gave_way(self, job: UUID) -> None: ...
    async def failed(self, job: UUID, code: str, *, retry: bool) -> None: ...


@dataclass(slots=True)
class Rendered:
    """Words at a volume, as they are sent. `blob` once they are kept."""

    sent: g711.Pcm
    alaw: bytes
    blob: asyncio.Future[str | None]


class Announcer:
    """Speaks claimed announcements, as many at a time as there are loudspeakers.

    Args:
        wake_s: length of the tone that wakes amplifiers.
    """

    def __init__(
        self,
        book: Book,
        line: Line,
        speech: Speech,
        blobs: BlobStore,
        clock: Clock,
        *,
        wake_s: float = 0.2,
    ) -> None:
        self._book, self._line, self._speech = book, line, speech
        self._blobs, self._clock, self._wake_s = blobs, clock, wake_s
        self._live: dict[UUID, UnderWay] = {}
        self._rendered: dict[tuple[str, int], asyncio.Future[Rendered]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_speaking(self) -> bool:
        """Whether anything is being said, or about to be."""
        return bool(self._live)

    async def turn(self) -> int:
        """Renew what is held, stop what is to be stopped, take what is new.

        Returns:
            How many announcements were taken.

        Raises:
            DatabaseAway: nothing new was taken; what is under way goes on.
        """
        if self._live:
            orders = await self._book.renew(list(self._live))
            for job_id, speaking in list(self._live.items()):
                if job_id in orders.stop:
                    speaking.stop()
                elif job_id in orders.give_way:
                    speaking.give_way()
        jobs = await self._book.claim(list(self._live))
        gates: dict[UUID, Gate] = {}
        for job in jobs:
            gate = Gate(1)
            if job.batch is not None:
                members = sum(other.batch == job.batch for other in jobs)
                gate = gates.setdefault(job.batch, Gate(members))
            self._begin(job, gate)
        return len(jobs)

    def _begin(self, job: Job, gate: Gate) -> None:
        speaking = Speaking()
        self._live[job.id] = speaking
        task = asyncio.get_running_loop().create_task(self._speak(job, gate, speaking))
        self._tasks.add(task)

        def forget(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._live.pop(job.id, None)
            if not done.cancelled() and (defect := done.exception()):
                log.get().error("speaking failed", exc_info=defect)

        task.add_done_callback(forget)

    @contextlib.contextmanager
    def holding(self, job: UUID, under_way: UnderWay) -> Iterator[None]:
        """Renew the claim of what is said beside the announcements, and pass orders on."""
        self._live[job] = under_way
        try:
            yield
        finally:
            self._live.pop(job, None)

    async def close(self) -> None:
        """Stop speaking; what was cut short is taken up again by the next process."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _speak(self, job: Job, gate: Gate, speaking: Speaking) -> None:
        marks = Marks()
        try:
            await self._speak_and_mark(job, gate, speaking, marks)
        except CallFailed as failed:
            gate.leave()
            code, retry = (
                rules.failure_code(failed.status),
                rules.is_worth_another_try(failed.status),
            )
            log.get().warning("call failed", account=job.target.account, status=failed.status)
            marks.add(lambda: self._book.failed(job.id, code, retry=retry))
        except JiedaoError as refusal:
            gate.leave()
            code = refusal.code
            marks.add(lambda: self._book.failed(job.id, code, retry=False))
        except OSError as error:
            gate.leave()
            log.get().error("announcement failed", error=str(error))
            marks.add(lambda: self._book.failed(job.id, "voice.interrupted", retry=True))
        await marks.done()

    async def _speak_and_mark(self, job: Job, gate: Gate, speaking: Speaking, marks: Marks) -> None:
        if job.leftover:
            await self._line.hang_up_leftover(job.leftover, job.target)
        if job.is_live:
            # A talk whose process died: its speaker is gone with it.
            gate.leave()
            marks.add(lambda: self._book.failed(job.id, "voice.interrupted", retry=False))
            return
        sound = await self._render(job)
        call = await self._line.dial(job.target, ANSWER_S)
        try:
            await gate.arrive()
            packets = await self._play(call, job, sound, speaking, marks)
            await asyncio.sleep(0 if call.over.is_set() or speaking.gives_way else TAIL_S)
        finally:
            await call.hang_up()
        if call.ended_by_peer and packets * g711.FRAME_SAMPLES < len(sound.sent):
            marks.add(lambda: self._book.failed(job.id, "voice.dropped", retry=True))
            return
        if speaking.gives_way:
            marks.add(lambda: self._book.gave_way(job.id))
            return
        proof = await asyncio.to_thread(prove, self._blobs, call, packets, sound.sent)
        marks.add(lambda: self._book.played(job.id, proof, stopped=speaking.is_stopped))
        log.get().info(
            "announcement over",
            account=job.target.account,
            packets=packets,
            match=proof.heard_match and round(proof.heard_match, 4),
        )

    async def _play(
        self, call: LiveCall, job: Job, sound: Rendered, speaking: Speaking, marks: Marks
    ) -> int:
        def on_first_packet() -> None:
            at, left = self._clock.now(), call.dialog.leftover()

            async def mark() -> None:
                await self._book.playing(job.id, at, await asyncio.shield(sound.blob), left)

            marks.add(mark)

        speaking.call = call
        if speaking.is_stopped or speaking.gives_way:
            return 0
        return await call.play(sound.alaw, on_first_packet)

    async def _render(self, job: Job) -> Rendered:
        """The sound of a job. Ninety loudspeakers that say the same share one sound and one file.

        Raises:
            SpeechUnavailable, BrokenVoice: it cannot be spoken.
        """
        key = (job.text, job.volume)
        if key not in self._rendered:
            if len(self._rendered) >= RENDERED:
                self._rendered.clear()
            self._rendered[key] = asyncio.ensure_future(self._make(job.text, job.volume))
        making = self._rendered[key]
        try:
            return await asyncio.shield(making)
        except JiedaoError:
            # What cannot be spoken now may be once an engine is there.
            self._rendered.pop(key, None)
            raise

    async def _make(self, text: str, volume: int) -> Rendered:
        words = await asyncio.to_thread(self._speech.say, text)
        sent = for_loudspeaker(words, rules.gain(volume), self._wake_s)
        # Kept on disk while the call is being made, which does not wait for it.
        kept = asyncio.ensure_future(asyncio.to_thread(self._keep, sent))
        kept.add_done_callback(lambda done: self._forget_unkept((text, volume), done))
        return Rendered(sent, g711.encode(sent), kept)

    def _keep(self, sent: g711.Pcm) -> str | None:
        return self._blobs.put_if_room(pcm_wav(sent))

    def _forget_unkept(self, key: tuple[str, int], done: "asyncio.Future[str | None]") -> None:
        """A full disk now need not be one at the next announcement."""
        if done.cancelled() or done.exception() is not None or done.result() is None:
            self._rendered.pop(key, None)
