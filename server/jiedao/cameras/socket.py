# SPDX-License-Identifier: Apache-2.0
"""The private Unix socket through which the stream process asks for live pictures.

The asker sends one line, ``{"camera": "<uuid>"}``. The connection is then passed whole to whoever
holds the camera; the parent of the shards never touches a picture.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import msgspec

from jiedao.base import log
from jiedao.cameras.live import error_frame

LONGEST_REQUEST = 1024
REQUEST_S = 2.0


class Request(msgspec.Struct, frozen=True):
    """Which camera is wanted."""

    camera: UUID


class LiveSocket:
    """Listens, reads the one line, and passes the connection on.

    ``route`` gets the camera and the connected socket, takes the socket over and returns True, or
    returns False for a camera that nobody holds. Only the platform's own user may connect.
    """

    def __init__(self, path: Path, route: Callable[[UUID, socket.socket], bool]) -> None:
        self._path, self._route = path, route
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._door.bind(str(path))
        finally:
            os.umask(mask)
        self._door.listen(64)
        self._thread = threading.Thread(target=self._accept, name="live door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; connections already passed on live on."""
        with contextlib.suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._door.accept()
            except OSError:
                return
            # A thread each: an asker that sends nothing must not keep the next one waiting.
            threading.Thread(target=self._receive, args=(connection,), daemon=True).start()

    def _receive(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(REQUEST_S)
            request = msgspec.json.decode(_read_line(connection), type=Request)
            connection.settimeout(None)
            if self._route(request.camera, connection):
                return
            connection.sendall(error_frame("camera.unknown"))
        except (msgspec.DecodeError, OSError) as error:
            log.get(__name__).warning("live request refused", why=str(error))
            with contextlib.suppress(OSError):
                connection.sendall(error_frame("input.bad"))
        connection.close()


def _read_line(connection: socket.socket) -> bytes:
    """One line, read byte by byte so that nothing after it is swallowed.

    Raises:
        OSError: too long, or the asker left.
    """
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte or len(line) > LONGEST_REQUEST:
            raise OSError("no request line")
        line += byte
    return line
