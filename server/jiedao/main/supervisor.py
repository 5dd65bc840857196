# SPDX-License-Identifier: Apache-2.0
"""Keeps processes running: starts them, ends what they leave behind, starts them again.

Each child has a session of its own and a pipe to us as standard input. When a child exits, its
whole group is ended before it is started again, because a worker that survives its parent keeps
the port. After five failed starts in a minute a child rests, each time longer, and is then tried
again; its siblings live on. A person who has mended the cause may ask for a try at once.
"""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from jiedao.base.errors import JiedaoError
from jiedao.base.log import get
from jiedao.main.groups import await_empty_group, end_group

FAILED_STARTS = 5
WITHIN_S = 60.0
# At once after the first failure; then what is in the way gets time to go.
PAUSES_S = (0.1, 0.3, 0.6, 1.2, 1.2)
RESTS_S = (60.0, 120.0, 300.0, 600.0)
RETRY = ".retry"  # A file of this ending in the run folder asks for a try: media.retry.
PATIENCE_S = 6.5  # With PostgreSQL's share this stays under the 10 s in which all must stop.

log = get(__name__)


@dataclass(frozen=True, slots=True)
class Spec:
    """One process of the platform.

    Attributes:
        command: the program and its arguments.
        environment: all of the child's environment.
        has_heartbeat: it writes run/NAME.ready; one without is ready as soon as it runs.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    has_heartbeat: bool = True


class Running(Protocol):
    """A process that runs now."""

    @property
    def pid(self) -> int: ...

    def wait(self) -> int:
        """Wait for the exit, end the group, and give the exit status."""

    def stop(self) -> None:
        """Ask the process to end; returns at once."""

    def kill(self) -> None:
        """End the whole group now."""


Launch = Callable[[], Running]


@dataclass(slots=True)
class State:
    """What the duty screen may know of a child.

    Attributes:
        state: starting, up, restarting, down or stopped.
        exits: how often it has ended since the platform was started.
        next_try_at: when a child that is down is tried again, else "".
    """

    name: str
    state: str = "starting"
    pid: int = 0
    exits: int = 0
    since: str = ""
    next_try_at: str = ""
    has_heartbeat: bool = True


class Keeper:
    """Keeps one child running, in a thread of its own."""

    def __init__(
        self,
        name: str,
        launch: Launch,
        on_change: Callable[[], None],
        *,
        has_heartbeat: bool = True,
        window_s: float = WITHIN_S,
        rests_s: Sequence[float] = RESTS_S,
    ) -> None:
        self.state = State(name, has_heartbeat=has_heartbeat)
        self._launch = launch
        self._on_change = on_change
        self._window_s = window_s
        self._rests_s = rests_s
        self._running: Running | None = None
        self._over = threading.Event()
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self.first_start = threading.Event()
        self.failure: JiedaoError | None = None
        self._thread = threading.Thread(target=self._keep, name=f"keep-{name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask the child to end; returns at once."""
        self._over.set()
        self._asked.set()
        with self._lock:
            if self._running is not None:
                self._running.stop()

    def retry(self) -> None:
        """Start a child that is down now, whatever is left of its rest."""
        if self.state.state == "down":
            log.info("asked to try again", child=self.state.name)
            self._asked.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the child's end, then end its group by force; whether it ended by itself."""
        self._thread.join(timeout_s)
        willing = not self._thread.is_alive()
        if not willing:
            with self._lock:
                if self._running is not None:
                    self._running.kill()
            self._thread.join(2.0)
        return willing

    @property
    def told_to_stop(self) -> bool:
        return self._over.is_set()

    def _keep(self) -> None:
        ends: deque[float] = deque(maxlen=FAILED_STARTS)
        rests = 0
        while not self._over.is_set():
            began_s = time.monotonic()
            self._run_once()
            if self._over.is_set():
                break
            ends.append(time.monotonic())
            if ends[-1] - began_s > self._window_s:
                rests = 0
            if len(ends) == FAILED_STARTS and ends[-1] - ends[0] < self._window_s:
                self._rest(self._rests_s[min(rests, len(self._rests_s) - 1)])
                rests += 1
                ends.clear()
                continue
            self._tell("restarting")
            self._over.wait(PAUSES_S[len(ends) - 1])
        self._tell("stopped")

    def _rest(self, span_s: float) -> None:
        """Leave the child down for a while, or until somebody asks for it."""
        log.error("left down", child=self.state.name, failed_starts=FAILED_STARTS, rests_s=span_s)
        self._asked.clear()
        if self._over.is_set():
            return
        next_try = datetime.now(UTC) + timedelta(seconds=span_s)
        self._tell("down", next_try_at=next_try.isoformat())
        self._asked.wait(span_s)

    def _run_once(self) -> None:
        try:
            running = self._launch()
        except (OSError, JiedaoError) as error:
            self.failure = error if isinstance(error, JiedaoError) else None
            log.error("did not start", child=self.state.name, why=str(error))
            self.state.exits += 1
            self.first_start.set()
            return
        with self._lock:
            self._running = running
            if self._over.is_set():
                running.stop()
        self.failure = None
        self._tell("up", running.pid)
        self.first_start.set()
        status = running.wait()
        with self._lock:
            self._running = None
        self.state.exits += 1
        if not self._over.is_set():
            log.warning("ended, starting it again", child=self.state.name, status=status)

    def _tell(self, state: str, pid: int = 0, next_try_at: str = "") -> None:
        self.state.state, self.state.pid = state, pid
        self.state.next_try_at = next_try_at
        self.state.since = datetime.now(UTC).isoformat()
        self._on_change()


