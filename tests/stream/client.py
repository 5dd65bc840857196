# SPDX-License-Identifier: Apache-2.0
"""A browser as the stream process sees it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where the process listens."""

    port: int

    @property
    def http(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, origin: str | None = None) -> httpx.AsyncClient:
        headers = {"origin": origin} if origin else {}
        return httpx.AsyncClient(base_url=self.http, headers=headers, timeout=PATIENCE_S)

    @asynccontextmanager
    async def socket(
        self, path: str, *, origin: str | None = None, max_queue: int | None = None
    ) -> AsyncIterator[ClientConnection]:
        async with connect(
            f"ws://127.0.0.1:{self.port}{path}",
            origin=origin,  # type: ignore[arg-type]  # A NewType of str in the library.
            compression=None,
            max_size=None,
            max_queue=max_queue,
            open_timeout=PATIENCE_S,
        ) as connection:
            yield connection

    async def refused(self, path: str, *, origin: str | None = None) -> tuple[int, str]:
        """Status and code with which a socket is refused."""
        try:
            async with self.socket(path, origin=origin):
                raise AssertionError("the socket was accepted")
        except InvalidStatus as error:
            return error.response.status_code, json.loads(error.response.body or b"{}")["code"]


async def heard(connection: ClientConnection) -> dict[str, Any]:
    """The next message of a feed."""
    async with asyncio.timeout(PATIENCE_S):
        message: dict[str, Any] = json.loads(await connection.recv())
    return message


async def next_event(connection: ClientConnection) -> dict[str, Any]:
    """The next event of a feed, whatever notices come before it."""
    while "kind" in (message := await heard(connection)):
        pass
    return message
