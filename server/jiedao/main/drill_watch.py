# SPDX-License-Identifier: Apache-2.0
"""What a drill watches: the feed, over a socket that is opened again when cut; files that grow."""

import json
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

Json = dict[str, Any]
AGAIN_AFTER_S = 0.2


class Follower:
    """An independent client of the feed; events come with the time of their receipt.

    Args:
        ticket: gives the feed's address with a fresh one-use ticket; may fail, is asked again.
        after: the position to follow from.
    """

    def __init__(self, ticket: Callable[[], str], after: int) -> None:
        self._ticket, self._cursor = ticket, after
        self._events: queue.SimpleQueue[tuple[Json, datetime]] = queue.SimpleQueue()
        self._live, self._stop = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._follow, name="feed", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join(5)

    def wait_until_live(self, timeout_s: float) -> bool:
        """Wait until the feed has greeted us once."""
        return self._live.wait(timeout_s)

    def events(self, wait_s: float) -> Iterator[tuple[Json, datetime]]:
        """What has come, waiting a moment for the first."""
        try:
            yield self._events.get(timeout=wait_s)
            while True:
                yield self._events.get_nowait()
        except queue.Empty:
            return

    def _follow(self) -> None:
        while not self._stop.is_set():
            try:
                url = self._ticket()
                with connect(f"{url}&after={self._cursor}", open_timeout=5, max_size=2**22) as link:
                    while not self._stop.is_set():
                        self._take(link.recv(timeout=1))
            except TimeoutError:
                continue
            except (OSError, WebSocketException):
                self._stop.wait(AGAIN_AFTER_S)

    def _take(self, text: str | bytes) -> None:
        received_at = datetime.now(UTC)
        event: Json = json.loads(text)
        if event.get("kind") == "hello":
            self._live.set()
        if "verb" in event and event["position"] > self._cursor:
            self._cursor = event["position"]
            self._events.put((event, received_at))


class Tail:
    """The lines that a device has written since we looked."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = file.stat().st_size if file.exists() else 0

    def rows(self) -> list[Json]:
        """New whole lines, as JSON."""
        if not self._file.exists():
            return []
        with self._file.open("rb") as lines:
            lines.seek(self._offset)
            new = lines.read()
        whole, newline, _rest = new.rpartition(b"\n")
        self._offset += len(whole) + len(newline)
        return [json.loads(line) for line in whole.splitlines() if line.strip()]
