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
    w = np.minimum(inner[:, None, 2], outer[None, :, 2])
    w -= np.maximum(inner[:, None, 0], outer[None, :, 0])
    h = np.minimum(inner[:, None, 3], outer[None, :, 3])
    h -= np.maximum(inner[:, None, 1], outer[None, :, 1])
    out: Boxes = (np.maximum(w, 0) * np.maximum(h, 0) / areas(inner)[:, None]).astype(np.float32)
    return out


def areas(boxes: Boxes) -> Boxes:
    """The area of each box, never quite 0."""
    sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    out: Boxes = np.maximum(sizes, np.float32(1e-6))
    return out


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
    cost = _cost(as_array(ahead), as_array(looks), factors)
    if barred is not None:
        cost[barred] = 2.0
    candidates = np.argwhere(cost < 1.0)
    order = np.argsort(cost[candidates[:, 0], candidates[:, 1]], kind="stable")
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for i, j in candidates[order].tolist():
        if i not in taken_a and j not in taken_b:
            taken_a.add(i)
            taken_b.add(j)
            pairs.append((i, j))
    return (
        pairs,
        [i for i in range(len(ahead)) if i not in taken_a],
        [j for j in range(len(looks)) if j not in taken_b],
    )


def _cost(a: Boxes, b: Boxes, slack: Boxes) -> Boxes:
    """How unlikely each pair is: 0 is the same box, 1 and more is out of reach."""
    overlap_w = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])
    overlap_h = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])
    common = np.clip(overlap_w, 0, None) * np.clip(overlap_h, 0, None)
    wa, ha = a[:, 2] - a[:, 0], a[:, 3] - a[:, 1]
    wb, hb = b[:, 2] - b[:, 0], b[:, 3] - b[:, 1]
    shared = common / np.maximum((wa * ha)[:, None] + (wb * hb)[None, :] - common, 1e-6)
    dx = (a[:, None, 0] + a[:, None, 2] - b[None, :, 0] - b[None, :, 2]) / 2
    dy = (a[:, None, 1] + a[:, None, 3] - b[None, :, 1] - b[None, :, 3]) / 2
    reach = np.minimum(np.hypot(wa, ha)[:, None], np.hypot(wb, hb)[None, :]) + 3
    far = np.hypot(dx, dy) / (GATE * reach * slack[:, None])
    unlike = np.abs(np.log(np.maximum(ha, 1)[:, None] / np.maximum(hb, 1)[None, :]))
    cost = np.minimum(0.5 * far + 0.4 * (1 - shared) + 0.15 * unlike, 0.99)
    within = ((far < 1) & (unlike < UNLIKE_MOST)) | (shared > 0.2)
    out: Boxes = np.where(within, cost, 2.0).astype(np.float32)
    return out
