# SPDX-License-Identifier: Apache-2.0
"""A hostile camera in a process of its own: honest when first asked, then it sends one elsewhere.

Elsewhere is another port of this machine, where every connection and every datagram is counted.
Standard input takes "METHOD TRICK" lines: how the next visitor is answered, from that method on;
standard output first gives the camera's port and the trap's, then the trap's count for each line
"count".
"""

import contextlib
import re
import socket
import sys

from tests.cameras.fake_camera import FakeCamera

MOVED = "RTSP/1.0 302 Moved\r\nCSeq: {n}\r\nLocation: {to}\r\nSession: 1\r\n\r\n"
FINE = "RTSP/1.0 200 OK\r\nCSeq: {n}\r\n"

TRICKS = {
    "302": MOVED,
    "301": MOVED.replace("302", "301"),
    "305": MOVED.replace("302", "305"),
    "http": MOVED.replace("{to}", "{http}"),
    "no_place": MOVED.replace("Location: {to}\r\n", ""),
    "leading_zero": MOVED.replace("302", "0302"),
    "plus": MOVED.replace("302", "+302"),
    "tab": MOVED.replace(" 302", "\t302"),
    "two_spaces": MOVED.replace(" 302", "  302"),
    "lone_cr": MOVED.replace("302", "3\r02"),
    "bare_lf": MOVED.replace("\r\n", "\n"),
    "no_version": MOVED.replace("RTSP/1.0", "RTSP/"),
    "blank_first": "\r\n" + MOVED,
    "behind_a_fine_one": FINE + "\r\n" + MOVED,
    "behind_a_nul": FINE + "\0x\r\n" + MOVED,
    "inside_a_body": FINE + "Content-Length: 0\r\nContent-Length: 900\r\n\r\n" + MOVED,
    "negative_body": FINE + "Content-Length: -1\r\n\r\n" + MOVED,
    "inside_a_packet": "$\0\0\2xx" + MOVED,
    "packet_in_a_head": FINE + "$\0\0\2xx\r\n" + MOVED,
    "asked": "REDIRECT rtsp://x/ RTSP/1.0\r\nCSeq: 9\r\nLocation: {to}\r\n\r\n" + MOVED,
    "based_elsewhere": FINE + "Content-Base: {to}/\r\nSession: 1\r\n\r\n",
}


class TwoFaced(FakeCamera):
    """Answers the visitor that comes first honestly, the next one by the trick."""

    def __init__(self) -> None:
        super().__init__()
        self.trap = socket.create_server(("127.0.0.1", 0))
        self.trap.setblocking(False)
        self.trap_port: int = self.trap.getsockname()[1]
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.datagrams.bind(("127.0.0.1", self.trap_port))
        self.datagrams.setblocking(False)
        self.trapped = 0
        self.method, self.trick, self.described = "", "", 0

    def next(self, method: str, trick: str) -> None:
        self.method, self.trick, self.described = method, trick, 0

    def count(self) -> int:
        """Everything that ever came to the trap."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self.trap.accept()[0].close()
                self.trapped += 1
        with contextlib.suppress(BlockingIOError):
            while True:
                self.datagrams.recv(2048)
                self.trapped += 1
        return self.trapped

    def _answer(self, connection: socket.socket, head: str) -> bool:
        method = head.split(" ", maxsplit=1)[0]
        self.described += method == "DESCRIBE"
        is_first_question = self.described == 1 and method == "DESCRIBE"
        if not self.described or is_first_question or method != self.method:
            return super()._answer(connection, head)
        number = re.search(r"CSeq: (\d+)", head)
        place = f"://127.0.0.1:{self.trap_port}/x"
        told = TRICKS[self.trick].format(
            n=number[1] if number else 0, to=f"rtsp{place}", http=f"http{place}"
        )
        connection.sendall(told.encode())
        return True


def main() -> None:
    camera = TwoFaced()
    print(camera.port, camera.trap_port, flush=True)
    for line in sys.stdin:
        if line.strip() == "count":
            print(camera.count(), flush=True)
        else:
            camera.next(*line.split())


if __name__ == "__main__":
    main()
