# SPDX-License-Identifier: Apache-2.0
"""The photo that a simulated phone takes: a drawn scene that says DEMO, never a real place."""

import cv2
import numpy as np

WIDTH_PX, HEIGHT_PX = 960, 720


def take(stamp: str, seed: int) -> bytes:
    """A JPEG of a river bank with nobody near the water.

    Args:
        stamp: Latin text burned in below, such as the time.
        seed: of the weather and the trees.
    """
    dice = np.random.default_rng(seed)
    image = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    horizon, shore = 250, 470
    sky = np.linspace(205, 165, horizon)[:, None] + np.array([8, 2, -6])
    image[:horizon] = np.clip(sky, 0, 255)[:, None, :]
    water = np.linspace(0, 1, shore - horizon)[:, None]
    image[horizon:shore] = ((1 - water) * (150, 140, 118) + water * (104, 98, 80))[:, None, :]
    bank = np.linspace(0, 1, HEIGHT_PX - shore)[:, None]
    image[shore:] = ((1 - bank) * (128, 134, 136) + bank * (96, 104, 108))[:, None, :]
    for _ in range(26):
        x, size = int(dice.integers(0, WIDTH_PX)), int(dice.integers(14, 44))
        green = int(dice.integers(84, 120))
        cv2.circle(image, (x, horizon - size // 3), size, (green - 24, green, green - 18), -1)
    for _ in range(60):
        x, y = int(dice.integers(0, WIDTH_PX)), int(dice.integers(horizon + 30, shore - 10))
        cv2.line(image, (x, y), (x + int(dice.integers(20, 70)), y), (168, 160, 140), 1)
    for x in range(30, WIDTH_PX, 64):
        cv2.line(image, (x, shore + 6), (x, shore - 52), (88, 96, 98), 5)
    cv2.line(image, (0, shore - 46), (WIDTH_PX, shore - 46), (96, 104, 106), 5)
    noise = dice.normal(0, 3, image.shape)
    image = np.clip(cv2.GaussianBlur(image, (3, 3), 0) + noise, 0, 255).astype(np.uint8)
    cv2.rectangle(image, (0, HEIGHT_PX - 54), (WIDTH_PX, HEIGHT_PX), (28, 24, 20), -1)
    at = (20, HEIGHT_PX - 18)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(image, f"DEMO  {stamp}", at, font, 0.9, (236, 236, 236), 2, cv2.LINE_AA)
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 82])
    return bytes(coded.tobytes())
