# SPDX-License-Identifier: Apache-2.0
"""What the process that pulls the cameras says over its Unix socket, frame by frame.

A frame is 4 bytes of length (big-endian, of what follows), 1 byte of kind, and a body.
"""

import asyncio
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from uuid import UUID

import msgspec

CONNECT_S = 2.0
# A silent upstream that is not closed is dead; the cameras send fragments of 0.2 s, and errors.
SILENCE_S = 15.0
FRAME_BYTES = 16 * 1024 * 1024


class Kind(Enum):
    """What a frame holds."""

    CODEC = b"C"
    INIT = b"I"
    KEY = b"K"
    FRAGMENT = b"F"
    ERROR = b"E"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message from the cameras."""

    kind: Kind
    body: bytes


class Upstream:
    """A connection that carries one camera's pictures."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, path: Path, camera: UUID) -> "Upstream":
        """Connect and ask for a camera.

        Raises:
            OSError: nobody listens, or not in time.
        """
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(msgspec.json.encode({"camera": camera}) + b"\n")
            await writer.drain()
        return cls(reader, writer)

    async def next(self) -> Frame:
        """The next frame.

        Raises:
            OSError: it ended, fell silent, or makes no sense.
        """
        try:
            async with asyncio.timeout(SILENCE_S):
                size = int.from_bytes(await self._reader.readexactly(4), "big")
                if not 0 < size <= FRAME_BYTES:
                    raise ConnectionError(f"a frame of {size} bytes")
                data = await self._reader.readexactly(size)
            return Frame(Kind(data[:1]), data[1:])
        except (EOFError, ValueError) as error:
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        self._writer.close()
