# SPDX-License-Identifier: Apache-2.0
"""A connection to the process that speaks, over which one talk goes. Voices out, news back.

After one line of JSON, both sides send frames: 4 bytes of length (big-endian, of what follows),
1 byte of kind, and a body; `S` sound, `E` the key was released, `X` stop, `N` news as JSON.
"""

import asyncio
from pathlib import Path
from uuid import UUID

import msgspec

CONNECT_S = 2.0
NEWS_BYTES = 16 * 1024
SOUND_BYTES = 324
"""A sequence number of 4 bytes, and 20 ms of int16 at 8 kHz."""
MOST_WAITING = 64 * 1024
RELEASE, STOP = b"E", b"X"


class VoiceLink:
    """One talk's way to the loudspeaker."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, path: Path, talk: UUID) -> "VoiceLink":
        """Connect, and say which talk it is.

        Raises:
            OSError: nobody listens, or not in time.
        """
        async with asyncio.timeout(CONNECT_S):
            reader, writer = await asyncio.open_unix_connection(str(path))
            writer.write(msgspec.json.encode({"talk": talk}) + b"\n")
            await writer.drain()
        return cls(reader, writer)

    def sound(self, frame: bytes) -> None:
        """Pass a frame on; where it is not taken it is dropped, as an old word is of no use.

        Raises:
            ConnectionError: it is no frame.
        """
        if len(frame) != SOUND_BYTES:
            raise ConnectionError(f"sound of {len(frame)} bytes")
        if self._writer.transport.get_write_buffer_size() < MOST_WAITING:
            self._put(b"S" + frame)

    def say(self, kind: bytes) -> None:
        """RELEASE or STOP."""
        self._put(kind)

    def _put(self, frame: bytes) -> None:
        self._writer.write(len(frame).to_bytes(4, "big") + frame)

    async def news(self) -> str:
        """What has become of the talk, JSON.

        Raises:
            OSError: it ended, or makes no sense.
        """
        try:
            size = int.from_bytes(await self._reader.readexactly(4), "big")
            if not 0 < size <= NEWS_BYTES:
                raise ConnectionError(f"news of {size} bytes")
            data = await self._reader.readexactly(size)
        except EOFError as error:
            raise ConnectionError("the talk is over") from error
        if data[:1] != b"N":
            raise ConnectionError(f"a frame of kind {data[:1]!r}")
        return data[1:].decode(errors="replace")

    def close(self) -> None:
        """Ends the talk."""
        self._writer.close()