class Supervisor:
    """All children together, and one file that says how they are.

    Args:
        run_dir: where supervisor.json is written, anew every second.
    """

    def __init__(
        self,
        run_dir: Path,
        *,
        window_s: float = WITHIN_S,
        rests_s: Sequence[float] = RESTS_S,
    ) -> None:
        self._path = run_dir / "supervisor.json"
        self._window_s = window_s
        self._rests_s = rests_s
        self._keepers: list[Keeper] = []
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._facts: dict[str, object] = {}
        self._beat = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._beat.start()

    def add(
        self,
        name: str,
        launch: Launch,
        *,
        has_heartbeat: bool = True,
        rests_s: Sequence[float] | None = None,
    ) -> Keeper:
        """Start keeping a child; `rests_s` if it rests otherwise than the others."""
        keeper = Keeper(
            name,
            launch,
            self.write,
            has_heartbeat=has_heartbeat,
            window_s=self._window_s,
            rests_s=rests_s or self._rests_s,
        )
        self._keepers.append(keeper)
        keeper.start()
        return keeper

    def add_process(self, spec: Spec, on_line: Callable[[str, str], None]) -> Keeper:
        """Start keeping a process; each line it says is given on with its name."""
        return self.add(
            spec.name,
            lambda: Process(spec, lambda line: on_line(spec.name, line)),
            has_heartbeat=spec.has_heartbeat,
        )

    def tell(self, **facts: object) -> None:
        """Facts for readers of the file, such as the ports in use."""
        self._facts.update(facts)
        self.write()

    @property
    def states(self) -> list[State]:
        return [keeper.state for keeper in self._keepers]

    def stop(self, *, last: str = "", patience_s: float = PATIENCE_S) -> None:
        """Stop every child within patience_s, then the one that the others need."""
        first = [keeper for keeper in self._keepers if keeper.state.name != last]
        for keeper in first:
            keeper.stop()
        end_s = time.monotonic() + patience_s
        for keeper in first:
            if not keeper.join(max(0.0, end_s - time.monotonic())):
                log.warning("had to be ended by force", child=keeper.state.name)
        for keeper in self._keepers:
            if keeper.state.name == last:
                keeper.stop()
                keeper.join(2.5)
        self._over.set()
        self._beat.join()
        self._path.unlink(missing_ok=True)

    def write(self) -> None:
        """Say how everything is; a full disk is no reason to stop supervising."""
        text = json.dumps(
            {
                "pid": os.getpid(),
                "at": datetime.now(UTC).isoformat(),
                "processes": [asdict(state) for state in self.states],
                **self._facts,
            },
            indent=1,
        )
        draft = self._path.with_suffix(".new")
        with self._lock, contextlib.suppress(OSError):
            draft.write_text(text, "utf-8")
            draft.replace(self._path)

    def _run(self) -> None:
        while not self._over.wait(1.0):
            self._retry_asked()
            self.write()

    def _retry_asked(self) -> None:
        """Start again what a person asked for."""
        for keeper in list(self._keepers):
            with contextlib.suppress(OSError):
                (self._path.parent / f"{keeper.state.name}{RETRY}").unlink()
                keeper.retry()


class Process:
    """A child in its own session, with our pipe as its standard input."""

    def __init__(self, spec: Spec, on_line: Callable[[str], None]) -> None:
        self._lock = threading.Lock()
        self._reaped = False
        self._process = subprocess.Popen(  # noqa: S603 - our own table of processes
            list(spec.command),
            env=dict(spec.environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(
            target=self._read, args=(on_line,), name=f"log-{spec.name}", daemon=True
        ).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        # Not yet reaped, the leader keeps its group's number from being given to anybody else.
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            end_group(self.pid)
            status = self._process.wait()
            self._reaped = True
        self._close_pipe()
        await_empty_group(self.pid)
        return status

    def stop(self) -> None:
        self._close_pipe()
        with self._lock:
            if not self._reaped:
                os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        with self._lock:
            if not self._reaped:
                end_group(self.pid)

    def _close_pipe(self) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _read(self, on_line: Callable[[str], None]) -> None:
        if self._process.stdout is None:
            return
        with self._process.stdout as pipe:
            for raw in pipe:
                on_line(raw.decode("utf-8", "replace").rstrip())
