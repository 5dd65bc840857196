# SPDX-License-Identifier: Apache-2.0
"""Wherever a camera points, nothing is dialled but the address that was checked."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_network

import av
import pytest

from jiedao.cameras.address import CameraAddress, check_address
from jiedao.cameras.errors import CameraFault
from jiedao.cameras.hop import Answers
from jiedao.cameras.pull import RTSP_OPTIONS, RtspSource
from tests.cameras.two_faced import TRICKS

DESCRIBED = b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 3\r\n\r\nv=0"


class Hostile:
    """The camera's process, from outside."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cameras.two_faced"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port, self.trap_port = map(int, self._hear().split())

    def address(self, method: str, trick: str) -> CameraAddress:
        self._say(f"{method} {trick}")
        _ = self.trapped  # It answers in turn, so by now it has taken up the trick.
        return check_address("127.0.0.1", self.port, "/x", [ip_network("127.0.0.0/8")])

    @property
    def trapped(self) -> int:
        self._say("count")
        return int(self._hear())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def hostile() -> Iterator[Hostile]:
    camera = Hostile()
    yield camera
    camera.close()


@pytest.mark.parametrize("trick", TRICKS)
def test_a_camera_that_turns_after_it_was_asked_is_not_followed(
    hostile: Hostile, trick: str
) -> None:
    for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY"):
        source, before = RtspSource(hostile.address(method, trick)), hostile.trapped
        # Some open all the same, the camera having told the library nothing that it understands.
        with contextlib.suppress(CameraFault):
            source.open().close()
        assert hostile.trapped == before, (method, trick)


@pytest.mark.parametrize("trick", TRICKS)
def test_the_reader_of_the_media_process_goes_nowhere_else_either(
    hostile: Hostile, trick: str
) -> None:
    for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY"):
        source, before = RtspSource(hostile.address(method, trick)), hostile.trapped
        with contextlib.suppress(CameraFault):
            source.start().close()
        assert hostile.trapped == before, (method, trick)


@pytest.mark.parametrize("method", ["OPTIONS", "DESCRIBE", "SETUP"])
def test_the_refusal_says_that_the_camera_sends_us_elsewhere(hostile: Hostile, method: str) -> None:
    with pytest.raises(CameraFault) as refused:
        RtspSource(hostile.address(method, "302")).open()
    assert refused.value.code == "camera.redirects"


def test_the_media_library_by_itself_would_go_there(hostile: Hostile) -> None:
    """Why there is a hop at all. Once this fails, look whether it is still needed."""
    address, before = hostile.address("OPTIONS", "302"), hostile.trapped
    honest = RtspSource(address)
    with pytest.raises(CameraFault):
        honest.open()  # uses up the honest answer
    with pytest.raises(av.error.FFmpegError):
        av.open(address.url, options=RTSP_OPTIONS, timeout=(3.0, 3.0))
    assert hostile.trapped > before


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_an_honest_answer_passes_whole_however_it_is_cut(size: int) -> None:
    said = DESCRIBED + b"$\0\0\x05hello" + b"OPTIONS * RTSP/1.0\nCSeq: 1\n\n" + DESCRIBED
    answers, passed = Answers("x"), b""
    for at in range(0, len(said), size):
        passed += answers.pass_on(said[at : at + size])
    assert passed == said


def test_a_head_goes_on_only_once_it_was_read_to_its_end() -> None:
    answers = Answers("x")
    assert answers.pass_on(DESCRIBED[:30]) == b""
    assert answers.pass_on(DESCRIBED[30:]) == DESCRIBED


def test_after_the_library_asked_for_the_pictures_nothing_is_held_back() -> None:
    answers = Answers("x")
    assert answers.pass_on(b"$\0\0") == b""
    assert answers.pass_on(b"\x01a\xff", unread=True) == b"$\0\0\x01a\xff"


@pytest.mark.parametrize(
    "said",
    [
        b"\xff\x00\x8a" * 50 + b"\n\n",
        b"x" * 20_000,
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 9999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length : 1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_garbled(said: bytes) -> None:
    with pytest.raises(CameraFault) as refused:
        Answers("x").pass_on(said)
    assert refused.value.code == "camera.garbled"
