# SPDX-License-Identifier: Apache-2.0
"""Parts of a file, as a player asks for them when somebody moves to another moment of a clip."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jiedao.base.errors import JiedaoError

PIECE_BYTES = 64 * 1024
_ASKED = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class RangeOutside(JiedaoError):
    """Nothing of what was asked for lies in the file."""

    code = "file.range"
    http_status = 416


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file from the first to the last, both included, counted from 0."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def asked_span(header: str, size: int) -> Span | None:
    """What a Range header asks for of a file of `size` bytes; None for the whole.

    Several spans at once, other units and what cannot be read are answered with the whole, as
    RFC 9110 §14.2 allows.

    Raises:
        RangeOutside: it begins past the end of the file.
    """
    asked = _ASKED.fullmatch(header.strip())
    if asked is None or asked[1] == asked[2] == "":
        return None
    if asked[1] == "":
        first, last = max(0, size - int(asked[2])), size - 1
    else:
        first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
        if asked[2] and int(asked[2]) < first:
            return None
    if first >= size:
        raise RangeOutside(size_bytes=size)
    return Span(first, last)


def pieces_of(file: BinaryIO, span: Span) -> Iterator[bytes]:
    """The bytes of a span, piece by piece; closes the file."""
    with file:
        file.seek(span.first)
        left = span.length
        while left > 0 and (piece := file.read(min(PIECE_BYTES, left))):
            left -= len(piece)
            yield piece
