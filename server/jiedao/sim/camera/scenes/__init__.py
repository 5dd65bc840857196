# SPDX-License-Identifier: Apache-2.0
"""The drawn scenes, one file each."""

from collections.abc import Callable

from jiedao.sim.camera.scenes import bridge
from jiedao.sim.camera.scenes.stage import Set

SCENES: dict[str, Callable[[], Set]] = {"bridge": bridge.make}


def make(name: str) -> Set:
    """Paint a scene; KeyError if there is none of that name."""
    return SCENES[name]()
