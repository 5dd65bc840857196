# SPDX-License-Identifier: Apache-2.0
"""From shards into the database: in order, exactly once, and through a spool while it is away."""

import queue
import threading
from collections.abc import Callable

import msgspec

from jiedao.base import log
from jiedao.cameras.errors import LeaseLost
from jiedao.cameras.messages import ClipKept, GapSeen, Observed, Recorded, encode
from jiedao.cameras.spool import Spool

RETRY_S = 1.0

Kept = Observed | ClipKept | Recorded | GapSeen
_kept = msgspec.json.Decoder(Kept)


class DatabaseAway(Exception):
    """The database cannot be reached now; what was to be written waits."""


class Taking:
    """One writer thread. What it was given is in the database or synced in the spool, never lost.

    Args:
        deliver: takes one message in, in a transaction of its own.
        spool: what waits while ``deliver`` raises DatabaseAway.
        refused: what no retry can help, kept for a person to look at.
    """

    def __init__(self, deliver: Callable[[Kept], None], spool: Spool, refused: Spool) -> None:
        self._deliver, self._spool, self._refused = deliver, spool, refused
        self._queue: queue.SimpleQueue[Kept | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def put(self, message: Kept) -> None:
        """Hand a message to the writer; any thread may."""
        self._queue.put(message)

    def close(self, timeout_s: float) -> None:
        """Take in what is queued, then end."""
        self._queue.put(None)
        self._thread.join(timeout_s)

    def _run(self) -> None:
        while True:
            try:
                message = self._queue.get(timeout=None if self._spool.is_empty else RETRY_S)
            except queue.Empty:
                self._replay()
                continue
            if message is None:
                return
            try:
                self._take(message)
            except OSError:
                # The disk refuses the spool: the message waits in memory, behind the others.
                log.get(__name__).exception("spool refused")
                self._queue.put(message)

    def _take(self, message: Kept) -> None:
        if self._spool.is_empty and self._try(message):
            return
        if not self._spool.append(encode(message)):
            log.get(__name__).error("spool full, observation lost", camera=str(message.camera))

    def _replay(self) -> None:
        for line, position in self._spool.waiting():
            message = _kept.decode(line)
            if isinstance(message, Observed):
                message = msgspec.structs.replace(message, late=True)
            if not self._try(message):
                return
            self._spool.done(position)

    def _try(self, message: Kept) -> bool:
        """Take a message in; False if it has to wait for the database."""
        try:
            self._deliver(message)
        except DatabaseAway as away:
            log.get(__name__).warning("database away, spooling", why=str(away)[:120])
            return False
        except LeaseLost as refusal:
            log.get(__name__).warning("event of an old epoch refused", why=str(refusal))
        except Exception:
            # The top of a worker loop: one message must not keep the next from being taken in.
            log.get(__name__).exception("observation refused", camera=str(message.camera))
            self._refused.append(encode(message))
        return True
