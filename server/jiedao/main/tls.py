# SPDX-License-Identifier: Apache-2.0
"""TLS from a local authority, for any address but loopback.

A phone gives its camera, microphone and position to secure pages only. The authority is made
once per data directory; a phone that installs it trusts this one platform.
"""

import contextlib
import ipaddress
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from jiedao.base.settings import Settings

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # Browsers refuse longer ones.
RENEW_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the certificates lie; all under data_dir/tls, mode 0700."""

    authority: Path
    certificate: Path
    key: Path


def is_anywhere(address: str) -> bool:
    """Whether it stands for all addresses of this machine and so is none to call."""
    try:
        return ipaddress.ip_address(address).is_unspecified
    except ValueError:
        return False


def certificate_paths(settings: Settings) -> Paths | None:
    """Where web and stream find their certificate; None on loopback, where none is needed."""
    if settings.is_loopback:
        return None
    folder = settings.data_dir / "tls"
    return Paths(folder / "authority.pem", folder / "server.pem", folder / "server.key")


def make_certificates(paths: Paths, names: list[str], now: datetime) -> None:
    """Make the authority and the server's certificate, or renew what is about to end.

    Args:
        names: host names and addresses under which the platform is reached.
    """
    paths.authority.parent.mkdir(mode=0o700, exist_ok=True)
    authority_key = paths.authority.with_suffix(".key")
    if not authority_key.is_file():
        _make_authority(paths.authority, authority_key, now)
    if _covers(paths.certificate, names, now):
        return
    authority = x509.load_pem_x509_certificate(paths.authority.read_bytes())
    signer = serialization.load_pem_private_key(authority_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(names[0], authority.subject, key, now, SERVER_DAYS)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write_key(paths.key, key)
    paths.certificate.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM) + paths.authority.read_bytes()
    )


def own_names(bind: str) -> list[str]:
    """The names and addresses under which this machine answers when bound so."""
    names = {"localhost", "127.0.0.1", socket.gethostname()}
    if bind in ("0.0.0.0", "::"):  # noqa: S104 - asked for by name
        names |= _addresses()
    else:
        names.add(bind)
    return [bind, *sorted(names - {bind})] if bind in names else sorted(names)


def _addresses() -> set[str]:
    """This machine's addresses: those its name stands for, and the one it goes out with."""
    found = set()
    with contextlib.suppress(OSError):
        for info in socket.getaddrinfo(socket.gethostname(), None):
            found.add(str(info[4][0]).partition("%")[0])
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
    ):
        # Nothing is sent: the kernel only says which of our addresses it would use.
        probe.connect(("192.0.2.1", 9))
        found.add(str(probe.getsockname()[0]))
    return found


def _make_authority(path: Path, key_path: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jiedao local authority")])
    certificate = (
        _builder("Jiedao local authority", name, key, now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write_key(key_path, key)
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    name: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _covers(path: Path, names: list[str], now: datetime) -> bool:
    """Whether the certificate on disk is for these names and not about to end."""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        return False
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    lasts = certificate.not_valid_after_utc - now.astimezone(UTC) > RENEW_BEFORE
    return lasts and {_name(name) for name in names} <= set(known)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
