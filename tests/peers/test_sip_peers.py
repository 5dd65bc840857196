# SPDX-License-Identifier: Apache-2.0
"""Loudspeakers that are not ours: baresip and sipp, as Debian packs them, on this machine alone."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from jiedao.voice import g711
from jiedao.voice.dialog import Identity, Target
from jiedao.voice.digest import Credentials
from jiedao.voice.line import CallFailed, Line, LiveCall
from jiedao.voice.match import likeness
from jiedao.voice.speech import for_loudspeaker, kept_clip

pytestmark = pytest.mark.peer
LEAVE = "桥下水深危险，请立即离开水边。"
MODULES = Path("/usr/lib/baresip/modules")
BARESIP_CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_player aubridge,horn
audio_source aubridge,horn
audio_alert aubridge,alert
audio_channels 1-1
audio_srate 8000-8000
ausrc_srate 8000
auplay_srate 8000
audio_buffer 20-160
jitter_buffer_delay 1-5
module_path {modules}
module g711.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
snd_path {folder}
"""


def program(name: str, package: str) -> str:
    """Where a peer's program is; its absence is a failure, not a reason to skip."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not installed; as root: apt-get install {package}")
    return found


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def the_announcement() -> g711.Pcm:
    words = kept_clip(LEAVE)
    assert words is not None
    return for_loudspeaker(words, 0.35, wake_s=0.2)


async def announce(port: int, password: str = "") -> LiveCall:
    """Say the announcement to speaker-001; INVITEs are repeated until the peer has started."""
    credentials = Credentials("speaker-001", password) if password else None
    target = Target("speaker-001", "127.0.0.1", port, credentials)
    line = await Line.open()
    try:
        call = await line.dial(target, patience_s=10.0)
        await call.play(g711.encode(the_announcement()), lambda: None)
        await asyncio.sleep(0.3)
        await call.hang_up()
        return call
    finally:
        await line.close()


@contextmanager
def baresip(folder: Path) -> Iterator[int]:
    """baresip as a horn: it answers by itself, loops its sound back, and writes what it decoded."""
    command = program("baresip", "baresip-core")
    port = free_port()
    config = BARESIP_CONFIG.format(port=port, modules=MODULES, folder=folder)
    (folder / "config").write_text(config)
    account = "<sip:speaker-001@127.0.0.1>;regint=0;answermode=auto;audio_codecs=PCMA\n"
    (folder / "accounts").write_text(account)
    (folder / "contacts").touch()
    process = subprocess.Popen(
        [command, "-4", "-f", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=(folder / "output").open("w"),
        stderr=subprocess.STDOUT,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(30)


def heard_by_baresip(folder: Path) -> g711.Pcm:
    end = time.monotonic() + 5
    while not (dumps := list(folder.glob("dump-*-dec.wav"))):
        assert time.monotonic() < end, (folder / "output").read_text(errors="replace")
        time.sleep(0.05)
    with wave.open(str(dumps[0]), "rb") as file:
        assert file.getframerate() == g711.RATE_HZ
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


LOOPED_WITHIN = 3
"""Calls within which baresip's own loop, which no clock of ours drives, sends everything back."""


def test_baresip_hears_what_was_rendered_and_its_loop_sends_it_back(tmp_path: Path) -> None:
    looped = []
    for number in range(LOOPED_WITHIN):
        folder = tmp_path / str(number)
        folder.mkdir()
        with baresip(folder) as port:
            call = asyncio.run(announce(port))
        # Ended, so that its file is closed and whole.
        assert likeness(the_announcement(), heard_by_baresip(folder)) >= 0.99
        assert call.confirmed
        assert call.lost == 0
        looped.append(likeness(the_announcement(), g711.decode(call.heard.alaw())))
        if looped[-1] >= 0.99:
            return
    raise AssertionError(f"the loop sent back {looped}")


@contextmanager
def sipp(
    folder: Path, scenario_file: str = "sipp_horn.xml"
) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """sipp as a horn that asks for a digest, checks it, and echoes its sound; or another part."""
    command = program("sipp", "sip-tester")
    port = free_port()
    scenario = Path(__file__).parent / scenario_file
    options = ["-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1"]
    options += ["-mp", str(free_port() & ~1), "-rtp_echo", "-m", "1", "-nostdin"]
    process = subprocess.Popen(
        [command, *options, "-timeout", "20s", "-trace_err", "-error_file", str(folder / "errors")],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=(folder / "output").open("w"),
        stderr=subprocess.STDOUT,
    )
    try:
        yield port, process
    finally:
        process.kill()
        process.wait()


def test_baresip_answers_that_it_is_there(tmp_path: Path) -> None:
    async def is_there(port: int) -> bool:
        line = await Line.open()
        try:
            target = Target("speaker-001", "127.0.0.1", port)
            return await line.is_reachable(target, patience_s=10.0)
        finally:
            await line.close()

    with baresip(tmp_path) as port:
        assert asyncio.run(is_there(port))


def test_sipp_checks_our_digest_and_takes_the_call(tmp_path: Path) -> None:
    with sipp(tmp_path) as (port, process):
        call = asyncio.run(announce(port, "horn-pw"))
        assert process.wait(30) == 0, (tmp_path / "output").read_text(errors="replace")[-2000:]
    assert call.confirmed
    assert call.dialog.rang
    assert likeness(the_announcement(), g711.decode(call.heard.alaw())) >= 0.99


def test_sipp_refuses_a_wrong_password(tmp_path: Path) -> None:
    with sipp(tmp_path) as (port, _process), pytest.raises(CallFailed) as failed:
        asyncio.run(announce(port, "wrong"))
    assert failed.value.status == 403


async def register(port: int, password: str) -> int:
    """Register our account at an exchange; for how many seconds it knows us."""
    line = await Line.open()
    login = Credentials("duty", password)
    target = Target("duty", "127.0.0.1", port, login, Identity("duty", "town.example"))
    try:
        return await line.register(target, patience_s=10.0)
    finally:
        await line.close()


def test_sipp_as_an_exchange_checks_who_registers(tmp_path: Path) -> None:
    with sipp(tmp_path, "sipp_exchange.xml") as (port, process):
        assert asyncio.run(register(port, "exchange-pw")) == 120
        assert process.wait(30) == 0, (tmp_path / "output").read_text(errors="replace")[-2000:]


def test_sipp_as_an_exchange_refuses_a_wrong_password(tmp_path: Path) -> None:
    with sipp(tmp_path, "sipp_exchange.xml") as (port, _process):
        with pytest.raises(CallFailed) as failed:
            asyncio.run(register(port, "wrong"))
        assert failed.value.status == 403
