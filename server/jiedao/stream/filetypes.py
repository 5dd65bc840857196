# SPDX-License-Identifier: Apache-2.0
"""Which files are taken, and whether one begins as its type does."""

import re

from jiedao.base import pictures

# How recordings begin. MPEG audio starts with a tag or with eleven set bits.
_MPEG = rb"ID3|ADIF|\xff[\xe0-\xff]"
_MP4 = rb"....ftyp"
_WAV = rb"RIFF....WAVE"
_BEGINNINGS = {
    "audio/aac": _MPEG,
    "audio/amr": rb"#!AMR",
    "audio/flac": rb"fLaC",
    "audio/mp4": _MP4,
    "audio/mpeg": _MPEG,
    "audio/ogg": rb"OggS",
    "audio/wav": _WAV,
    "audio/webm": rb"\x1a\x45\xdf\xa3",
    "audio/x-wav": _WAV,
    "video/mp4": _MP4,
}


def is_taken(media_type: str) -> bool:
    """Whether files of this type, written without parameters, are taken at all."""
    return media_type in pictures.TYPES or media_type in _BEGINNINGS


def looks_like(media_type: str, head: bytes) -> bool:
    """Whether a recording begins as its type does; pictures are proven by redrawing them.

    A page or a script that calls itself a recording would be served under a type that browsers
    do not run; this check keeps it out of the store as well.
    """
    beginning = _BEGINNINGS.get(media_type)
    return beginning is not None and re.match(beginning, head, re.DOTALL) is not None
