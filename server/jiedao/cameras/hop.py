# SPDX-License-Identifier: Apache-2.0
"""The one hop to a camera: the media library dials us, and we dial the address that was checked.

The media library follows a redirect to wherever a camera points, and has no option against it; a
camera that answers our own question honestly may still redirect the library's. So every answer
that comes before the pictures is read here, as strictly as the library reads it loosely, and a
camera that sends us elsewhere is hung up on. Once the library asks for the pictures it follows
nothing any more, and bytes pass as they come.
"""

import re
import selectors
import socket
import threading
from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

from jiedao.cameras.address import CameraAddress
from jiedao.cameras.errors import CameraFault, CameraGarbled, CameraRedirects, CameraUnreachable

LONGEST_HEAD = 16 * 1024
PIECE_BYTES = 64 * 1024
SEND_S = 5.0
_HEAD = re.compile(rb"(.*?\n)\r?\n", re.DOTALL)
_ANSWER = re.compile(rb"RTSP/1\.\d ([1-5])\d\d( .*)?")
_REQUEST = re.compile(rb"([A-Z_]+) \S+ RTSP/1\.\d")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d{1,6})[ \t]*", re.IGNORECASE)
_PLAYS = re.compile(rb"(?:^|\n)PLAY ")


class Answers:
    """What a camera says before it plays: messages, and packets between them."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._waiting = b""
        self._rest = 0  # Of a body or a packet whose beginning went on already.

    def pass_on(self, data: bytes, *, unread: bool = False) -> bytes:
        """The bytes that may go on to the media library now.

        Args:
            unread: let everything pass; the library follows nothing any more.

        Raises:
            CameraRedirects: the camera sends us elsewhere.
            CameraGarbled: what it says could be read in two ways.
        """
        if unread:
            passed, self._waiting = self._waiting + data, b""
            return passed
        self._waiting += data
        passed = b""
        while self._waiting:
            if not self._rest and not self._begin():
                break
            passed += self._waiting[: self._rest]
            self._waiting, self._rest = (
                self._waiting[self._rest :],
                max(0, self._rest - len(self._waiting)),
            )
        return passed

    def _begin(self) -> bool:
        """Read how long the next message or packet is; False if more of it has to come first."""
        if self._waiting.startswith(b"$"):
            if len(self._waiting) < 4:
                return False
            self._rest = 4 + int.from_bytes(self._waiting[2:4], "big")
            return True
        head = _HEAD.match(self._waiting[:LONGEST_HEAD])
        if head is None:
            if len(self._waiting) >= LONGEST_HEAD:
                raise CameraGarbled(address=self._where)
            return False
        self._rest = head.end() + self._judge(head[1])
        return True

    def _judge(self, head: bytes) -> int:
        """The length of the body that follows a head."""
        # The library drops a lone CR, ends at a NUL, and takes a line with "$" for a packet.
        lines = [line.removesuffix(b"\r") for line in head.split(b"\n")[:-1]]
        if any(b"\r" in line or b"\0" in line or line[:1] in (b"", b"$") for line in lines):
            raise CameraGarbled(address=self._where)
        answer, request = _ANSWER.fullmatch(lines[0]), _REQUEST.fullmatch(lines[0])
        if (answer and answer[1] == b"3") or (request and request[1] == b"REDIRECT"):
            raise CameraRedirects(address=self._where)
        lengths = [line for line in lines if line.lower().startswith(b"content-length:")]
        told = _LENGTH.fullmatch(lengths[0]) if lengths else None
        if not (answer or request) or len(lengths) > 1 or (lengths and told is None):
            raise CameraGarbled(address=self._where)
        return int(told[1]) if told else 0


class Hop:
    """One connection of the media library, carried to one camera and to no other place.

    Attributes:
        address: where the library finds it, with the camera's own path and login.
        fault: why the hop hung up on the camera, if it did.
    """

    def __init__(self, camera: CameraAddress, timeout_s: float) -> None:
        """Dial the camera, and wait for the library in a thread of its own.

        Raises:
            CameraUnreachable: nothing answers there.
        """
        self._where = camera.authority
        try:
            self._camera = socket.create_connection((str(camera.host), camera.port), timeout_s)
        except OSError as error:
            raise CameraUnreachable(address=self._where) from error
        self._camera.settimeout(SEND_S)
        # Whoever else on this machine finds the door first gains what dialling the camera gives:
        # the login goes by the library's own words alone.
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self._door.settimeout(timeout_s)
        self.address = replace(
            camera, host=IPv4Address("127.0.0.1"), port=int(self._door.getsockname()[1])
        )
        self.fault: CameraFault | None = None
        threading.Thread(target=self._carry, name=f"hop {self._where}", daemon=True).start()

    def _carry(self) -> None:
        """Until one of the two leaves; the library has time-outs of its own."""
        with self._camera, suppress(OSError):
            with self._door:
                library, _ = self._door.accept()
            with library:
                library.settimeout(None)
                library.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                try:
                    self._talk(library)
                except CameraFault as fault:
                    self.fault = fault

    def _talk(self, library: socket.socket) -> None:
        answers, asked, plays = Answers(self._where), b"", False
        with selectors.DefaultSelector() as both:
            both.register(library, selectors.EVENT_READ)
            both.register(self._camera, selectors.EVENT_READ)
            while True:
                for key, _ in both.select():
                    if key.fileobj is library:
                        data = library.recv(PIECE_BYTES)
                        if not plays:
                            asked += data
                            plays = _PLAYS.search(asked) is not None
                        self._camera.sendall(data)
                    else:
                        data = self._camera.recv(PIECE_BYTES)
                        library.sendall(answers.pass_on(data, unread=plays))
                    if not data:
                        return
