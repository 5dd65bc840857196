# SPDX-License-Identifier: Apache-2.0
"""Our own small supervisor of one PostgreSQL over a data directory.

Never root; a private socket folder and no TCP port; SCRAM for everyone; checksums; recovery may
take as long as it takes. Rows are the only truth, so nothing here ever repairs or replaces data:
what cannot be started is refused with a reason.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from jiedao.base.errors import JiedaoError
from jiedao.base.log import get
from jiedao.main.binaries import usable_binaries, version_of
from jiedao.main.folders import ServiceUser, own_folder, service_user, short_socket_folder
from jiedao.main.groups import end_group
from jiedao.main.secret_file import Secrets

ADMINISTRATOR = "postgres"
PORT = 5432  # Only names the socket; nothing listens on TCP.
TRIES = 6  # After a kill the old processes may hold memory for a moment; all tries are one start.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_destination": "stderr",
    "logging_collector": "off",
    "log_line_prefix": "",
    "log_checkpoints": "off",
    # Rows hold personal facts; what failed is logged, never what stood in it.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "password_encryption": "scram-sha-256",
}

# The watcher at its side ends PostgreSQL when our pipe closes: the lifeline every child has.
# Backends lead groups of their own, so signalling the watcher's group reaches the postmaster only.
_WITH_LIFELINE = """
exec 3<&0
( ( trap '' INT; cat <&3 >/dev/null; kill -INT 0 ) >/dev/null 2>&1 & )
exec "$@" 3<&- </dev/null
"""

log = get(__name__)


class DatabaseDidNotStart(JiedaoError):
    """PostgreSQL ended before it was ready, in all tries."""

    code = "database.did_not_start"


class DatabaseVersion(JiedaoError):
    """The data or the server is of a version that cannot be used."""

    code = "database.version"


class DatabaseUnsafe(JiedaoError):
    """A setting under which an accepted row could be lost."""

    code = "database.unsafe"


@dataclass(frozen=True, slots=True)
class Cluster:
    """One PostgreSQL and where everything of it lies."""

    data_dir: Path
    socket_dir: Path
    binaries: Path
    user: ServiceUser | None

    @property
    def pgdata(self) -> Path:
        return self.data_dir / "pgdata"

    def dsn(self, role: str, password: str, database: str = "jiedao") -> str:
        """An address that psycopg and asyncpg both understand."""
        return (
            f"postgresql://{quote(role)}:{quote(password, safe='')}@/{quote(database)}"
            f"?host={quote(str(self.socket_dir), safe='')}&port={PORT}"
        )

    def admin_dsn(self, database: str = "postgres") -> str:
        """The administrator's address: for making roles and databases, never for a process."""
        return self.dsn(ADMINISTRATOR, Secrets(self.data_dir).get(ADMINISTRATOR), database)


def prepare_cluster(data_dir: Path) -> Cluster:
    """Find or make the cluster of a prepared data directory, and check it is safe to start.

    Raises:
        DatabaseVersion: the data was written by another major version.
        DatabaseUnsafe: fsync or full_page_writes is off.
    """
    user = service_user()
    cluster = Cluster(
        data_dir,
        short_socket_folder(data_dir, "pg", len(f".s.PGSQL.{PORT}.lock")),
        usable_binaries(data_dir, user),
        user,
    )
    if not (cluster.pgdata / "PG_VERSION").is_file():
        _initialise(cluster)
    wrote = (cluster.pgdata / "PG_VERSION").read_text("ascii").strip()
    program = version_of(cluster.binaries)
    if program.split(".")[0] != wrote:
        raise DatabaseVersion(found=wrote, needed=program)
    for name in ("fsync", "full_page_writes"):
        if _configured(cluster, name) != "on":
            raise DatabaseUnsafe(setting=name)
    return cluster


def _initialise(cluster: Cluster) -> None:
    """Make the cluster beside its place and move it there, so that it is whole or absent."""
    draft = own_folder(cluster.data_dir / f"pgdata.{os.getpid()}")
    version = int(version_of(cluster.binaries).split(".")[0])
    # The built-in provider keeps text order the same when the machine's C library changes.
    provider = ["--locale-provider=builtin"] if version >= 17 else []
    with _password_file(cluster) as password:
        _run(
            cluster,
            "initdb",
            f"--pgdata={draft}",
            f"--username={ADMINISTRATOR}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            *provider,
            "--data-checksums",
        )
    draft.rename(cluster.pgdata)


@contextlib.contextmanager
def _password_file(cluster: Cluster) -> Iterator[Path]:
    """The administrator's password where only initdb can read it, and only while it runs."""
    path = cluster.socket_dir / f"first-password.{os.getpid()}"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            if cluster.user is not None:
                os.fchown(file.fileno(), cluster.user.uid, cluster.user.gid)
            file.write(Secrets(cluster.data_dir).get(ADMINISTRATOR) + "\n")
        yield path
    finally:
        path.unlink()


def _configured(cluster: Cluster, name: str) -> str:
    return _run(cluster, "postgres", "-D", str(cluster.pgdata), "-C", name).strip()


