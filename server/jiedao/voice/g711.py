# SPDX-License-Identifier: Apache-2.0
"""G.711 A-law by table: what telephones and horn loudspeakers speak."""

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME_SAMPLES = 160
FRAME_S = FRAME_SAMPLES / RATE_HZ
SILENCE = b"\xd5"
"""The A-law byte for a sample of nearly nothing (+8 of 32,768)."""

Pcm = NDArray[np.int16]


def _decode_table() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    segment = (code & 0x70) >> 4
    step = (code & 0x0F) << 4
    size = np.where(segment == 0, step + 8, (step + 0x108) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, size, -size).astype(np.int16)


def _encode_table() -> NDArray[np.uint8]:
    sample = np.arange(-32768, 32768) >> 3
    mask = np.where(sample >= 0, 0xD5, 0x55)
    size = np.where(sample >= 0, sample, -sample - 1)
    segment = np.searchsorted(np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF]), size)
    step = np.where(segment < 2, size >> 1, size >> segment) & 0x0F
    return (((segment << 4) | step) ^ mask).astype(np.uint8)


_DECODE = _decode_table()
_ENCODE = _encode_table()


def encode(pcm: Pcm) -> bytes:
    """A-law bytes, one a sample, of int16 samples."""
    return _ENCODE[pcm.astype(np.int32) + 32768].tobytes()


def decode(alaw: bytes) -> Pcm:
    """int16 samples of A-law bytes."""
    return _DECODE[np.frombuffer(alaw, np.uint8)]
