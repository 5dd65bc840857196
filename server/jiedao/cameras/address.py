# SPDX-License-Identifier: Apache-2.0
"""The one door for camera addresses: parts in, a checked address out, nothing dialled on the way.

An address is never free text. The scheme is always RTSP; the host must be a literal address, in its
one canonical spelling, inside the configured ranges, so what is checked is what is dialled and no
name can be rebound in between. The path takes only characters that mean nothing to a media tool.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import quote

from jiedao.cameras.errors import CameraAddressRefused

RTSP_PORT = 554
LONGEST_PATH = 200
LONGEST_CREDENTIAL = 64
_PATH = re.compile(
    r"/[A-Za-z0-9_./-]*(\?[A-Za-z0-9_.-]+=[A-Za-z0-9_.-]*(&[A-Za-z0-9_.-]+=[A-Za-z0-9_.-]*)*)?"
)

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class CameraAddress:
    """An address that passed the door.

    Attributes:
        host: literal address inside the configured ranges.
        path: begins with "/", restricted characters.
        password: clear; lives only in memory and is never printed.
    """

    host: IPv4Address | IPv6Address
    port: int
    path: str
    login: str = ""
    password: str = field(default="", repr=False)

    @property
    def authority(self) -> str:
        """Host and port as they stand in a URL, without credentials."""
        host = f"[{self.host}]" if self.host.version == 6 else str(self.host)
        return f"{host}:{self.port}"

    @property
    def public_url(self) -> str:
        """The URL without credentials: for requests on the wire and for logs."""
        return f"rtsp://{self.authority}{self.path}"

    @property
    def url(self) -> str:
        """The URL with credentials, for the media library alone."""
        if not self.login:
            return self.public_url
        credentials = f"{quote(self.login, safe='')}:{quote(self.password, safe='')}"
        return f"rtsp://{credentials}@{self.authority}{self.path}"


def check_address(
    host: str,
    port: int,
    path: str,
    networks: Iterable[Network],
    *,
    login: str = "",
    password: str = "",  # an open camera has none
) -> CameraAddress:
    """Let an address through, or say which part is wrong.

    Args:
        host: IPv4 or IPv6 literal in canonical spelling, no name.
        port: 554, or 1024 and above, so that no camera entry can reach a system service.
        path: "/" and letters, digits, "_", "-", ".", with an optional query of name=value pairs.
        networks: where cameras may stand.

    Raises:
        CameraAddressRefused: with ``where`` the part, and ``why`` in both languages.
    """
    address = _check_host(host, tuple(networks))
    if port != RTSP_PORT and not 1024 <= port <= 65535:
        raise CameraAddressRefused(where="port", why="554, 1024–65535")
    if len(path) > LONGEST_PATH or not _PATH.fullmatch(path) or "/.." in path:
        raise CameraAddressRefused(where="path", why="/A-Z a-z 0-9 _ - . ?name=value")
    for name, text in (("login", login), ("password", password)):
        if len(text) > LONGEST_CREDENTIAL or not text.isprintable():
            raise CameraAddressRefused(where=name, why=f"≤ {LONGEST_CREDENTIAL}")
    if password and not login:
        raise CameraAddressRefused(where="login", why="缺少 / missing")
    return CameraAddress(address, port, path, login, password)


def _check_host(host: str, networks: tuple[Network, ...]) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(host)
    except ValueError as error:
        why = "应为 IP 地址 / must be a literal IP address"
        raise CameraAddressRefused(where="host", why=why) from error
    # One spelling only: another one may mean something else to the library that dials.
    if str(address) != host:
        raise CameraAddressRefused(where="host", why=str(address))
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.scope_id):
        raise CameraAddressRefused(where="host", why="IPv4 / 不用映射地址")
    if not any(address in network for network in networks if network.version == address.version):
        ranges = ", ".join(str(network) for network in networks)
        raise CameraAddressRefused(where="host", why=f"不在允许网段 / outside {ranges}")
    return address
