# SPDX-License-Identifier: Apache-2.0
"""Moving water, worked out once: a loop of pictures of the wet part of a backdrop."""

import math
from dataclasses import dataclass

import numpy as np

from jiedao.sim.camera.encode import Picture

LOOP_S = 4.0
PICTURES = 50


@dataclass(frozen=True, slots=True)
class Water:
    """The loop, and where in the picture it belongs."""

    top: int
    bottom: int
    pictures: tuple[Picture, ...]

    def lay(self, image: Picture, t_s: float) -> None:
        """Put the water of this moment into the picture."""
        number = int(t_s * PICTURES / LOOP_S) % PICTURES
        image[self.top : self.bottom] = self.pictures[number]


def ripple(backdrop: Picture, wet: Picture, horizon: float, seed: int, strength: float) -> Water:
    """Make the wet part of a backdrop move.

    Args:
        backdrop: (height, width, 3), BGR.
        wet: (height, width), 255 where there is water.
        horizon: height of the picture's horizon, 0..1; ripples grow with the distance from it.
        strength: brightness of the ripples in grey levels.
    """
    rows = np.flatnonzero(wet.any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    height, width = backdrop.shape[:2]
    y = (np.arange(top, bottom, dtype=np.float32) + 0.5)[:, None] / height
    x = (np.arange(width, dtype=np.float32) + 0.5)[None, :] / width - 0.5
    depth = 1.0 / np.maximum(y - horizon, 0.01)
    near = np.clip((y - horizon) * 4.5, 0.12, 1.0)
    random = np.random.default_rng(seed)
    waves = [
        (
            np.float32(random.uniform(2, 16) * random.choice([-1, 1])),
            np.float32(random.uniform(5, 18)),
            int(random.integers(1, 5)),
            random.uniform(0, 2 * math.pi),
        )
        for _ in range(9)
    ]
    slopes = [(across * x + along) * depth for across, along, _, _ in waves]
    share = (wet[top:bottom] / np.float32(255))[:, :, None]
    still = backdrop[top:bottom].astype(np.float32)
    pictures = []
    for number in range(PICTURES):
        turn = 2 * math.pi * number / PICTURES
        swell = sum(
            np.sin(slope + np.float32(turns * turn + phase))
            for slope, (_, _, turns, phase) in zip(slopes, waves, strict=True)
        )
        glint = np.clip(swell / 3, -1, 1.6) * near
        lit = still + np.float32(strength) * glint[:, :, None] * share
        pictures.append(np.clip(lit, 0, 255).astype(np.uint8))
    return Water(top, bottom, tuple(pictures))
