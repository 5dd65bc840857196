# SPDX-License-Identifier: Apache-2.0
"""How much of a busy street the rules cannot judge, from a cold start.

Twelve figures never stop moving, so that the picture is never quiet. An analysed frame counts as
blind if its sighting says so. Beside it stands how long the first judgement took, and the share
of figures that are believed to be there, on the mean of all frames: figures that pass before one
another are one to motion alone.
"""

import argparse
import sys

import numpy as np

from bench.moving_scene import MovingScene
from bench.report import Target, conclude
from jiedao.vision import Frame, Watcher, ZonePlan

TARGETS: dict[str, Target] = {
    "blind_share": ("<=", 0.01),
    "first_judgement_s": ("<=", 1.0),
}
FIGURES, FPS, FRAMES, SEED = 12, 5.0, 600, 11
WIDTH, HEIGHT = 640, 360
PLAN = ZonePlan.parse({"lines": [{"name": "line", "points": [[0.5, 0.1], [0.5, 1.0]]}]})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args(arguments).json
    scene, watcher = MovingScene(WIDTH, HEIGHT, FIGURES, SEED), Watcher(PLAN)
    first_s = FRAMES / FPS
    found: list[int] = []
    for i in range(FRAMES):
        sighting = watcher.see(Frame(scene.at(i / FPS), i / FPS))
        if not sighting.blind:
            first_s = min(first_s, i / FPS)
        found.append(len(sighting.boxes))
    figures = {
        "blind_share": watcher.blind_share,
        "first_judgement_s": first_s,
        "found_share": float(np.mean(found)) / FIGURES,
    }
    data = f"{FIGURES} drawn figures, {FRAMES} frames at {FPS:g} fps, {WIDTH}x{HEIGHT}, seed {SEED}"
    return conclude("blind", data, figures, TARGETS, as_json=as_json)


if __name__ == "__main__":
    sys.exit(main())
