# SPDX-License-Identifier: Apache-2.0
"""Boxes (left, top, right, bottom) in working pixels: overlaps, and pairing two sets of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

PixelBox = tuple[float, float, float, float]
Boxes = NDArray[np.float32]

GATE: Final = 0.6  # Farthest a centre may be from the prediction, in box diagonals.
UNLIKE_MOST: Final = 0.7  # Boxes apart differ in height at most by this (natural logarithm).


def as_array(boxes: Sequence[PixelBox]) -> Boxes:
    """float32, (n, 4), also for none."""
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def area_of(box: PixelBox) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def moved_by(box: PixelBox, dx: float, dy: float) -> PixelBox:
    return box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def shift_into(box: PixelBox, region: PixelBox) -> PixelBox:
    """The box, moved as little as brings it into the region; centred along a side too short."""
    dx = _shift(box[0], box[2], region[0], region[2])
    dy = _shift(box[1], box[3], region[1], region[3])
    return moved_by(box, dx, dy)


def _shift(low: float, high: float, least: float, most: float) -> float:
    if high - low >= most - least:
        return (least + most - low - high) / 2
    return max(0.0, least - low) - max(0.0, high - most)


def shares(inner: Boxes, outer: Boxes) -> Boxes:
    """For each inner box (rows), the share of it that lies within each outer box (columns)."""
    x0, y0, x1, y1 = np.ascontiguousarray(inner.T)[:, :, None]
    left, top, right, bottom = np.ascontiguousarray(outer.T)
    w = np.minimum(x1, right)
    w -= np.maximum(x0, left)
    np.maximum(w, 0, out=w)
    h = np.minimum(y1, bottom)
    h -= np.maximum(y0, top)
    np.maximum(h, 0, out=h)
    w *= h
    out: Boxes = w / areas(inner)[:, None]
    return out


def areas(boxes: Boxes) -> Boxes:
    """The area of each box, never quite 0."""
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    out: Boxes = np.maximum(sizes, np.float32(1e-6))
    return out


def common_px(a: PixelBox, b: PixelBox) -> float:
    """The area that two boxes share."""
    w, h = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return w * h if w > 0 and h > 0 else 0.0


def likeness(a: PixelBox, b: PixelBox) -> float:
    """Overlap of two boxes, as a share of what they cover together."""
    common = common_px(a, b)
    return common / max(1e-6, area_of(a) + area_of(b) - common)


def iou(box: PixelBox, others: Boxes) -> Boxes:
    """Overlap of one box with each of the others, as a share of what the two cover together."""
    w = np.minimum(others[:, 2], box[2]) - np.maximum(others[:, 0], box[0])
    h = np.minimum(others[:, 3], box[3]) - np.maximum(others[:, 1], box[1])
    common = np.clip(w, 0, None) * np.clip(h, 0, None)
    areas = (others[:, 2] - others[:, 0]) * (others[:, 3] - others[:, 1])
    shares: Boxes = common / np.maximum(areas + np.float32(area_of(box)) - common, 1e-6)
    return shares


def assign(
    ahead: Sequence[PixelBox],
    looks: Sequence[PixelBox],
    slack: Sequence[float] | None = None,
    barred: NDArray[np.bool_] | None = None,
) -> tuple[list[tuple[int, int]], list[int], list[int]]:
    """Pair predicted boxes with seen ones, best first, each at most once.

    Args:
        slack: for each predicted box, how many times the usual gate it may be off.
        barred: pairs (ahead, seen) that are out of the question.

    Returns:
        pairs (index ahead, index seen), then the unpaired of either.
    """
    if not ahead or not looks:
        return [], list(range(len(ahead))), list(range(len(looks)))
    factors = np.ones(len(ahead), np.float32) if slack is None else np.asarray(slack, np.float32)
    a, b = as_array(ahead), as_array(looks)
    i, j = _near(a, b, factors, barred)
    cost = _cost(a[i], b[j], factors[i])
    likely = np.flatnonzero(cost < 1.0)
    order = likely[np.argsort(cost[likely], kind="stable")]
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for one, other in zip(i[order].tolist(), j[order].tolist(), strict=True):
        if one not in taken_a and other not in taken_b:
            taken_a.add(one)
            taken_b.add(other)
            pairs.append((one, other))
    return (
        pairs,
        [one for one in range(len(ahead)) if one not in taken_a],
        [other for other in range(len(looks)) if other not in taken_b],
    )


def _near(
    a: Boxes, b: Boxes, slack: Boxes, barred: NDArray[np.bool_] | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the pairs that may be within reach or overlap: few of all."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = _centred(a), _centred(b)
    reach = GATE * slack * (np.hypot(aw, ah) + 3)
    near = np.abs(ax[:, None] - bx) < np.maximum(reach[:, None], (aw[:, None] + bw) / 2)
    near &= np.abs(ay[:, None] - by) < np.maximum(reach[:, None], (ah[:, None] + bh) / 2)
    if barred is not None:
        near &= ~barred
    rows, columns = np.nonzero(near)
    return rows, columns


def _centred(boxes: Boxes) -> tuple[Boxes, Boxes, Boxes, Boxes]:
    """Centre x, centre y, width and height."""
    x0, y0, x1, y1 = np.ascontiguousarray(boxes.T)
    return (x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0


def _cost(a: Boxes, b: Boxes, slack: Boxes) -> Boxes:
    """How unlikely each pair of a row of `a` with the same row of `b` is.

    0 is the same box, 1 and more is out of reach.
    """
    (ax, ay, aw, ah), (bx, by, bw, bh) = _centred(a), _centred(b)
    common_w = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    common_h = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    common = np.clip(common_w, 0, None) * np.clip(common_h, 0, None)
    shared = common / np.maximum(aw * ah + bw * bh - common, 1e-6)
    reach = np.minimum(np.hypot(aw, ah), np.hypot(bw, bh)) + 3
    far = np.hypot(ax - bx, ay - by) / (GATE * reach * slack)
    unlike = np.abs(np.log(np.maximum(ah, 1) / np.maximum(bh, 1)))
    cost = np.minimum(0.5 * far + 0.4 * (1 - shared) + 0.15 * unlike, 0.99)
    within = ((far < 1) & (unlike < UNLIKE_MOST)) | (shared > 0.2)
    out: Boxes = np.where(within, cost, 2.0).astype(np.float32)
    return out
