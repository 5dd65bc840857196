# SPDX-License-Identifier: Apache-2.0
"""WAV files of one channel at 8 kHz: int16 for people's players, A-law for kept clips."""

import struct

import numpy as np

from jiedao.voice.g711 import RATE_HZ, Pcm, decode, encode

_PCM, _ALAW = 1, 6


class BadWav(ValueError):
    """Not a WAV of one channel at 8 kHz in int16 or A-law."""


def pcm_wav(pcm: Pcm) -> bytes:
    """A WAV file of int16 samples."""
    return _file(_PCM, 2, pcm.astype("<i2").tobytes())


def alaw_wav(pcm: Pcm) -> bytes:
    """A WAV file in A-law, half the size."""
    return _file(_ALAW, 1, encode(pcm))


def _file(kind: int, width: int, sound: bytes) -> bytes:
    form = struct.pack("<HHIIHH", kind, 1, RATE_HZ, RATE_HZ * width, width, 8 * width)
    sound_chunk = b"data" + struct.pack("<I", len(sound)) + sound + b"\0" * (len(sound) % 2)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + sound_chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body


def read_wav(data: bytes) -> Pcm:
    """The samples of a WAV file.

    Raises:
        BadWav: another format, or cut off.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise BadWav("no WAV file")
    at, form = 12, b""
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        chunk = data[at + 8 : at + 8 + size]
        if len(chunk) < size:
            raise BadWav("cut off")
        if name == b"fmt ":
            form = chunk
        elif name == b"data":
            kind, channels, rate = struct.unpack_from("<HHI", form.ljust(8, b"\0"))
            if (channels, rate) != (1, RATE_HZ) or kind not in (_PCM, _ALAW):
                raise BadWav(f"format {kind}, {channels} channels, {rate} Hz")
            return decode(chunk) if kind == _ALAW else np.frombuffer(chunk, "<i2").astype(np.int16)
        at += 8 + size + size % 2
    raise BadWav("no sound in it")
