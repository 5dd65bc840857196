# SPDX-License-Identifier: Apache-2.0
"""Drawn pictures as a camera's pieces."""

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np

from jiedao.cameras.relay import Fragmenter, Head, Piece


def a_stream(seconds: int, begins_s: float = 1_700_000_000.0) -> tuple[Head, list[Piece]]:
    """A grey scene at 25 pictures a second, a key frame every two, through the fragmenter.

    Args:
        begins_s: capture time of its first picture.
    """
    file = io.BytesIO()
    out: Any = av.open(file, "w", format="matroska")
    stream = out.add_stream("libx264", rate=25)
    stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
    stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": "50"}
    for number in range(seconds * 25):
        planes = np.full((108, 128), 128, np.uint8)
        planes[:72] = 90 + number % 50
        picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
        picture.pts, picture.time_base = number, Fraction(1, 25)
        out.mux(stream.encode(picture))
    out.mux(stream.encode(None))
    out.close()
    file.seek(0)
    pieces: list[Piece] = []
    source: Any = av.open(file)
    with source:
        track = source.streams.video[0]
        fragmenter = Fragmenter(track)
        for packet in source.demux(track):
            if not packet.size:
                continue
            done = fragmenter.push(packet, begins_s + float(packet.pts * track.time_base))
            if done is not None:
                pieces.append(Piece(len(pieces), *done))
    assert fragmenter.head is not None
    return fragmenter.head, pieces