def _run(cluster: Cluster, program: str, *arguments: str) -> str:
    process = _spawn(
        cluster,
        [str(cluster.binaries / program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    said, complained = process.communicate()
    if process.returncode != 0:
        raise DatabaseDidNotStart(why=complained.decode("utf-8", "replace").strip()[-600:])
    return said.decode("utf-8", "replace")


def _spawn(
    cluster: Cluster,
    command: list[str],
    *,
    stdin: int | None,
    stdout: int | None,
    stderr: int | None,
) -> subprocess.Popen[bytes]:
    user = cluster.user
    return subprocess.Popen(  # noqa: S603 - our own binaries and arguments
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        start_new_session=True,
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )


class Postmaster:
    """A running PostgreSQL that we started; the supervisor keeps it like any child."""

    def __init__(self, cluster: Cluster, process: subprocess.Popen[bytes]) -> None:
        self.cluster = cluster
        self._process = process
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        with self._lock:
            return self._process.poll() is not None

    def wait(self) -> int:
        """Wait until it has ended, however it ends."""
        os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT)
        with self._lock:
            if self._process.returncode is None:
                end_group(self.pid)  # The watcher at its side.
            status = self._process.wait()
        self.let_go()
        return status

    def stop(self) -> None:
        """Ask it to disconnect everyone and end; returns at once."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        """Make it end now without a checkpoint; accepted rows are safe, the next start recovers."""
        self._signal(signal.SIGQUIT)

    def end(self, timeout_s: float = 7.0) -> None:
        """Stop it and wait; by force if it takes longer."""
        self.stop()
        end_s = time.monotonic() + timeout_s
        while not self.has_ended:
            if time.monotonic() > end_s:
                self.kill()
            time.sleep(0.01)
        self.let_go()

    def let_go(self) -> None:
        """Close the lifeline."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        with self._lock:
            if self._process.returncode is None:
                os.kill(self.pid, number)


def start(
    cluster: Cluster,
    *,
    lifeline: int | None = None,
    told_to_stop: Callable[[], bool] = lambda: False,
    on_line: Callable[[str], None] = lambda _line: None,
) -> Postmaster:
    """Start PostgreSQL and wait until it takes connections; crash recovery has no time limit.

    Args:
        lifeline: a readable handle; PostgreSQL ends when its other end closes. By default a pipe
            from this process.
        told_to_stop: asked while waiting; True abandons the start.
        on_line: is given each line PostgreSQL says, from a thread.

    Raises:
        DatabaseDidNotStart: it ended before it was ready, TRIES times.
    """
    last = ""
    for attempt in range(TRIES):
        end_orphans(cluster.pgdata)
        process = _spawn(
            cluster,
            ["/bin/sh", "-c", _WITH_LIFELINE, "sh", *_command(cluster)],
            stdin=subprocess.PIPE if lifeline is None else lifeline,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        said = _Lines(process, on_line)
        master = Postmaster(cluster, process)
        while not master.has_ended:
            if _says_ready(cluster.pgdata, process.pid):
                return master
            if told_to_stop():
                master.end()
                raise DatabaseDidNotStart(why="told to stop / 启动被中止")
            time.sleep(0.02)
        master.let_go()
        last = said.tail()
        log.warning("database start failed, trying again", attempt=attempt + 1)
        time.sleep(0.3 * (attempt + 1))
    raise DatabaseDidNotStart(why=last)


def _command(cluster: Cluster) -> list[str]:
    settings = {**SETTINGS, "unix_socket_directories": str(cluster.socket_dir), "port": str(PORT)}
    options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    return [str(cluster.binaries / "postgres"), "-D", str(cluster.pgdata), *options]


class _Lines:
    """Reads what PostgreSQL says, hands it on, and keeps the last lines for an error."""

    def __init__(self, process: subprocess.Popen[bytes], on_line: Callable[[str], None]) -> None:
        self._kept: deque[str] = deque(maxlen=8)
        self._thread = threading.Thread(
            target=self._read, args=(process, on_line), name="postgres-log", daemon=True
        )
        self._thread.start()

    def _read(self, process: subprocess.Popen[bytes], on_line: Callable[[str], None]) -> None:
        if process.stderr is None:
            return
        with contextlib.suppress(ValueError):  # The pipe was closed after the process ended.
            for raw in process.stderr:
                line = raw.decode("utf-8", "replace").rstrip()
                self._kept.append(line)
                on_line(line)

    def tail(self) -> str:
        self._thread.join(timeout=1)
        return "\n".join(self._kept)


def _says_ready(pgdata: Path, pid: int) -> bool:
    """postmaster.pid: the first line is the pid, the eighth the state."""
    try:
        lines = (pgdata / "postmaster.pid").read_text("utf-8").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"


def processes_of(pgdata: Path) -> list[int]:
    """Every living process of this very data directory: PostgreSQL's working folder is its data."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == pgdata and (entry / "exe").readlink().name.startswith(
                "postgres"
            ):
                found.append(int(entry.name))
    return sorted(found)


def end_orphans(pgdata: Path, patience_s: float = 10.0) -> None:
    """End what a killed start left behind in this data directory, by pid.

    A postmaster that lost its supervisor is stopped politely; backends that lost their
    postmaster are told to quit, then killed. Nothing outside this data directory is touched.
    """
    master = _master_pid(pgdata)
    for number, span_s in (
        (signal.SIGINT, patience_s),
        (signal.SIGQUIT, 2.0),
        (signal.SIGKILL, 2.0),
    ):
        living = processes_of(pgdata)
        if not living:
            return
        # A postmaster ends its own backends; without one, each is told by itself.
        for pid in [master] if master in living and number != signal.SIGKILL else living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(
                    pid, signal.SIGTERM if number == signal.SIGINT and pid != master else number
                )
        end_s = time.monotonic() + span_s
        while processes_of(pgdata) and time.monotonic() < end_s:
            time.sleep(0.02)


def _master_pid(pgdata: Path) -> int:
    try:
        return int((pgdata / "postmaster.pid").read_text("utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return 0
