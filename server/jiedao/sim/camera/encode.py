# SPDX-License-Identifier: Apache-2.0
"""Pictures to H.264 the way a street camera does it: no B-frames, a key frame every 2 s."""

from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from jiedao.sim.camera.rtp import CLOCK_HZ, nal_units

Picture = npt.NDArray[np.uint8]

GOP_S = 2.0


def as_picture(array: npt.NDArray[Any]) -> Picture:
    """OpenCV's answers as what they are: OpenCV promises any number type, and keeps uint8."""
    return array.astype(np.uint8, copy=False)


_KINDS_LEFT_OUT = frozenset({6, 7, 8, 9})  # SEI, parameter sets and delimiters travel apart


class Encoder:
    """One H.264 stream. Key frames come only when asked for."""

    def __init__(self, width_px: int, height_px: int, fps: Fraction, crf: int = 26) -> None:
        """Both sides must be even."""
        # PyAV's codec contexts carry no useful types.
        context: Any = av.CodecContext.create("libx264", "w")
        context.width, context.height = width_px, height_px
        context.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, CLOCK_HZ)
        context.framerate = fps
        context.thread_count = 1
        context.flags |= 1 << 22  # AV_CODEC_FLAG_GLOBAL_HEADER
        context.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "crf": str(crf),
            "maxrate": "2M",
            "bufsize": "2M",
            "forced-idr": "1",
            "x264-params": "scenecut=0:keyint=infinite",
        }
        context.open()
        self._context = context
        self.sps, self.pps = _parameter_sets(bytes(context.extradata))

    def encode(self, i420: Picture, pts_90khz: int, key: bool) -> tuple[bytes, ...]:
        """The NAL units of one picture.

        Args:
            i420: uint8, (height * 3 / 2, width): luma rows, then the two colour planes.
            pts_90khz: rising from picture to picture.
            key: make it a key frame.
        """
        frame = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        frame.pts = pts_90khz
        frame.time_base = Fraction(1, CLOCK_HZ)
        if key:
            frame.pict_type = av.video.frame.PictureType.I
        units: list[bytes] = []
        for packet in self._context.encode(frame):
            units += nal_units(bytes(packet))
        return tuple(unit for unit in units if unit[0] & 0x1F not in _KINDS_LEFT_OUT)


def _parameter_sets(annex_b: bytes) -> tuple[bytes, bytes]:
    by_kind = {unit[0] & 0x1F: unit for unit in nal_units(annex_b)}
    return by_kind[7], by_kind[8]
