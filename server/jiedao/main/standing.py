# SPDX-License-Identifier: Apache-2.0
"""A whole platform standing on one data directory: database first, then its processes.

    with standing(settings, stop) as platform:
        ...  # platform.url answers; every process is kept running

Everything is stopped again on the way out, within 10 s, however the block ends.
"""

import contextlib
import re
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from jiedao.base.errors import BadSetting
from jiedao.base.health import wait_until_ready
from jiedao.base.log import get
from jiedao.base.room import Reserve
from jiedao.base.settings import PREFIX, Settings
from jiedao.main import postgres, roles, rows, tls
from jiedao.main.folders import hold, prepare_data_dir, short_socket_folder
from jiedao.main.ports import claim
from jiedao.main.processes import specs
from jiedao.main.secret_file import Secrets
from jiedao.main.steps import Stopped
from jiedao.main.supervisor import Supervisor

POSTGRES = "postgres"
FIRST = ("web", "pulse", "stream")
FIRST_PAGE_HEAD_START_S = 3.0
LOOPBACK = "127.0.0.1"
# Nobody can work without it, and a full disk may be given room at any moment.
DATABASE_RESTS_S = (5.0, 10.0)
RESERVE_EVERY_S = 2.0
_OUR_FORMAT = re.compile(r"\d\d:\d\d:\d\d\.\d{3} \S+ +(debug|info|warning|error|critical) ")
_LEVEL = re.compile(r"^(LOG|NOTICE|WARNING|ERROR|FATAL|PANIC|HINT|DETAIL|CONTEXT): +")

log = get(__name__)


@dataclass(frozen=True, slots=True)
class Platform:
    """What stands: settings with every blank filled in, rows, processes."""

    settings: Settings
    database: roles.Database
    supervisor: Supervisor

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the doorway."""
        scheme = "http" if self.settings.is_loopback else "https"
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
        platform.supervisor.tell(
            url=platform.url,
            web_port=platform.settings.web_port,
            stream_port=platform.settings.stream_port,
            demo=platform.settings.demo,
        )
        _start_processes(platform, stop)
        yield platform


def prepare_rows(platform: Platform, stop: threading.Event) -> None:
    """Tables up to date and an empty demo town filled, with no other process running."""
    rows.migrate(platform.settings, platform.database, stop)
    if platform.settings.demo:
        rows.load_demo(platform.settings, platform.database, stop)


def _start_processes(platform: Platform, stop: threading.Event) -> None:
    """Rows, then the first page, then everything else: what a person waits for comes first."""
    settings, database, supervisor = platform.settings, platform.database, platform.supervisor
    rows.migrate(settings, database, stop)
    is_known = rows.demo_is_loaded(database)
    if settings.demo and not is_known:
        rows.load_demo(settings, database, stop)
    pass_on = _pass_on(settings.log)
    waiting = specs(settings, database)
    for spec in [spec for spec in waiting if spec.name in FIRST]:
        supervisor.add_process(spec, pass_on)
    if settings.demo and is_known:
        rows.load_demo(settings, database, stop)
    else:
        platform.wait_until_ready(FIRST_PAGE_HEAD_START_S, "web")
    if stop.is_set():
        raise Stopped
    for spec in [spec for spec in waiting if spec.name not in FIRST]:
        supervisor.add_process(spec, pass_on)


@contextlib.contextmanager
def standing_database(settings: Settings, stop: threading.Event) -> Iterator[Platform]:
    """The data directory held, the database up and its roles made; no other process yet."""
    data_dir = prepare_data_dir(settings.data_dir)
    with hold(data_dir):
        settings = _filled_in(msgspec.structs.replace(settings, data_dir=data_dir))
        for old in (data_dir / "run").glob("*.ready"):
            old.unlink()
        supervisor = Supervisor(data_dir / "run")
        over = threading.Event()
        threading.Thread(target=_keep_reserve, args=(data_dir, over), daemon=True).start()
        try:
            database = _database(settings, supervisor, stop)
            if stop.is_set():
                raise Stopped
            roles.make_roles(database)
            yield Platform(settings, database, supervisor)
        finally:
            over.set()
            supervisor.stop(last=POSTGRES)


def _keep_reserve(data_dir: Path, over: threading.Event) -> None:
    """Room for the database when nothing else is left: without it no alarm is written down."""
    reserve = Reserve(data_dir / "reserve")
    while not over.wait(RESERVE_EVERY_S):
        try:
            was_there = reserve.is_there
            reserve.check()
            if was_there and not reserve.is_there:
                log.error("disk full, the reserve was given up", folder=str(data_dir))
        except OSError as error:
            log.warning("the reserve cannot be kept", error=str(error))


def _filled_in(settings: Settings) -> Settings:
    """Choose free ports, short socket names and a lasting key where nothing was said."""
    media = short_socket_folder(settings.data_dir, "media", len("media.sock"))
    voice = short_socket_folder(settings.data_dir, "voice", len("voice.sock"))
    filled = msgspec.structs.replace(
        settings,
        web_port=claim(settings.bind, settings.web_port, "JIEDAO_WEB_PORT"),
        stream_port=claim(settings.bind, settings.stream_port, "JIEDAO_STREAM_PORT"),
        secret_key=settings.secret_key or Secrets(settings.data_dir).get("secret_key"),
        media_socket=settings.media_socket or str(media / "media.sock"),
        voice_socket=settings.voice_socket or str(voice / "voice.sock"),
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
            database = roles.external(settings.data_dir, settings.database_url)
            # An address may name no database; then the driver would look for one named as the user.
            roles.check_server(database.admin_dsn("postgres"))
        except ValueError as error:
            raise BadSetting(name="JIEDAO_DATABASE_URL", why=str(error)) from error
        return database
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
        rests_s=DATABASE_RESTS_S,
    )
    keeper.first_start.wait()
    if keeper.failure is not None:
        raise keeper.failure
    return roles.embedded(cluster)


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
