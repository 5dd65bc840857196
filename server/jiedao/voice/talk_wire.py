# SPDX-License-Identifier: Apache-2.0
"""What stream says of a talk over the private Unix socket, and what is answered. No I/O.

The asker sends one line, ``{"talk": "<uuid>"}``. From then on both sides send frames: 4 bytes of
length (big-endian, of what follows), 1 byte of kind, and a body.

In: ``S`` 20 ms of sound – a sequence number (4 bytes, big-endian, counting from the first frame of
the talk) and 160 samples of int16 at 8 kHz, little-endian; ``E`` the key was released, what waits
is still said; ``X`` stop at once. Out: ``N`` news as JSON. The end of the connection is the end of
the talk.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import numpy as np

from jiedao.voice.g711 import FRAME_SAMPLES, Pcm

LONGEST_REQUEST = 256
SOUND_BYTES = 4 + 2 * FRAME_SAMPLES
LONGEST_FRAME = 1 + SOUND_BYTES


class BadFrame(ValueError):
    """Bytes that no stream process sends."""


@dataclass(frozen=True, slots=True)
class Sound:
    """20 ms of what the microphone took."""

    sequence: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Release:
    """The key was let go."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Say nothing more."""


Told = Sound | Release | Stop


def read_request(line: bytes) -> UUID:
    """Which talk is meant.

    Raises:
        BadFrame: it does not say so.
    """
    try:
        return UUID(json.loads(line)["talk"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadFrame(f"no request: {line[:60]!r}") from error


class Frames:
    """Cuts what arrives, in whatever pieces, into frames."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Told]:
        """The frames that are whole now.

        Raises:
            BadFrame: nothing after this can be read.
        """
        self._waiting += data
        while len(self._waiting) >= 4:
            size = int.from_bytes(self._waiting[:4], "big")
            if not 0 < size <= LONGEST_FRAME:
                raise BadFrame(f"a frame of {size} bytes")
            if len(self._waiting) < 4 + size:
                return
            frame = bytes(self._waiting[4 : 4 + size])
            del self._waiting[: 4 + size]
            yield _parse(frame)


def _parse(frame: bytes) -> Told:
    kind, body = frame[:1], frame[1:]
    if kind == b"S" and len(body) == SOUND_BYTES:
        pcm = np.frombuffer(body, "<i2", offset=4).astype(np.int16)
        return Sound(int.from_bytes(body[:4], "big"), pcm)
    if kind == b"E" and not body:
        return Release()
    if kind == b"X" and not body:
        return Stop()
    raise BadFrame(f"{kind!r} with {len(body)} bytes")


def news(**facts: object) -> bytes:
    """A frame that tells how the talk stands."""
    return _frame(b"N", json.dumps(facts, ensure_ascii=False).encode())


def _frame(kind: bytes, body: bytes) -> bytes:
    return (1 + len(body)).to_bytes(4, "big") + kind + body
