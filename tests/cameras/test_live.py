# SPDX-License-Identifier: Apache-2.0
"""Live pictures over the private socket: head, current group, then on; nobody slows the camera."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from jiedao.cameras.live import MOST_UNSENT_BYTES, LiveLoop
from jiedao.cameras.relay import Head, Ring
from jiedao.cameras.socket import LiveSocket

CAMERA = UUID(int=7)
HEAD = Head('video/mp4; codecs="avc1.4D401F"', 640, 360, b"init", 1000.0)


@pytest.fixture
def live() -> Iterator[LiveLoop]:
    loop = LiveLoop()
    yield loop
    loop.close()


@pytest.fixture
def door(live: LiveLoop, tmp_path: Path) -> Iterator[Path]:
    def route(camera: UUID, connection: socket.socket) -> bool:
        if camera != CAMERA:
            return False
        live.welcome(camera, connection)
        return True

    path = tmp_path / "media.sock"
    listening = LiveSocket(path, route)
    yield path
    listening.close()


def ask(path: Path, line: bytes) -> socket.socket:
    asker = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asker.settimeout(5)
    asker.connect(str(path))
    asker.sendall(line)
    return asker


def ask_for(path: Path, camera: UUID) -> socket.socket:
    return ask(path, json.dumps({"camera": str(camera)}).encode() + b"\n")


def read(asker: socket.socket) -> tuple[str, bytes]:
    message = read_bytes(asker, int.from_bytes(read_bytes(asker, 4), "big"))
    return chr(message[0]), message[1:]


def read_bytes(asker: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = asker.recv(count - len(data))
        assert piece, "the connection ended"
        data += piece
    return data


def test_a_viewer_gets_head_and_current_group_and_then_what_follows(
    live: LiveLoop, door: Path
) -> None:
    channel = live.channel(CAMERA, Ring())
    channel.restart(HEAD)
    for number in range(7):
        channel.publish(channel.ring.add(number % 5 == 0, number, b"%d" % number))
    with ask_for(door, CAMERA) as viewer:
        kind, codec = read(viewer)
        assert kind == "C"
        assert json.loads(codec)["mime"] == HEAD.mime
        assert read(viewer) == ("I", b"init")
        assert [read(viewer), read(viewer)] == [("K", b"5"), ("F", b"6")]
        channel.publish(channel.ring.add(False, 8.0, b"7"))
        assert read(viewer) == ("F", b"7")


def test_a_lost_camera_is_told_and_its_return_begins_with_a_new_head(
    live: LiveLoop, door: Path
) -> None:
    channel = live.channel(CAMERA, Ring())
    channel.fail("camera.silent")
    with ask_for(door, CAMERA) as viewer:
        assert read(viewer) == ("E", b'{"code":"camera.silent"}')
        channel.restart(HEAD)
        assert [read(viewer)[0], read(viewer)[0]] == ["C", "I"]


def test_a_camera_that_nobody_holds_is_said_so(door: Path) -> None:
    with ask_for(door, uuid4()) as viewer:
        assert read(viewer) == ("E", b'{"code":"camera.unknown"}')


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b'{"camera":"x"}\n', b"\xff\n", b"x" * 3000])
def test_a_malformed_request_is_refused(door: Path, line: bytes) -> None:
    with ask(door, line) as viewer:
        assert read(viewer) == ("E", b'{"code":"input.bad"}')


def test_a_viewer_that_does_not_read_is_dropped_and_others_go_on(
    live: LiveLoop, door: Path
) -> None:
    channel = live.channel(CAMERA, Ring())
    channel.restart(HEAD)
    with ask_for(door, CAMERA) as lazy, ask_for(door, CAMERA) as eager:
        for viewer in (lazy, eager):
            assert [read(viewer)[0], read(viewer)[0]] == ["C", "I"]
        block = bytes(256 * 1024)
        for _ in range(MOST_UNSENT_BYTES // len(block) + 6):
            channel.publish(channel.ring.add(True, 1.0, block))
            assert read(eager)[0] == "K"
        received = 0
        while data := lazy.recv(1 << 20):
            received += len(data)
        assert received <= MOST_UNSENT_BYTES + 2 * len(block)


def test_the_socket_is_for_the_platforms_own_user_only(door: Path) -> None:
    assert door.stat().st_mode & 0o777 == 0o600
