# SPDX-License-Identifier: Apache-2.0
"""Uploads over HTTP: announce, send chunks, ask how far, and hear the receipt from the disk."""

import asyncio
import re
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from jiedao.base.blobs import BlobRef
from jiedao.base.clock import Clock
from jiedao.base.errors import BadInput
from jiedao.stream import store
from jiedao.stream.access import admit
from jiedao.stream.answers import answer
from jiedao.stream.errors import ChunkTooLarge, ChunkTooSlow
from jiedao.stream.spool import CHUNK_BYTES, Receipt, Spool, Standing

CHUNK_PATIENCE_S = 60.0
AT_ONCE = 2  # Pictures redrawn at a time; each may use a core and a few hundred megabytes.


@dataclass(frozen=True, slots=True)
class UploadDoor:
    """Serves POST /upload, and GET, HEAD and PATCH /upload/ID."""

    database: store.Database
    spool: Spool
    clock: Clock
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def announce(self, request: Request) -> Response:
        length = _length(request)
        media_type = request.headers.get("upload-type", "").partition(";")[0].strip().lower()
        expected = _expected(request)
        ticket = await admit(self.database, request.query_params.get("ticket", ""), "upload")
        name = await asyncio.to_thread(
            self.spool.open, ticket.party, length, media_type, self.clock.now(), expected
        )
        return answer({"id": name, "offset": 0, "chunk_bytes": CHUNK_BYTES}, 201)

    async def standing(self, request: Request) -> Response:
        standing = await asyncio.to_thread(self.spool.standing, request.path_params["name"])
        return _say(standing, standing.upload.receipt)

    async def add(self, request: Request) -> Response:
        name, offset = request.path_params["name"], _offset(request)
        chunk = await _chunk(request)
        # Two requests for one upload: a sender that gave up waiting and came again.
        lock = self._locks.setdefault(name, asyncio.Lock())
        async with lock:
            standing = await asyncio.to_thread(self.spool.append, name, offset, chunk)
            receipt = standing.upload.receipt
            if receipt is None and standing.is_whole:
                receipt = await self._keep(name, standing)
        return _say(standing, receipt)

    async def _keep(self, name: str, standing: Standing) -> Receipt:
        """From the spool to the blob store, then the row, then the receipt."""
        async with self._turns:
            receipt = await asyncio.to_thread(self.spool.keep, name)
        upload = standing.upload
        blob = BlobRef(receipt.sha256, receipt.size_bytes)
        async with self.database.transaction(actor=upload.party) as link:
            await store.keep_upload(
                link,
                upload.row,
                blob,
                receipt.media_type,
                party=upload.party,
                at=self.clock.now(),
            )
        await asyncio.to_thread(self.spool.finish, name, receipt)
        return receipt


def _say(standing: Standing, receipt: Receipt | None) -> Response:
    content = {"offset": standing.offset, "length": standing.upload.length}
    if receipt is not None:
        content |= msgspec.structs.asdict(receipt)
    headers = {
        "upload-offset": str(standing.offset),
        "upload-length": str(standing.upload.length),
    }
    return answer(content, headers=headers)


async def _chunk(request: Request) -> bytes:
    """The request's body, bounded in size and in time."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > CHUNK_BYTES:
        raise ChunkTooLarge(limit=CHUNK_BYTES)
    body = bytearray()
    try:
        async with asyncio.timeout(CHUNK_PATIENCE_S):
            async for piece in request.stream():
                body += piece
                if len(body) > CHUNK_BYTES:
                    raise ChunkTooLarge(limit=CHUNK_BYTES)
    except TimeoutError as error:
        raise ChunkTooSlow from error
    return bytes(body)


def _length(request: Request) -> int:
    return _number(request.headers.get("upload-length", ""), "Upload-Length")


def _offset(request: Request) -> int:
    return _number(request.query_params.get("offset", ""), "offset")


def _number(given: str, where: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise BadInput(where=where, why="a number of bytes / 应为字节数")
    return int(given)


def _expected(request: Request) -> str:
    given = request.headers.get("upload-sha256", "").lower()
    if given and not re.fullmatch(r"[0-9a-f]{64}", given):
        raise BadInput(where="Upload-Sha256", why="64 hexadecimal digits / 应为 64 位十六进制")
    return given
