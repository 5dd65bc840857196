# SPDX-License-Identifier: Apache-2.0
"""Whether each process is ready, told in one small file a process: run/NAME.ready.

A file, because most processes have no port. It is rewritten every second; one that has not been
rewritten for SILENT_AFTER_S says nothing any more, whatever stands in it.
"""

import json
import os
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from jiedao.base.clock import Clock, SystemClock

BEAT_S = 1.0
SILENT_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Health:
    """What a process last said of itself.

    Attributes:
        state: "ready", "not_ready", or "silent" when its file is old or unreadable.
        why: a message code such as "database.away", or ""; never free text.
    """

    name: str
    pid: int
    state: str
    why: str
    at: datetime | None


class Heartbeat:
    """Says once a second whether this process is ready; not ready until told so.

    Args:
        name: the process, such as "pulse".
        data_dir: Settings.data_dir; the file lies in its run folder.
        patience_s: if given, ready() has to be called again within this time, so that a loop
            that hangs stops being ready although this thread still beats.
    """

    def __init__(
        self,
        name: str,
        data_dir: Path,
        *,
        patience_s: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._path = data_dir / "run" / f"{name}.ready"
        self._clock: Clock = clock or SystemClock()
        self._patience_s = patience_s
        self._state, self._why = "not_ready", "process.starting"
        self._told_s = self._clock.monotonic_s()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self.write()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(timeout=2 * BEAT_S)
        self._path.unlink(missing_ok=True)

    def ready(self) -> None:
        """The process does its work now."""
        self._tell("ready", "")

    def not_ready(self, why: str) -> None:
        """The process lives but cannot work; `why` is a message code."""
        self._tell("not_ready", why)

    def _tell(self, state: str, why: str) -> None:
        with self._lock:
            changed = (state, why) != (self._state, self._why)
            self._state, self._why = state, why
            self._told_s = self._clock.monotonic_s()
        if changed and self._thread.is_alive():
            self.write()

    def write(self) -> None:
        """Rewrite the file now; a full disk is no reason to die."""
        with self._lock:
            state, why = self._state, self._why
            silent_s = self._clock.monotonic_s() - self._told_s
            if state == "ready" and self._patience_s is not None and silent_s > self._patience_s:
                state, why = "not_ready", "process.stuck"
            text = json.dumps(
                {
                    "pid": os.getpid(),
                    "at": self._clock.now().isoformat(),
                    "state": state,
                    "why": why,
                }
            )
            draft = self._path.with_suffix(".ready.new")
            try:
                draft.write_text(text, "utf-8")
                draft.replace(self._path)
            except OSError:
                # The reader sees the file grow old and calls this process silent.
                return

    def _run(self) -> None:
        while not self._over.wait(BEAT_S):
            self.write()


def read_health(run_dir: Path, now: datetime | None = None) -> list[Health]:
    """What every process says, by name; of one that says nothing, what its supervisor knows."""
    at = now or datetime.now(UTC)
    said = {path.stem: health_of(run_dir, path.stem, at) for path in run_dir.glob("*.ready")}
    for name, state in _supervised(run_dir).items():
        if state == "down":
            said[name] = Health(name, 0, "down", "process.down", None)
        elif name not in said:
            said[name] = Health(name, 0, "not_ready", "process.starting", None)
    return [said[name] for name in sorted(said)]


def _supervised(run_dir: Path) -> dict[str, str]:
    """The state of each child that has to write a file; none if nobody supervises."""
    try:
        children = json.loads((run_dir / "supervisor.json").read_text("utf-8"))["processes"]
        return {str(c["name"]): str(c["state"]) for c in children if c["has_heartbeat"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def health_of(run_dir: Path, name: str, now: datetime) -> Health:
    """What one process says; "silent" if it says nothing."""
    try:
        said = json.loads((run_dir / f"{name}.ready").read_text("utf-8"))
        at = datetime.fromisoformat(said["at"])
        pid, state, why = int(said["pid"]), str(said["state"]), str(said["why"])
    except (OSError, ValueError, KeyError, TypeError):
        return Health(name, 0, "silent", "process.silent", None)
    if now - at > timedelta(seconds=SILENT_AFTER_S):
        return Health(name, pid, "silent", "process.silent", at)
    return Health(name, pid, state, why, at)


def wait_until_ready(run_dir: Path, names: set[str], timeout_s: float) -> set[str]:
    """Wait for the named processes; returns those that are still not ready."""
    end_s = time.monotonic() + timeout_s
    while True:
        missing = {
            name for name in names if health_of(run_dir, name, datetime.now(UTC)).state != "ready"
        }
        if not missing or time.monotonic() > end_s:
            return missing
        time.sleep(0.05)
