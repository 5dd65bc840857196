# SPDX-License-Identifier: Apache-2.0
"""One typed Settings, read once from the environment. A bad value stops the start and is named."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated

import msgspec

from jiedao.base.errors import BadSetting

PREFIX = "JIEDAO_"
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that can be set, each as JIEDAO_<NAME>.

    Attributes:
        data_dir: database, blobs, spools, secrets. Checkpoints lie beside it, never inside.
        database_url: any PostgreSQL >= 16, as its administrator; empty means the embedded one.
        dsn: the running process's own connection, set by the supervisor for each child.
        seal_dsn: pulse's second connection, as the sequencer; set by the supervisor.
        bind: address that web and stream listen on; anything but loopback makes TLS and passwords.
        web_port, stream_port: 0 lets the supervisor choose a free one.
        camera_ranges: networks in which a camera address may lie, comma separated.
        recordings_dir: where cameras are recorded; empty means within data_dir. Give it a volume of
            its own where cameras record round the clock.
        media_socket: Unix socket over which stream reads live pictures from media.
        voice_socket: Unix socket over which stream passes voices on to voice.
        secret_key: signs sessions; made by the supervisor on the first start.
        public_stream_url: what the browser is told, if a proxy stands in front.
        demo_rtsp_port, demo_control_port, demo_speaker_port: where the demo's cameras serve RTSP,
            take cues (JSON lines over TCP), and its loudspeakers speak SIP; on 127.0.0.1, chosen
            by the supervisor, so that a device started again is found at the same place.
        demo_tape: "day", the living demo; or "quiet", nothing happens but what a drill asks for.
        demo_source, demo_zones: a video file or rtsp:// address, and its zone file, in place of
            the drawn scene under the bridge.
        demo_pace: how many times faster than life the demo's simulated people act.
        tts: "auto" (kept clips first, then the engine if installed) or "clips" alone.
        sip_bind, sip_port: where voice speaks SIP from; 0.0.0.0 to reach loudspeakers on a network.
        speaker_wake_s: length of the soft tone that wakes a loudspeaker's amplifier.
    """

    data_dir: Path = Path("data")
    database_url: str = ""
    dsn: str = ""
    seal_dsn: str = ""
    bind: str = "127.0.0.1"
    web_port: Port = 8420
    stream_port: Port = 8421
    log: str = "text"
    demo: bool = False
    town: str = "full"
    camera_ranges: str = "127.0.0.0/8"
    recordings_dir: str = ""
    media_socket: str = ""
    voice_socket: str = ""
    secret_key: str = ""
    public_stream_url: str = ""
    tts: str = "auto"
    sip_bind: str = "127.0.0.1"
    sip_port: Port = 0
    speaker_wake_s: Annotated[float, msgspec.Meta(ge=0, le=2)] = 0.2
    demo_rtsp_port: Port = 0
    demo_control_port: Port = 0
    demo_speaker_port: Port = 0
    demo_tape: str = "day"
    demo_source: str = ""
    demo_zones: str = ""
    demo_pace: Annotated[float, msgspec.Meta(gt=0, le=1000)] = 2.0

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone can reach web and stream."""
        try:
            return self.bind == "localhost" or ip_address(self.bind).is_loopback
        except ValueError:
            return False

    @property
    def blob_dir(self) -> Path:
        return self.data_dir / "blobs"

    @property
    def recording_dir(self) -> Path:
        given = self.recordings_dir
        return Path(given) if given else self.data_dir / "recordings"

    @property
    def checkpoint_dir(self) -> Path:
        """Outside the data directory, so that cutting the one does not cut the other."""
        return self.data_dir.parent / f"{self.data_dir.name}-checkpoints"

    @property
    def socket_path(self) -> Path:
        return (
            Path(self.media_socket) if self.media_socket else self.data_dir / "run" / "media.sock"
        )

    @property
    def talk_socket_path(self) -> Path:
        return (
            Path(self.voice_socket) if self.voice_socket else self.data_dir / "run" / "voice.sock"
        )

    def camera_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(ip_network(part.strip()) for part in self.camera_ranges.split(","))


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read Settings from JIEDAO_* variables.

    Raises:
        BadSetting: an unknown name, or a value of the wrong kind; the setting is named.
    """
    source = os.environ if environment is None else environment
    given = {k[len(PREFIX) :].lower(): v for k, v in source.items() if k.startswith(PREFIX)}
    known = set(Settings.__struct_fields__)
    for name in given:
        if name not in known:
            raise BadSetting(name=PREFIX + name.upper(), why="unknown / 没有这个设置")
    settings = Settings()
    for name, value in given.items():
        try:
            field = msgspec.convert({name: value}, Settings, strict=False, dec_hook=_read_path)
        except msgspec.ValidationError as error:
            raise BadSetting(name=PREFIX + name.upper(), why=str(error)) from error
        settings = msgspec.structs.replace(settings, **{name: getattr(field, name)})
    try:
        settings.camera_networks()
    except ValueError as error:
        raise BadSetting(name=PREFIX + "CAMERA_RANGES", why=str(error)) from error
    for name, allowed in (
        ("log", ("text", "json")),
        ("tts", ("auto", "clips")),
        ("town", ("full", "small")),
        ("demo_tape", ("day", "quiet")),
    ):
        if getattr(settings, name) not in allowed:
            raise BadSetting(name=PREFIX + name.upper(), why=f"one of {', '.join(allowed)}")
    return settings


def _read_path(kind: type, value: object) -> Path:
    """The one kind of setting that msgspec does not read by itself."""
    if kind is not Path or not isinstance(value, str) or not value:
        raise ValueError("a path is needed / 应为路径")
    return Path(value)
