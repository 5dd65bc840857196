# SPDX-License-Identifier: Apache-2.0
"""Shared pieces of the camera tests."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest

from jiedao.base.clock import SystemClock
from jiedao.cameras.address import CameraAddress, check_address
from jiedao.cameras.pull import Puller, RtspSource
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.listening import Listening


def address_of(camera: FakeCamera, login: str = "", password: str = "") -> CameraAddress:
    """The door's address of a fake camera."""
    networks = (ip_network("127.0.0.0/8"),)
    return check_address(
        "127.0.0.1", camera.port, "/live", networks, login=login, password=password
    )


@pytest.fixture
def pull() -> Iterator[Callable[[FakeCamera], Listening]]:
    """Start pulling a fake camera; ended with the test."""
    pullers: list[Puller] = []

    def start(camera: FakeCamera) -> Listening:
        heard = Listening()
        puller = Puller(RtspSource(address_of(camera)), heard, SystemClock())
        puller.start()
        pullers.append(puller)
        return heard

    yield start
    for puller in pullers:
        puller.stop()
