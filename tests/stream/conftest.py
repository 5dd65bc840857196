# SPDX-License-Identifier: Apache-2.0
"""A running stream process inside the test's own event loop, and a trail of its own to read."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from jiedao.base.clock import SystemClock
from jiedao.base.settings import Settings
from jiedao.main.roles import OWNER, Database, close_doors
from jiedao.stream.__main__ import listen, make_server
from jiedao.stream.app import Parts, build_parts, create_app
from tests.conftest import TEMPLATE
from tests.stream.client import Address
from tests.stream.trail import Trail


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def tables(migrated: Database, worker_id: str) -> tuple[Database, str]:
    """A database with the platform's tables, for these tests alone."""
    name = f"stream_{worker_id}"
    with psycopg.connect(migrated.admin_dsn("postgres"), autocommit=True) as admin:
        # One at a time: a template may have no other user while it is copied.
        admin.execute("select pg_advisory_lock(43)")
        admin.execute(f'create database "{name}" template {TEMPLATE} owner {OWNER}')
    close_doors(migrated, name)
    return migrated, name


@pytest.fixture
def trail(tables: tuple[Database, str]) -> Iterator[Trail]:
    """An empty trail; what is told here is committed, as the feed sees nothing else."""
    story = Trail(*tables)
    story.empty()
    try:
        yield story
    finally:
        story.close()


@pytest.fixture
def settings(trail: Trail, tmp_path: Path) -> Settings:
    # A Unix socket's path may hold 107 bytes only; pytest's folders come close to that.
    return Settings(
        data_dir=tmp_path,
        dsn=trail.dsn,
        stream_port=0,
        media_socket=str(tmp_path / "m"),
        voice_socket=str(tmp_path / "v"),
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
        async with asyncio.timeout(30):
            while parts.hub.age_s is None:  # noqa: ASYNC110  # The process offers no event for it.
                await asyncio.sleep(0.01)
        yield Address(listener.getsockname()[1])
    finally:
        server.should_exit = True
        await serving
