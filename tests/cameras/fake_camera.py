# SPDX-License-Identifier: Apache-2.0
"""A small RTSP camera with every bad habit, on a free loopback port.

It speaks RTSP over TCP with interleaved RTP, H.264 in FU-A fragments, from pictures coded once.
"""

import contextlib
import hashlib
import io
import itertools
import re
import socket
import threading
from base64 import b64encode
from dataclasses import dataclass
from functools import cache

import av
import numpy as np

FPS = 25
REALM, NONCE = "fake", "0123456789abcdef"


@dataclass(frozen=True)
class Coded:
    """One coded picture: Annex B bytes."""

    data: bytes
    key: bool


@cache
def coded_scene(width: int = 320, height: int = 180, groups: int = 3) -> tuple[Coded, ...]:
    """A grey, grainy scene with a white block that moves right in each group of 50 pictures."""
    group = 50
    out = av.open(io.BytesIO(), "w", format="h264")
    stream = out.add_stream("libx264", rate=FPS)
    stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
    stream.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "g": str(group),
        "sc_threshold": "0",
    }
    coded = []
    noise = np.random.default_rng(7).integers(0, 8, (height, width), dtype=np.uint8)
    for number in range(groups * group):
        luma = np.full((height * 3 // 2, width), 128, np.uint8)
        luma[:height] = 90 + np.roll(noise, number)
        left = number % group * width // (group + 10)
        luma[height // 2 : height // 2 + 40, left : left + 20] = 235
        packets = stream.encode(av.VideoFrame.from_ndarray(luma, format="yuv420p"))
        coded += [Coded(bytes(packet), packet.is_keyframe) for packet in packets]
    coded += [Coded(bytes(packet), packet.is_keyframe) for packet in stream.encode(None)]
    return tuple(coded)


def _units(data: bytes) -> list[bytes]:
    return data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]


class FakeCamera:
    """Serves the scene until closed. ``habit`` may be changed at any time.

    Habits: good, mute (plays nothing), silent (answers nothing), junk (answers noise), drip,
    garbled (pictures with damaged bytes), hang_up (ends after ten pictures), stall (falls silent
    after ten pictures), redirect, missing (404), resize (another size after each ten pictures),
    bare (describes nothing of its pictures), deadly (a picture of 64 x 64 that the test hook of
    the decoder dies of), freeze (its first picture again and again).
    """

    def __init__(self, habit: str = "good", login: str = "", scheme: str = "digest") -> None:
        self.habit, self.login, self.scheme = habit, login, scheme
        self.plays = 0
        self.seen: list[str] = []
        self._closing = threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._connections: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> "FakeCamera":
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._door.close()
        self.cut()

    def cut(self) -> None:
        """Break every connection, as a reboot does."""
        for connection in tuple(self._connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rb") as lines:
            while head := self._read_request(lines):
                if self.habit == "silent":
                    self._closing.wait(20)
                    return
                if self.habit == "junk":
                    connection.sendall(b"\xff\x00\x8a" * 50)
                    return
                if not self._answer(connection, head):
                    return
                if head.startswith("PLAY"):
                    self._play(connection)
                    return
        self._connections.discard(connection)

    def _read_request(self, lines: io.BufferedReader) -> str:
        head = ""
        while line := lines.readline().decode():
            if line == "\r\n":
                return head
            head += line
        return ""

    def _answer(self, connection: socket.socket, head: str) -> bool:
        self.seen.append(head.split("\r\n", maxsplit=1)[0])
        method = head.split(" ", maxsplit=1)[0]
        number = re.search(r"CSeq: (\d+)", head)
        extra, body, status = "", "", "200 OK"
        if self.habit == "redirect":
            status, extra = "302 Moved", "Location: rtsp://127.0.0.1:1/elsewhere\r\n"
        elif self.habit == "missing":
            status = "404 Not Found"
        elif self.login and method != "OPTIONS" and not self._knows(head, method):
            challenge = f'Digest realm="{REALM}", nonce="{NONCE}"'
            offered = challenge if self.scheme == "digest" else f'Basic realm="{REALM}"'
            status, extra = "401 Unauthorized", f"WWW-Authenticate: {offered}\r\n"
        elif method == "DESCRIBE":
            extra, body = "Content-Type: application/sdp\r\n", self._describe()
        elif method == "SETUP":
            extra = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        extra += "Session: 1\r\n" if method in {"SETUP", "PLAY"} else ""
        extra += f"Content-Length: {len(body)}\r\n" if body else ""
        cseq = number[1] if number else "0"
        connection.sendall(f"RTSP/1.0 {status}\r\nCSeq: {cseq}\r\n{extra}\r\n{body}".encode())
        return True

    def _knows(self, head: str, method: str) -> bool:
        name, _, password = self.login.partition(":")
        if self.scheme == "basic":
            return f"Authorization: Basic {b64encode(self.login.encode()).decode()}" in head
        uri, response = re.search(r'uri="([^"]*)"', head), re.search(r'response="(\w+)"', head)
        if not uri or not response:
            return False
        secret = _md5(f"{name}:{REALM}:{password}")
        return response[1] == _md5(f"{secret}:{NONCE}:{_md5(f'{method}:{uri[1]}')}")

    def _describe(self) -> str:
        scene = coded_scene(64, 64) if self.habit == "deadly" else coded_scene()
        sets = [unit for unit in _units(scene[0].data) if unit[0] & 31 in {7, 8}]
        sprop = ";sprop-parameter-sets=" + ",".join(b64encode(unit).decode() for unit in sets)
        return (
            "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=fake\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n"
            "c=IN IP4 0.0.0.0\r\na=rtpmap:96 H264/90000\r\na=control:trackID=0\r\n"
            f"a=fmtp:96 packetization-mode=1{sprop if self.habit != 'bare' else ''}\r\n"
        )

    def _play(self, connection: socket.socket) -> None:
        self.plays += 1
        sequence = itertools.count()
        for number in itertools.count():
            if self._closing.wait(1 / FPS):
                return
            if number >= 10 and self.habit == "hang_up":
                return
            if self.habit == "mute" or (number >= 10 and self.habit == "stall"):
                self._closing.wait(20)
                return
            scene = coded_scene(64, 64) if self.habit == "deadly" else coded_scene()
            if self.habit == "resize" and number // 10 % 2:
                scene = coded_scene(width=480, height=272)
            # Each stretch of ten begins with a key frame when the size changes.
            at = number % 10 if self.habit == "resize" else number % len(scene)
            at = 0 if self.habit == "freeze" else at
            for packet in _rtp(scene[at].data, number, sequence):
                self._send(connection, packet)

    def _send(self, connection: socket.socket, packet: bytes) -> None:
        if self.habit == "garbled":
            packet = packet[:24] + bytes(byte ^ 0x5A for byte in packet[24:])
        framed = b"$\0" + len(packet).to_bytes(2, "big") + packet
        if self.habit == "drip":
            for byte in framed:
                connection.sendall(bytes([byte]))
                if self._closing.wait(0.2):
                    return
        else:
            connection.sendall(framed)


def _rtp(data: bytes, number: int, sequence: "itertools.count[int]") -> list[bytes]:
    """RTP packets of one coded picture."""
    payloads: list[bytes] = []
    for unit in _units(data):
        if len(unit) <= 1200:
            payloads.append(unit)
            continue
        head, rest = unit[0], unit[1:]
        parts = [rest[at : at + 1200] for at in range(0, len(rest), 1200)]
        for index, part in enumerate(parts):
            flags = (0x80 if index == 0 else 0) | (0x40 if index == len(parts) - 1 else 0)
            payloads.append(bytes([(head & 0xE0) | 28, flags | (head & 31)]) + part)
    stamp = (number * 90000 // FPS) & 0xFFFFFFFF
    packets = []
    for index, payload in enumerate(payloads):
        marker = 0x80 if index == len(payloads) - 1 else 0
        count = next(sequence) & 0xFFFF
        packets.append(
            bytes([0x80, marker | 96])
            + count.to_bytes(2, "big")
            + stamp.to_bytes(4, "big")
            + b"\0\0\0\7"
            + payload
        )
    return packets


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
