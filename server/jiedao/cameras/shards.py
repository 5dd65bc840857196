# SPDX-License-Identifier: Apache-2.0
"""The media process's side of its shards: start, speak, find the guilty after a crash."""

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from uuid import UUID

import msgspec

from jiedao.base import log
from jiedao.cameras.inwork import SLOTS, Marks
from jiedao.cameras.messages import (
    LONGEST_MESSAGE,
    FromShard,
    Release,
    ToShard,
    View,
    Watch,
    encode,
    from_shard,
)

STUCK_S = 10.0
"""The media library never works this long on one packet; a decoder that does is hung."""
SILENT_S = 20.0
"""A shard reports every second; one that has not for this long is hung."""
START_S = 90.0
"""Its first word may take so long where a busy machine loads the libraries slowly."""


class ShardProcess:
    """One running shard.

    Args:
        key: "main 1" for a shard of many, the camera's id for one kept apart.
        heard: gets every message, in a thread of this shard's.
        ended: called once, in the same thread, after the process is reaped and its line read out.
    """

    def __init__(
        self,
        key: str,
        heard: Callable[[FromShard], None],
        ended: Callable[["ShardProcess"], None],
    ) -> None:
        self.key = key
        self.slots: dict[UUID, int] = {}
        self._heard, self._ended = heard, ended
        self._marks = Marks.fresh()
        self._line, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "jiedao.cameras.shard", "--line", str(far.fileno())]
        command += ["--marks", str(self._marks.handle), "--name", "media"]
        # It stays in our process group, so that whoever ends the group ends it too.
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter, our own module
            command,
            stdin=subprocess.PIPE,
            pass_fds=(far.fileno(), self._marks.handle),
        )
        far.close()
        self._born_s = self._last_word_s = time.monotonic()
        self._spoke = False
        threading.Thread(target=self._read, name=f"shard {key}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def lived_s(self) -> float:
        """Seconds from its start to its last word."""
        return self._last_word_s - self._born_s

    @property
    def exit_status(self) -> int | None:
        return self._process.poll()

    def watch(self, watch: Watch) -> bool:
        """Have a camera held; its slot is given here. False if the shard cannot be reached."""
        if watch.camera not in self.slots:
            taken = set(self.slots.values())
            self.slots[watch.camera] = slot = next(n for n in range(SLOTS) if n not in taken)
            self._marks.clear(slot)
        return self._send(msgspec.structs.replace(watch, slot=self.slots[watch.camera]))

    def release(self, camera: UUID) -> None:
        """Have a camera let go."""
        if self.slots.pop(camera, None) is not None:
            self._send(Release(camera))

    def view(self, camera: UUID, connection: socket.socket) -> bool:
        """Pass a viewer's connection on; our own copy is closed."""
        sent = self._send(View(camera), connection)
        if sent:
            connection.close()
        return sent

    def say(self, message: ToShard) -> bool:
        """Send any other message."""
        return self._send(message)

    def in_work(self) -> set[UUID]:
        """Cameras on whose bytes the media library works now, or worked when it died."""
        marked = self._marks.since()
        return {camera for camera, slot in self.slots.items() if slot in marked}

    def hangs(self) -> bool:
        """Whether a decoder hangs, or the whole shard has fallen silent."""
        now_s = time.monotonic()
        if now_s - self._last_word_s > (SILENT_S if self._spoke else START_S):
            return True
        return any(now_s - since_s > STUCK_S for since_s in self._marks.since().values())

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def end(self, timeout_s: float) -> None:
        """Let it end by itself, by closing its line and its pipe; then make sure."""
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, message: ToShard, connection: socket.socket | None = None) -> bool:
        handles = [connection.fileno()] if connection is not None else []
        try:
            # Never waits: a shard that does not read its line must not hold up the others.
            socket.send_fds(self._line, [encode(message)], handles, socket.MSG_DONTWAIT)
        except OSError as error:
            log.get(__name__).warning("shard not reached", shard=self.key, why=str(error))
            return False
        return True

    def _read(self) -> None:
        while True:
            try:
                data = self._line.recv(LONGEST_MESSAGE)
            except OSError:
                break
            if not data:
                break
            self._last_word_s, self._spoke = time.monotonic(), True
            try:
                self._heard(from_shard.decode(data))
            except Exception:
                # The top of a worker loop: one message's defect must not deafen us to the rest.
                log.get(__name__).exception("message of a shard failed", shard=self.key)
        self._process.wait()
        self._ended(self)
