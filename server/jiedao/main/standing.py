# SPDX-License-Identifier: Apache-2.0
"""A whole platform standing on one data directory: database first, then its processes.

    with standing(settings, stop) as platform:
        ...  # platform.url answers; every process is kept running

Everything is stopped again on the way out, within 10 s, however the block ends.
"""

import contextlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from jiedao.base.errors import BadSetting, JiedaoError
from jiedao.base.health import wait_until_ready
from jiedao.base.log import get
from jiedao.base.settings import PREFIX, Settings
from jiedao.main import postgres, roles, tls
from jiedao.main.folders import hold, prepare_data_dir, short_socket_folder
from jiedao.main.groups import end_group
from jiedao.main.ports import claim
from jiedao.main.processes import SYSTEM, environment, specs
from jiedao.main.secret_file import Secrets
from jiedao.main.supervisor import Supervisor

POSTGRES = "postgres"
LOOPBACK = "127.0.0.1"
_OUR_FORMAT = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \S+ +(debug|info|warning|error|critical) ")
_LEVEL = re.compile(r"^(LOG|NOTICE|WARNING|ERROR|FATAL|PANIC|HINT|DETAIL|CONTEXT): +")

log = get(__name__)


class StepFailed(JiedaoError):
    """A step before the processes failed; nothing was started."""

    code = "up.step_failed"


