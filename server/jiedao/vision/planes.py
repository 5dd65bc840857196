# SPDX-License-Identifier: Apache-2.0
"""Arithmetic on whole picture planes, in OpenCV's fast paths, with types that hold.

A plane is uint8 (height, width); a mask is a plane of 0 and 255.
"""

from typing import Any, Final

import cv2 as _cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]
Mask = NDArray[np.uint8]
FloatPlane = NDArray[np.float32]
Area = tuple[slice, slice]

# OpenCV's stubs know neither scalars nor element types, so it is taken untyped, here only.
cv2: Any = _cv2
cv2.setNumThreads(1)  # Cameras are spread over threads already; more would fight for the cores.

_CROSS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
_SQUARE: Final = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 3))
_TALL: Final = cv2.getStructuringElement(cv2.MORPH_RECT, (3, 5))


def shrink(plane: Plane, side_px: int) -> Plane:
    """The picture with its longest side at `side_px` or less, contiguous."""
    height, width = plane.shape
    factor = max(height, width) / side_px
    if factor <= 1:
        return np.ascontiguousarray(plane)
    size = (max(1, round(width / factor)), max(1, round(height / factor)))
    step = int(factor)
    if step > 1:
        # Averaging whole squares first keeps sensor noise down and is the fast path.
        height, width = max(step, height // step * step), max(step, width // step * step)
        halfway = (width // step, height // step)
        plane = cv2.resize(plane[:height, :width], halfway, interpolation=cv2.INTER_AREA)
    shrunk: Plane = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return shrunk


def resized(image: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture of any number of channels at another (width, height)."""
    out: NDArray[np.uint8] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return out


def bgr_of_yuv420(luma: Plane, blue: Plane, red: Plane) -> NDArray[np.uint8]:
    """The colour picture, uint8, (height, width, 3), of the three planes of a decoder.

    Args:
        luma: (height, width).
        blue, red: (ceil(height / 2), ceil(width / 2)).
    """
    height, width = luma.shape[0] & ~1, luma.shape[1] & ~1
    rows = height * 3 // 2
    planes = np.empty(rows * width, np.uint8)
    planes[: height * width] = luma[:height, :width].ravel()
    half = height * width // 4
    planes[height * width : height * width + half] = blue[: height // 2, : width // 2].ravel()
    planes[height * width + half :] = red[: height // 2, : width // 2].ravel()
    out: NDArray[np.uint8] = cv2.cvtColor(planes.reshape(rows, width), cv2.COLOR_YUV2BGR_I420)
    return out


def blurred(plane: Plane) -> Plane:
    """Each pixel averaged with its neighbours."""
    out: Plane = cv2.GaussianBlur(plane, (3, 3), 0)
    return out


def difference(a: Plane, b: Plane) -> Plane:
    out: Plane = cv2.absdiff(a, b)
    return out


def above(plane: Plane, level: int | Plane) -> Mask:
    """Where the plane is greater than a number, or than another plane."""
    out: Mask = cv2.compare(plane, level, cv2.CMP_GT)
    return out


def below(plane: Plane, level: int) -> Mask:
    """Where the plane is less than a number."""
    out: Mask = cv2.compare(plane, level, cv2.CMP_LT)
    return out


def raised(plane: Plane, by: int) -> Plane:
    """The plane plus a number, stopping at 255."""
    out: Plane = cv2.add(plane, by)
    return out


def raise_where(plane: Plane, by: int, where: Mask, most: int) -> None:
    """Add a number in place where the mask is set, stopping at `most`."""
    cv2.add(plane, by, plane, where)
    cv2.min(plane, most, plane)


def clear_where(plane: Plane, where: Mask) -> None:
    """Set to 0 in place where the mask is set."""
    cv2.bitwise_and(plane, cv2.bitwise_not(where), plane)


def copy_where(source: Plane, where: Mask, target: Plane) -> None:
    cv2.copyTo(source, where, target)


def average_where(mean: FloatPlane, sample: Plane, gain: float, where: Mask) -> None:
    """Move a running mean towards a sample in place, where the mask is set."""
    cv2.accumulateWeighted(sample, mean, gain, where)


def rounded(plane: FloatPlane, gain: float = 1.0, offset: float = 0.0) -> Plane:
    """gain * plane + offset as uint8, stopping at 255; the plane is not negative."""
    out: Plane = cv2.convertScaleAbs(plane, alpha=gain, beta=offset)
    return out


def count(mask: Mask) -> int:
    """How many pixels of a mask are set."""
    return int(cv2.countNonZero(mask))


def mean(plane: Plane, where: Mask) -> float:
    return float(cv2.mean(plane, where)[0])


def column_fill(mask: Mask) -> NDArray[np.int32]:
    """How many pixels of each column are set, times 255."""
    out: NDArray[np.int32] = cv2.reduce(mask, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0]
    return out


def tidied(mask: Mask) -> Mask:
    """Without single pixels, and with the small gaps of a standing body closed."""
    out: Mask = cv2.morphologyEx(opened(mask), cv2.MORPH_CLOSE, _TALL)
    return out


def opened(mask: Mask) -> Mask:
    """Without what is thinner than three pixels."""
    out: Mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, _CROSS)
    return out


def bridged(mask: Mask, gap_px: int) -> Mask:
    """With gaps of up to so many pixels between its parts filled."""
    out: Mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap_px, gap_px), np.uint8))
    return out


def grown(mask: Mask) -> Mask:
    """One pixel larger all round."""
    out: Mask = cv2.dilate(mask, _SQUARE)
    return out


def outline(plane: Plane) -> Plane:
    """Local contrast: the greatest minus the least of each pixel's neighbourhood."""
    out: Plane = cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, _SQUARE)
    return out


def regions(mask: Mask, least_px: int, most: int) -> list[tuple[Area, Mask]]:
    """The connected parts of a mask, holes included, as areas and masks of their size.

    Args:
        least_px: smaller parts are left out.
        most: of more parts than this only the largest are given.
    """
    outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    if len(outlines) > most:
        outlines = sorted(outlines, key=cv2.contourArea, reverse=True)[:most]
    found: list[tuple[Area, Mask]] = []
    for one in outlines:
        x, y, w, h = cv2.boundingRect(one)
        if w * h < least_px:
            continue
        area = (slice(y, y + h), slice(x, x + w))
        own = np.zeros((h, w), np.uint8)
        cv2.drawContours(own, [one], 0, 255, cv2.FILLED, offset=(-x, -y))
        own &= mask[area]
        if count(own) >= least_px:
            found.append((area, own))
    return found


def best_match(field: Plane, pattern: Plane) -> tuple[float, int, int]:
    """Where a pattern fits best in a larger field: likeness -1..1, left, top."""
    _, likeness, _, (x, y) = cv2.minMaxLoc(cv2.matchTemplate(field, pattern, cv2.TM_CCOEFF_NORMED))
    return float(likeness), int(x), int(y)
