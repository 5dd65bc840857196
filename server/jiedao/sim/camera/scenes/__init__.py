# SPDX-License-Identifier: Apache-2.0
"""The drawn scenes, one file each."""

from collections.abc import Callable

from jiedao.sim.camera.scenes import bridge, high, market, station
from jiedao.sim.camera.scenes.stage import Set

SCENES: dict[str, Callable[[], Set]] = {
    "bridge": bridge.make,
    "market": market.make,
    "station": station.make,
    "high": high.make,
}


def make(name: str) -> Set:
    """Paint a scene; KeyError if there is none of that name."""
    return SCENES[name]()
