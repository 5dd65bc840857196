# SPDX-License-Identifier: Apache-2.0
"""Shared pieces of the camera tests."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jiedao.base.clock import SystemClock
from jiedao.cameras.address import CameraAddress, check_address
from jiedao.cameras.pull import Puller, RtspSource
from jiedao.main.roles import OWNER, Database
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.listening import Listening
from tests.cameras.town import CameraTown, MediaProcess
from tests.conftest import TEMPLATE


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


@pytest.fixture
def town(migrated: Database) -> Iterator[CameraTown]:
    """A database of this test's own."""
    database, name = migrated, f"cameras_{uuid4().hex[:12]}"
    with psycopg.connect(database.admin_dsn("postgres"), autocommit=True) as admin:
        # One at a time: a template may have no other user while it is copied.
        admin.execute("select pg_advisory_lock(43)")
        admin.execute(f'create database "{name}" template {TEMPLATE} owner {OWNER}')
        admin.execute("select pg_advisory_unlock(43)")
        story = CameraTown(database, name)
        try:
            yield story
        finally:
            story.link.close()
            admin.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def media(town: CameraTown, tmp_path: Path) -> Iterator[Callable[..., MediaProcess]]:
    """Start media processes on the town; ended with the test."""
    running: list[MediaProcess] = []

    def start(**extra: str) -> MediaProcess:
        running.append(MediaProcess(town.dsn, tmp_path, extra))
        return running[-1]

    yield start
    for process in running:
        if process.process.poll() is None:
            process.end()
