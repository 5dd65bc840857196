# SPDX-License-Identifier: Apache-2.0
"""A running stream process inside the test's own event loop, and a trail of its own to read."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from jiedao.base.clock import SystemClock
from jiedao.base.settings import Settings
from jiedao.main.postgres import Cluster
from jiedao.main.roles import OWNER, Database
from jiedao.stream.__main__ import listen, make_server
from jiedao.stream.app import Parts, build_parts, create_app
from tests.stream.client import Address
from tests.stream.trail import Trail, make_template


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def template(postgres: tuple[Cluster, Database]) -> tuple[Database, str]:
    _, database = postgres
    name = f"stream_template_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}"
    make_template(database, name)
    return database, name


@pytest.fixture
def trail(template: tuple[Database, str]) -> Iterator[Trail]:
    """A database of this test's own."""
    database, source = template
    name = f"stream_{uuid4().hex[:12]}"
    with psycopg.connect(database.admin_dsn("postgres"), autocommit=True) as admin:
        admin.execute(f'create database "{name}" template "{source}" owner {OWNER}')
        story = Trail(database, name)
        try:
            yield story
        finally:
            story.close()
            admin.execute(f'drop database "{name}" with (force)')


@pytest.fixture
def settings(trail: Trail, tmp_path: Path) -> Settings:
    # A Unix socket's path may hold 107 bytes only; pytest's folders come close to that.
    return Settings(
        data_dir=tmp_path, dsn=trail.dsn, stream_port=0, media_socket=str(tmp_path / "m")
    )


@pytest.fixture
async def parts(settings: Settings) -> Parts:
    return build_parts(settings, SystemClock())


@pytest.fixture
async def stream(parts: Parts) -> AsyncIterator[Address]:
    """The stream process, serving on a free port, its feed following the trail."""
    listener = listen("127.0.0.1", 0)
    server = make_server(create_app(parts))
    serving = asyncio.create_task(server.serve([listener]))
    try:
        async with asyncio.timeout(10):
            while parts.hub.age_s is None:  # noqa: ASYNC110  # The process offers no event for it.
                await asyncio.sleep(0.01)
        yield Address(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
