# SPDX-License-Identifier: Apache-2.0
"""The voice process: wakes when the trail grows, speaks, and looks whether loudspeakers answer."""

import asyncio
import importlib.util
import os
import threading
from uuid import UUID

import psycopg

from jiedao.base import log
from jiedao.base.blobs import BlobStore
from jiedao.base.bus import PostgresBus
from jiedao.base.clock import SystemClock
from jiedao.base.errors import JiedaoError
from jiedao.base.health import Heartbeat
from jiedao.base.ids import new_id
from jiedao.base.settings import Settings
from jiedao.voice.announcer import Announcer
from jiedao.voice.dialog import Target
from jiedao.voice.ledger import DatabaseAway, Ledger
from jiedao.voice.line import CallFailed, Line
from jiedao.voice.rules import failure_code
from jiedao.voice.speech import EspeakEngine, Speech
from jiedao.voice.talk_door import TalkDoor
from jiedao.voice.talker import Talker

POLL_S = 0.25
SPEAKING_POLL_S = 0.1
"""While something is said, it has to be stopped soon even if nobody wakes us."""
RETRY_S = 0.5
LOOK_EVERY_S = 20.0
REGISTER_EVERY_S = 10.0
BUS_WAIT_S = 1.0


async def live(settings: Settings, stop: asyncio.Event) -> None:
    """Run until told to stop."""
    clock = SystemClock()
    holder = f"{os.getpid()}-{new_id()}"
    demo = ("127.0.0.1", settings.demo_speaker_port) if settings.demo_speaker_port else None
    ledger = Ledger(holder, clock, demo)
    speech = Speech(engine(settings), settings.data_dir / "speech")
    line = await Line.open(settings.sip_bind, settings.sip_port)
    announcer = Announcer(
        ledger,
        line,
        speech,
        BlobStore(settings.blob_dir),
        clock,
        wake_s=settings.speaker_wake_s,
    )
    woken = asyncio.Event()
    over = threading.Event()
    talker = Talker(
        announcer,
        ledger,
        line,
        BlobStore(settings.blob_dir),
        clock,
        wake_s=settings.speaker_wake_s,
        hurry=woken.set,
    )
    door = TalkDoor(settings.talk_socket_path, talker)
    await door.open()
    listen_in_thread(settings.dsn, woken, over)
    with Heartbeat("voice", settings.data_dir, patience_s=10) as heart:
        side = [
            asyncio.create_task(_warm(ledger, speech)),
            asyncio.create_task(_look_around(ledger, line)),
            asyncio.create_task(_stay_registered(ledger, line)),
        ]
        try:
            await _speak_until(stop, announcer, woken, heart)
        finally:
            over.set()
            for task in side:
                task.cancel()
            await asyncio.gather(*side, return_exceptions=True)
            await door.close()
            await announcer.close()
            await line.close()
            ledger.close()
            if speech.engine is not None:
                speech.engine.close()


def engine(settings: Settings) -> EspeakEngine | None:
    """The speech engine, where it is installed and wanted; looked for, but not loaded here."""
    if settings.tts == "clips" or importlib.util.find_spec("espeakng_loader") is None:
        log.get().info("speech: kept clips only")
        return None
    return EspeakEngine()


async def _speak_until(
    stop: asyncio.Event, announcer: Announcer, woken: asyncio.Event, heart: Heartbeat
) -> None:
    stopping = asyncio.create_task(stop.wait())
    while not stop.is_set():
        pause_s = POLL_S
        woken.clear()
        try:
            await announcer.turn()
            pause_s = SPEAKING_POLL_S if announcer.is_speaking else POLL_S
            heart.ready()
        except DatabaseAway as error:
            heart.not_ready("database.away")
            log.get().warning("database away", error=str(error))
            pause_s = RETRY_S
        except Exception:  # top of a worker loop: log, back off, go on
            log.get().exception("a turn failed")
            pause_s = RETRY_S
        waking = asyncio.create_task(woken.wait())
        await asyncio.wait([stopping, waking], timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
    stopping.cancel()


async def _warm(ledger: Ledger, speech: Speech) -> None:
    """Have the sound of every pack's phrases ready before it is needed."""
    while True:
        try:
            texts = await ledger.phrases()
        except DatabaseAway:
            await asyncio.sleep(RETRY_S)
            continue
        break
    for text in texts:
        try:
            await asyncio.to_thread(speech.say, text)
        except JiedaoError as refusal:
            log.get().warning("a phrase cannot be spoken", code=refusal.code, text=text)
    log.get().info("phrases ready", phrases=len(texts))


async def _look_around(ledger: Ledger, line: Line) -> None:
    """Ask every loudspeaker now and then whether it is there."""
    while True:
        try:
            targets = await ledger.loudspeakers()
            await ledger.seen(await _reachable(line, targets))
        except DatabaseAway:
            await asyncio.sleep(RETRY_S)
            continue
        except Exception:  # a side task must not end: log and go on
            log.get().exception("looking at loudspeakers failed")
        await asyncio.sleep(LOOK_EVERY_S)


async def _stay_registered(ledger: Ledger, line: Line) -> None:
    """Have every exchange that wants it know where we are, well before it forgets."""
    loop, due_s = asyncio.get_running_loop(), dict[UUID, float]()
    while True:
        try:
            for exchange, target in (await ledger.exchanges()).items():
                if loop.time() >= due_s.get(exchange, 0.0):
                    known_s, failure = await _registered(line, target)
                    due_s[exchange] = loop.time() + known_s / 2
                    await ledger.registered(exchange, failure)
        except DatabaseAway:
            await asyncio.sleep(RETRY_S)
            continue
        except Exception:  # a side task must not end: log and go on
            log.get().exception("registering failed")
        await asyncio.sleep(REGISTER_EVERY_S)


async def _registered(line: Line, target: Target) -> tuple[float, str]:
    """For how long we are known there, and the code of why not."""
    try:
        return await line.register(target), ""
    except CallFailed as failed:
        return 0.0, failure_code(failed.status)
    except OSError:
        return 0.0, "voice.no_address"


async def _reachable(line: Line, targets: dict[UUID, Target]) -> dict[UUID, bool]:
    async def ask(target: Target) -> bool:
        try:
            return await line.is_reachable(target)
        except OSError:
            return False

    tasks = {}
    for loudspeaker, target in targets.items():
        tasks[loudspeaker] = asyncio.create_task(ask(target))
        await asyncio.sleep(0.005)  # Ninety at once would overrun a small receive buffer.
    return {loudspeaker: await task for loudspeaker, task in tasks.items()}


def listen_in_thread(dsn: str, woken: asyncio.Event, over: threading.Event) -> None:
    """Set `woken` whenever the trail has grown; rows are looked at regularly even without."""
    loop = asyncio.get_running_loop()

    def wake() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(woken.set)

    def listen() -> None:
        while not over.is_set():
            try:
                bus = PostgresBus(dsn)
                try:
                    while not over.is_set():
                        if bus.wait(BUS_WAIT_S) is not None:
                            wake()
                finally:
                    bus.close()
            except (psycopg.Error, OSError):
                over.wait(RETRY_S)

    threading.Thread(target=listen, name="bus", daemon=True).start()
