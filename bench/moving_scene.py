# SPDX-License-Identifier: Apache-2.0
"""A drawn street in which so many figures never stop moving; made from one seed, on the fly."""

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO

import av
import numpy as np

from jiedao.vision import Luma

NOISE = 2.0  # Standard deviation of the sensor, in luma steps.


class MovingScene:
    """Figures that walk to and fro in front of a textured ground, at any size of picture."""

    def __init__(self, width: int, height: int, figures: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        rows, columns = -(-height // 8), -(-width // 8)
        coarse = np.kron(chance.normal(128, 16, (rows, columns)), np.ones((8, 8)))
        self._ground = coarse[:height, :width].astype(np.float32)
        self._chance = chance
        self._tall = chance.uniform(0.12, 0.24, figures) * height
        self._foot = chance.uniform(0.35, 0.98, figures) * height
        self._speed = chance.uniform(0.05, 0.12, figures) * width
        self._start = chance.uniform(0, 2, figures)
        self._shade = np.where(chance.random(figures) < 0.5, 30, 225)

    def at(self, t_s: float) -> Luma:
        """The picture at a time."""
        picture = self._ground.copy()
        width = picture.shape[1]
        for tall, foot, speed, start, shade in zip(
            self._tall, self._foot, self._speed, self._start, self._shade, strict=True
        ):
            turn = (start + speed * t_s / width) % 2.0
            x = (turn if turn < 1 else 2 - turn) * width
            half = 0.18 * tall
            picture[
                max(0, round(foot - tall)) : round(foot),
                max(0, round(x - half)) : max(0, round(x + half)),
            ] = shade
        picture += self._chance.normal(0, NOISE, picture.shape).astype(np.float32)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def encoded(self, seconds: float, fps: int) -> bytes:
        """The scene as a camera sends it: H.264 without B-frames, a key frame every 2 s."""
        height, width = self._ground.shape
        file = BytesIO()
        with av.open(file, "w", format="mp4") as container:
            stream = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.options = {"preset": "veryfast", "bf": "0", "g": str(2 * fps), "crf": "28"}
            for picture in self._pictures(seconds, fps):
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return file.getvalue()

    def _pictures(self, seconds: float, fps: int) -> Iterator[av.VideoFrame]:
        for i in range(round(seconds * fps)):
            picture = av.VideoFrame.from_ndarray(self.at(i / fps), format="gray")
            picture = picture.reformat(format="yuv420p")
            picture.pts, picture.time_base = i, Fraction(1, fps)
            yield picture
