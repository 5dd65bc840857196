# SPDX-License-Identifier: Apache-2.0
"""What following costs with many objects, and whether they keep their numbers.

Boxes walk about at random, each seen in every frame; the CPU is that of `Tracker.see` alone, by
this process's own clock. Identities: pairs walk towards each other and pass, their boxes
overlapping for some frames; a pair counts if both keep their number. Left out: pictures (what
melts into one region is followed by its pattern) and what a detector adds.
"""

import argparse
import sys
import time

import numpy as np

from bench.report import Target, conclude
from jiedao.vision.tracks import Look, Tracker

TARGETS: dict[str, Target] = {
    "tracker_ms_60_objects": ("<=", 1.5),
    "tracker_ms_200_objects": ("<=", 4.0),
    "pairs_kept_share": (">=", 0.95),
}
SEED, FRAMES, STEP_S = 7, 100, 0.2
PAIRS = 60


def tracker_ms(objects: int) -> float:
    """CPU of the tracker for each frame, with so many objects walking about."""
    chance = np.random.default_rng(SEED)
    at = chance.uniform(0, 1, (objects, 2)) * (600, 300)
    speed = chance.normal(0, 8, (objects, 2))
    tracker = Tracker()
    spent_s = 0.0
    for i in range(FRAMES):
        at += speed * STEP_S
        looks = [Look((x, y, x + 8.0, y + 20.0)) for x, y in at.tolist()]
        begun_s = time.process_time()
        tracker.see(looks, i * STEP_S)
        spent_s += time.process_time() - begun_s
    return spent_s / FRAMES * 1e3


def pairs_kept() -> float:
    """Share of passing pairs whose two members both keep their number."""
    chance = np.random.default_rng(SEED)
    return float(np.mean([_pass(*chance.uniform((-6, 6), (6, 14))) for _ in range(PAIRS)]))


def _pass(apart_px: float, speed_px_s: float) -> bool:
    """Two bodies of 12 x 36 px come from 60 px left and right and pass, one behind the other."""
    tracker = Tracker()
    numbers: list[tuple[int, ...]] = []
    for i in range(round(120 / speed_px_s / STEP_S)):
        way = speed_px_s * i * STEP_S
        boxes = [(way, 0.0, way + 12, 36.0), (120 - way, apart_px, 132 - way, 36 + apart_px)]
        tracker.see([Look(box) for box in boxes], i * STEP_S)
        nearest = [
            min(tracker.tracks, key=lambda track: abs(track.box[0] - box[0])).number
            for box in (boxes if way < 40 or way > 80 else ())
        ]
        numbers.append(tuple(nearest))
    seen = [pair for pair in numbers if pair]
    return bool(seen) and seen[1] == seen[-1]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args(arguments).json
    figures = {f"tracker_ms_{n}_objects": tracker_ms(n) for n in (60, 200)}
    figures["pairs_kept_share"] = pairs_kept()
    data = f"drawn boxes, {FRAMES} frames, {PAIRS} passing pairs, seed {SEED}"
    return conclude("tracker", data, figures, TARGETS, as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
