# SPDX-License-Identifier: Apache-2.0
"""The table of the platform's processes: what each runs, and under which role."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from jiedao.base.settings import PREFIX, Settings
from jiedao.main.roles import Database
from jiedao.main.supervisor import Spec
from jiedao.main.tls import certificate_paths, is_anywhere

# The names are kept here, because painting the scenes is no work for the supervisor.
BRIDGE = "bridge"
SCENES = (BRIDGE, "high", "market", "station")
WEB, STREAM, SYSTEM, SEAL = "jiedao_web", "jiedao_stream", "jiedao_system", "jiedao_seal"


def _camera_arguments(settings: Settings) -> list[str]:
    """Every drawn scene is one camera, named like it."""
    run = settings.data_dir / "run"
    return [
        f"--port={settings.demo_rtsp_port}",
        f"--control-port={settings.demo_control_port}",
        *_pictures(settings),
        f"--truth={run / 'truth.jsonl'}",
        f"--status={run / 'sim-camera.json'}",
        f"--ready={run / 'sim-camera.ready'}",
    ]


def _pictures(settings: Settings) -> list[str]:
    """Drawn scenes, or real video in place of the one under the bridge, shown once on cue."""
    source = settings.demo_source
    if not source:
        return [f"--scene={name}={name}" for name in SCENES]
    scenes = [f"--scene={name}={name}" for name in SCENES if name != BRIDGE]
    if source.startswith("rtsp://"):
        return scenes or [f"--scene={BRIDGE}={BRIDGE}"]
    return [
        *scenes,
        f"--file={BRIDGE}={source}",
        f"--truth-of={BRIDGE}={settings.demo_zones}",
        "--start=cue",
        "--once",
    ]


def _speaker_arguments(settings: Settings) -> list[str]:
    return [
        f"--sip-port={settings.demo_speaker_port}",
        f"--status={settings.data_dir / 'run' / 'sim-speaker.jsonl'}",
        f"--heard-dir={settings.data_dir / 'run' / 'heard'}",
    ]


def _phone_arguments(settings: Settings) -> list[str]:
    """Simulated people use the public address and trust our own authority, as a phone would."""
    run, secured = settings.data_dir / "run", certificate_paths(settings)
    host = settings.bind if secured and not is_anywhere(settings.bind) else "127.0.0.1"
    scheme = "https" if secured else "http"
    trust = [f"--authority={secured.authority}"] if secured else []
    return [
        f"--api={scheme}://{host}:{settings.web_port}",
        *trust,
        f"--accounts={settings.data_dir / 'demo-accounts.json'}",
        f"--seats={run / 'sim-seats.json'}",
        f"--pace={settings.demo_pace}",
        f"--ready={run / 'sim-phone.ready'}",
    ]


def _no_arguments(_settings: Settings) -> list[str]:
    return []


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        module: run as `python -m MODULE`.
        role: under which PostgreSQL role it connects; "" for none at all.
        demo: only with the demo town.
        seals: has the sequencer's address as well.
    """

    name: str
    module: str
    role: str
    demo: bool = False
    has_heartbeat: bool = True
    seals: bool = False
    arguments: Callable[[Settings], list[str]] = _no_arguments


TABLE = (
    Row("web", "jiedao.main.web", WEB),
    Row("stream", "jiedao.stream", STREAM),
    Row("pulse", "jiedao.main.pulse", SYSTEM, seals=True),
    Row("media", "jiedao.cameras", SYSTEM),
    Row("voice", "jiedao.voice", SYSTEM),
    Row("sim-camera", "jiedao.sim.camera", "", demo=True, arguments=_camera_arguments),
    Row("sim-speaker", "jiedao.sim.loudspeaker", "", demo=True, arguments=_speaker_arguments),
    Row("sim-phone", "jiedao.sim.phone", "", demo=True, arguments=_phone_arguments),
    Row("director", "jiedao.main.director", SYSTEM, demo=True),
)


def specs(settings: Settings, database: Database) -> list[Spec]:
    """The processes to keep running under these settings."""
    return [
        Spec(
            row.name,
            [sys.executable, "-m", row.module, *row.arguments(settings)],
            environment(settings, database, row.role, row.seals),
            row.has_heartbeat,
        )
        for row in TABLE
        if settings.demo or not row.demo
    ]


def environment(
    settings: Settings, database: Database, role: str, seals: bool = False
) -> dict[str, str]:
    """A child's whole environment: the machine's own, the settings, one address to the rows.

    The administrator's address never leaves the supervisor.
    """
    given = dict(_as_variables(settings))
    given.pop(PREFIX + "DATABASE_URL", None)
    if role:
        given[PREFIX + "DSN"] = database.dsn_for(role)
    if seals:
        given[PREFIX + "SEAL_DSN"] = database.dsn_for(SEAL)
    return {
        **machine_environment(os.environ),
        **given,
        "DJANGO_SETTINGS_MODULE": "jiedao.main.django_settings",
        "PYTHONUNBUFFERED": "1",
    }


def machine_environment(source: Mapping[str, str]) -> dict[str, str]:
    """What a child needs of the machine: not the platform's settings, not a debugger's."""
    return {key: value for key, value in source.items() if not key.startswith(PREFIX)}


def _as_variables(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in Settings.__struct_fields__:
        value = getattr(settings, name)
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        yield PREFIX + name.upper(), text
