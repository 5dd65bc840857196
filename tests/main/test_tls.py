# SPDX-License-Identifier: Apache-2.0
"""Any address but loopback gets TLS from an authority of our own, that a phone can trust."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jiedao.base.settings import Settings
from jiedao.main.tls import Paths, certificate_paths, make_certificates, own_names

NOW = datetime.now(UTC)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    paths = certificate_paths(Settings(data_dir=tmp_path, bind="0.0.0.0"))  # noqa: S104
    assert paths is not None
    make_certificates(paths, ["127.0.0.1", "town.example"], NOW)
    return paths


def shake_hands(paths: Paths, name: str, authority: Path | None) -> str:
    """The version agreed on by a client that trusts the authority alone."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(paths.certificate, paths.key)
    trusting = ssl.create_default_context(cafile=authority)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with serving.wrap_socket(theirs, server_side=True) as secured:
                secured.recv(1)
        except OSError:
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with trusting.wrap_socket(ours, server_hostname=name) as secured:
            return secured.version() or ""
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize("name", ["127.0.0.1", "town.example"])
def test_a_client_that_trusts_the_authority_is_served(paths: Paths, name: str) -> None:
    assert shake_hands(paths, name, paths.authority) == "TLSv1.3"


def test_another_name_and_another_trust_are_refused(paths: Paths) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(paths, "elsewhere.example", paths.authority)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(paths, "town.example", None)


def test_keys_are_for_us_alone(paths: Paths) -> None:
    for key in (paths.key, paths.authority.with_suffix(".key")):
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_kept_until_it_ends_or_a_name_is_missing(paths: Paths) -> None:
    authority, first = paths.authority.read_bytes(), paths.certificate.read_bytes()
    make_certificates(paths, ["127.0.0.1"], NOW)
    assert paths.certificate.read_bytes() == first
    make_certificates(paths, ["127.0.0.1", "10.0.0.9"], NOW)
    second = paths.certificate.read_bytes()
    assert second != first
    make_certificates(paths, ["127.0.0.1"], NOW + timedelta(days=380))
    assert paths.certificate.read_bytes() != second
    assert paths.authority.read_bytes() == authority, "a phone has to trust only once"


def test_loopback_needs_none(tmp_path: Path) -> None:
    assert certificate_paths(Settings(data_dir=tmp_path)) is None
    for near in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
        assert Settings(bind=near).is_loopback
    for far in ("0.0.0.0", "town.example", "10.0.0.1"):  # noqa: S104
        assert not Settings(bind=far).is_loopback
    assert "localhost" in own_names("0.0.0.0")  # noqa: S104