class Stopped(Exception):
    """Told to stop while starting."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What stands: settings with every blank filled in, rows, processes."""

    settings: Settings
    database: roles.Database
    supervisor: Supervisor

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the doorway."""
        scheme = "http" if tls.is_loopback(self.settings.bind) else "https"
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(  # noqa: S104 - asked for by name
            self.settings.bind, self.settings.bind
        )
        return f"{scheme}://{host}:{self.settings.web_port}/"

    def wait_until_ready(self, timeout_s: float, *names: str) -> set[str]:
        """Wait for processes, all with a heartbeat by default; those that are not ready."""
        wanted = set(names) or {
            state.name for state in self.supervisor.states if state.has_heartbeat
        }
        return wait_until_ready(self.settings.data_dir / "run", wanted, timeout_s)


@contextlib.contextmanager
def standing(settings: Settings, stop: threading.Event) -> Iterator[Platform]:
    """Start everything and keep it running; stop it when the block ends.

    Args:
        stop: set it to abandon a start that is under way.

    Raises:
        JiedaoError: a refusal that names what to do; nothing is left running.
        Stopped: `stop` was set before everything had been started.
    """
    with standing_database(settings, stop) as platform:
        prepare_rows(platform, stop)
        for spec in specs(platform.settings, platform.database):
            platform.supervisor.add_process(spec, _pass_on(platform.settings.log))
        platform.supervisor.tell(
            url=platform.url,
            web_port=platform.settings.web_port,
            stream_port=platform.settings.stream_port,
            demo=platform.settings.demo,
        )
        yield platform


@contextlib.contextmanager
def standing_database(settings: Settings, stop: threading.Event) -> Iterator[Platform]:
    """The data directory held, the database up and its roles made; no other process yet."""
    data_dir = prepare_data_dir(settings.data_dir)
    with hold(data_dir):
        settings = _filled_in(msgspec.structs.replace(settings, data_dir=data_dir))
        for old in (data_dir / "run").glob("*.ready"):
            old.unlink()
        supervisor = Supervisor(data_dir / "run")
        try:
            database = _database(settings, supervisor, stop)
            if stop.is_set():
                raise Stopped
            roles.make_roles(database)
            yield Platform(settings, database, supervisor)
        finally:
            supervisor.stop(last=POSTGRES)


def _filled_in(settings: Settings) -> Settings:
    """Choose free ports, short socket names and a lasting key where nothing was said."""
    media = short_socket_folder(settings.data_dir, "media", len("media.sock"))
    filled = msgspec.structs.replace(
        settings,
        web_port=claim(settings.bind, settings.web_port, "JIEDAO_WEB_PORT"),
        stream_port=claim(settings.bind, settings.stream_port, "JIEDAO_STREAM_PORT"),
        secret_key=settings.secret_key or Secrets(settings.data_dir).get("secret_key"),
        media_socket=settings.media_socket or str(media / "media.sock"),
    )
    if filled.demo:
        filled = _with_devices(filled)
    secured = tls.certificate_paths(filled)
    if secured is not None:
        tls.make_certificates(secured, tls.own_names(filled.bind), datetime.now(UTC))
    return filled


def _with_devices(settings: Settings) -> Settings:
    """Ports for the simulated devices, which listen on this machine alone."""
    names = ("demo_rtsp_port", "demo_control_port", "demo_speaker_port")
    return msgspec.structs.replace(
        settings,
        **{
            name: claim(
                LOOPBACK,
                getattr(settings, name),
                PREFIX + name.upper(),
                socket.SOCK_DGRAM if name == "demo_speaker_port" else socket.SOCK_STREAM,
            )
            for name in names
        },
    )


def _database(settings: Settings, supervisor: Supervisor, stop: threading.Event) -> roles.Database:
    if settings.database_url:
        try:
            roles.check_server(settings.database_url)
            return roles.external(settings.data_dir, settings.database_url)
        except ValueError as error:
            raise BadSetting(name="JIEDAO_DATABASE_URL", why=str(error)) from error
    cluster = postgres.prepare_cluster(settings.data_dir)
    pass_on = _pass_on(settings.log)
    keeper = supervisor.add(
        POSTGRES,
        lambda: postgres.start(
            cluster,
            told_to_stop=lambda: stop.is_set() or keeper.told_to_stop,
            on_line=lambda line: pass_on(POSTGRES, line),
        ),
        has_heartbeat=False,
    )
    keeper.first_start.wait()
    if keeper.failure is not None:
        raise keeper.failure
    return roles.embedded(cluster)


def prepare_rows(platform: Platform, stop: threading.Event) -> None:
    """Bring the tables up to date, as their owner, and fill an empty demo town."""
    settings, database = platform.settings, platform.database
    python = [sys.executable, "-m"]
    owner = {
        **environment(settings, database, ""),
        "JIEDAO_DSN": database.dsn_for(roles.OWNER),
    }
    migrate = ["django", "migrate", "--no-input", "--skip-checks", "-v", "0"]
    run_step("migrate", [*python, *migrate], owner, stop)
    if settings.demo:
        system = environment(settings, database, SYSTEM)
        run_step("demo", [*python, "jiedao.main.demo"], system, stop)


def run_step(
    name: str, command: list[str], environment: Mapping[str, str], stop: threading.Event
) -> str:
    """Run a step to its end in a session of its own; what it printed.

    Raises:
        StepFailed: with the last line it said; all of it goes to standard error.
        Stopped: told to stop; the step was ended.
    """
    begun_s = time.monotonic()
    process = subprocess.Popen(  # noqa: S603 - our own steps
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        while True:
            if stop.is_set():
                raise Stopped
            with contextlib.suppress(subprocess.TimeoutExpired):
                said, _ = process.communicate(timeout=0.1)
                break
    finally:
        if process.returncode is None:
            end_group(process.pid)
            process.communicate()
    if process.returncode != 0:
        print(said, file=sys.stderr, flush=True)
        raise StepFailed(step=name, why=said.strip().rpartition("\n")[2])
    log.info("step done", step=name, took_s=round(time.monotonic() - begun_s, 1))
    return said


class _pass_on:  # noqa: N801 - used as a function
    """Print a child's line: as it is if it has our format already, else in our format."""

    def __init__(self, style: str) -> None:
        self._style = style

    def __call__(self, name: str, line: str) -> None:
        ready_made = line.startswith("{") if self._style == "json" else _OUR_FORMAT.match(line)
        if ready_made:
            print(line, file=sys.stderr, flush=True)
        elif line:
            found = _LEVEL.match(line)
            level = found[1] if found else "LOG"
            text = line[found.end() :] if found else line
            tell = log.warning if level in ("WARNING", "ERROR", "FATAL", "PANIC") else log.info
            tell(text, process=name)
