# SPDX-License-Identifier: Apache-2.0
"""The stream process as the supervisor starts it: a child with a pipe, a port and settings."""

import asyncio
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from tests.stream.client import Address

START_S = 60.0


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def started(data_dir: Path, dsn: str, port: int) -> Process:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("JIEDAO_")}
    environment |= {
        "JIEDAO_DATA_DIR": str(data_dir),
        "JIEDAO_DSN": dsn,
        "JIEDAO_STREAM_PORT": str(port),
    }
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jiedao.stream"),
        env=environment,
        stdin=PIPE,
        stdout=DEVNULL,
        stderr=PIPE,
    )


@asynccontextmanager
async def running(
    data_dir: Path, dsn: str, *, port: int = 0, path: str = "/ready"
) -> AsyncIterator[tuple[Process, Address]]:
    """The process, from its first 200 at `path` on; killed at the end if it still lives."""
    address = Address(port or a_free_port())
    process = await started(data_dir, dsn, address.port)
    try:
        await _until_ok(process, address, path)
        yield process, address
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _until_ok(process: Process, address: Address, path: str) -> None:
    async with asyncio.timeout(START_S), address.client() as browser:
        while process.returncode is None:
            try:
                if (await browser.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)
    assert process.stderr is not None
    raise AssertionError((await process.stderr.read()).decode())
