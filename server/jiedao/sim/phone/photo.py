# SPDX-License-Identifier: Apache-2.0
"""The photo that a simulated phone takes: a drawn scene that says DEMO, never a real place."""

from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from jiedao.sim.camera.scenes import make

WIDTH_PX, HEIGHT_PX = 960, 720
FOOTER_PX = 54


def take(stamp: str, seed: int, scene: str = "bridge") -> bytes:
    """A JPEG of a drawn scene with nobody in it, held by hand: each seed frames it differently.

    Args:
        stamp: Latin text burned in below, such as the time.
        seed: of framing and light.
        scene: the name of a drawn scene.
    """
    dice = np.random.default_rng(seed)
    backdrop = _backdrop(scene)
    rows, columns = backdrop.shape[:2]
    high = int(rows * dice.uniform(0.78, 0.98))
    wide = high * WIDTH_PX // HEIGHT_PX
    left = int(dice.integers(0, columns - wide + 1))
    top = int(dice.integers(0, rows - high + 1))
    part = backdrop[top : top + high, left : left + wide]
    image = cv2.resize(part, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_CUBIC)
    # A phone's picture is lighter than that of a camera under a bridge, and a little grainy.
    light = image * dice.uniform(1.15, 1.35) + dice.uniform(2, 10)
    grainy = np.clip(light + dice.normal(0, 2.5, image.shape), 0, 255).astype(np.uint8)
    cv2.rectangle(grainy, (0, HEIGHT_PX - FOOTER_PX), (WIDTH_PX, HEIGHT_PX), (28, 24, 20), -1)
    at, font = (20, HEIGHT_PX - 18), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(grainy, f"DEMO  {stamp}", at, font, 0.9, (236, 236, 236), 2, cv2.LINE_AA)
    _, coded = cv2.imencode(".jpg", grainy, [cv2.IMWRITE_JPEG_QUALITY, 84])
    return bytes(coded.tobytes())


@cache
def _backdrop(scene: str) -> npt.NDArray[np.uint8]:
    """Painted once, water and all; a process of phones takes many photos."""
    found = make(scene)
    image = found.backdrop.copy()
    for layer in found.layers:
        layer(image, 0.0)
    return image
