# SPDX-License-Identifier: Apache-2.0
"""The clock in the picture can be read back by a machine, also after compression."""

from datetime import UTC, datetime
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from jiedao.sim.camera.encode import Encoder, Picture, as_picture
from jiedao.sim.camera.stamp import burn, read_ms_of_day


def a_picture(level: int = 90) -> Picture:
    return np.full((360, 640, 3), level, dtype=np.uint8)


@pytest.mark.parametrize(("hour", "ms"), [(0, 0), (14, 52_325_318), (23, 86_399_999)])
def test_the_burned_in_clock_survives_compression(hour: int, ms: int) -> None:
    image = a_picture()
    at = datetime(2026, 11, 23, hour, ms // 60_000 % 60, ms // 1000 % 60, ms % 1000 * 1000, UTC)
    burn(image, at, "CAM-1", offset_h=8)
    encoder = Encoder(640, 360, Fraction(25, 2), crf=35)
    nals = encoder.encode(as_picture(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420)), 0, key=True)
    stream = b"".join(b"\0\0\0\1" + nal for nal in (encoder.sps, encoder.pps, *nals))
    decoder = av.CodecContext.create("h264", "r")
    frames = [*decoder.decode(av.Packet(stream)), *decoder.decode(None)]
    assert read_ms_of_day(as_picture(frames[0].to_ndarray(format="gray"))) == ms


def test_a_picture_without_the_strip_has_no_clock() -> None:
    assert read_ms_of_day(a_picture()[:, :, 0]) is None
    assert read_ms_of_day(a_picture(255)[:, :, 0]) is None
