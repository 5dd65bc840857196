# SPDX-License-Identifier: Apache-2.0
"""Calls on the wire, against simulated loudspeakers in a process of their own."""

import asyncio
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jiedao.voice import g711
from jiedao.voice.dialog import Target
from jiedao.voice.digest import Credentials
from jiedao.voice.line import CallFailed, Line, LiveCall
from jiedao.voice.match import likeness
from jiedao.voice.playout import Playout
from tests.voice.horns import Horns, running_horns


@pytest.fixture(scope="module")
def horns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Horns]:
    with running_horns(tmp_path_factory.mktemp("horns")) as bank:
        yield bank


def speech(seconds: float = 0.6) -> g711.Pcm:
    """Something as lively as speech, and as loud."""
    samples = np.random.default_rng(5).normal(0, 6000, int(seconds * g711.RATE_HZ))
    return np.clip(samples, -32768, 32767).astype(np.int16)


def wav(path: str) -> g711.Pcm:
    with wave.open(path, "rb") as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


async def speak(port: int, account: str, sound: g711.Pcm, password: str = "") -> LiveCall:
    line = await Line.open()
    credentials = Credentials(account, password) if password else None
    try:
        call = await line.dial(Target(account, "127.0.0.1", port, credentials), 2.0)
        await call.play(g711.encode(sound), lambda: None)
        await asyncio.sleep(0.05)  # What was played last is still on its way back.
        await call.hang_up()
        return call
    finally:
        await line.close()


def test_a_loudspeaker_hears_what_was_said_and_sends_it_back(horns: Horns) -> None:
    call = asyncio.run(speak(horns.port, "speaker-007", speech()))
    (ended,) = horns.wait_for("ended", account="speaker-007")
    assert (ended["packets"], ended["lost"], call.lost) == (30, 0, 0)
    assert ended["first_voiced_at"] is not None
    assert call.confirmed
    assert likeness(speech(), wav(ended["wav"])) > 0.99
    assert call.returns_sound
    assert likeness(speech(), g711.decode(call.heard.alaw())) > 0.99


def test_a_quiet_tone_is_heard_but_is_no_speech(horns: Horns) -> None:
    tone = (300 * np.sin(np.arange(1600) * 0.3)).astype(np.int16)
    asyncio.run(speak(horns.port, "speaker-008", tone))
    (ended,) = horns.wait_for("ended", account="speaker-008")
    assert ended["first_packet_at"] is not None
    assert ended["first_voiced_at"] is None


@pytest.mark.parametrize(("fault", "status"), [("busy", 486), ("no_answer", 408), ("ring", 408)])
def test_a_loudspeaker_that_does_not_take_the_call_is_named_by_its_status(
    horns: Horns, fault: str, status: int
) -> None:
    async def story() -> None:
        line = await Line.open()
        try:
            await line.dial(Target("speaker-009", "127.0.0.1", horns.port), 0.3)
        finally:
            await line.close()

    horns.fault("speaker-009", fault)
    try:
        with pytest.raises(CallFailed) as failed:
            asyncio.run(story())
        assert failed.value.status == status
    finally:
        horns.fault("speaker-009", None)


def test_an_unknown_account_is_refused(horns: Horns) -> None:
    with pytest.raises(CallFailed) as failed:
        asyncio.run(speak(horns.port, "speaker-999", speech()))
    assert failed.value.status == 404


@pytest.mark.parametrize("host", ["", "a..b"])
def test_a_loudspeaker_without_an_address_is_neither_called_nor_there(host: str) -> None:
    async def story() -> bool:
        line = await Line.open()
        try:
            target = Target("speaker-001", host, 5060)
            with pytest.raises(CallFailed) as failed:
                await line.dial(target)
            assert failed.value.status == 478
            return await line.is_reachable(target)
        finally:
            await line.close()

    assert not asyncio.run(story())


def test_a_call_that_the_loudspeaker_drops_ends_at_once(horns: Horns) -> None:
    horns.fault("speaker-010", "drop")
    call = asyncio.run(speak(horns.port, "speaker-010", speech(5.0)))
    assert call.ended_by_peer
    assert call.heard.packets < 100


def test_an_announcement_can_be_stopped_in_the_middle(horns: Horns) -> None:
    async def story() -> int:
        line = await Line.open()
        try:
            call = await line.dial(Target("speaker-011", "127.0.0.1", horns.port), 2.0)
            playing = asyncio.create_task(call.play(g711.encode(speech(5.0)), call.stop))
            packets = await playing
            await call.hang_up()
            return packets
        finally:
            await line.close()

    assert asyncio.run(story()) == 1


def test_ninety_loudspeakers_speak_at_once(tmp_path: Path) -> None:
    async def story(port: int) -> list[LiveCall]:
        line = await Line.open()
        targets = [Target(f"speaker-{n:03d}", "127.0.0.1", port) for n in range(1, 91)]
        try:
            calls = await asyncio.gather(*(line.dial(target, 20.0) for target in targets))
            sound = g711.encode(speech(0.2))
            await asyncio.gather(*(call.play(sound, lambda: None) for call in calls))
            await asyncio.sleep(0.1)
            return calls
        finally:
            await line.close()

    with running_horns(tmp_path) as horns:
        calls = asyncio.run(story(horns.port))
        ended = horns.wait_for("ended", 90)
    assert {line["account"] for line in ended} == {f"speaker-{n:03d}" for n in range(1, 91)}
    assert {(line["packets"], line["lost"], line["why"]) for line in ended} == {(10, 0, "bye")}
    assert all(call.confirmed for call in calls)


def test_a_password_is_asked_for_and_must_be_right(tmp_path: Path) -> None:
    with running_horns(tmp_path, "--password", "horn-pw", "--no-monitor") as locked:
        call = asyncio.run(speak(locked.port, "speaker-001", speech(0.1), "horn-pw"))
        assert call.confirmed
        assert not call.returns_sound
        for password in ("wrong", ""):
            with pytest.raises(CallFailed) as failed:
                asyncio.run(speak(locked.port, "speaker-001", speech(0.1), password))
            assert failed.value.status == 401


def test_a_stream_that_breaks_does_not_stop_the_clock_of_the_others() -> None:
    async def story() -> int:
        playout, ticks, done = Playout(), 0, asyncio.Event()

        def breaks() -> bool:
            raise RuntimeError("broken")

        def counts() -> bool:
            nonlocal ticks
            ticks += 1
            if ticks == 3:
                done.set()
            return ticks < 3

        playout.join(breaks)
        playout.join(counts)
        await done.wait()
        await playout.close()
        return ticks

    assert asyncio.run(story()) == 3
