# SPDX-License-Identifier: Apache-2.0
"""Drawn scenes: a street with a texture, sensor noise, and figures that walk as they are told."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jiedao.vision import Event, Frame, Luma, Sighting, Watcher, ZonePlan

WIDTH, HEIGHT = 640, 360
Picture = NDArray[np.float32]


@dataclass(frozen=True)
class Figure:
    """Somebody whose foot point goes along a path of (t_s, x, y), straight between the points."""

    path: Sequence[tuple[float, float, float]]
    height: float = 0.22
    shade: int = 40

    def foot(self, t_s: float) -> tuple[float, float] | None:
        """Where the foot point is, or None before the first and after the last point."""
        times = [point[0] for point in self.path]
        if not times[0] <= t_s <= times[-1]:
            return None
        return (
            float(np.interp(t_s, times, [point[1] for point in self.path])),
            float(np.interp(t_s, times, [point[2] for point in self.path])),
        )


@dataclass
class Scene:
    """A street seen by one camera.

    Attributes:
        light: brightness added to the whole picture at a time.
        noise: standard deviation of the sensor, in luma steps.
    """

    figures: Sequence[Figure] = ()
    light: Callable[[float], float] = lambda _t_s: 0.0
    noise: float = 2.0
    seed: int = 1
    ground: Picture = field(init=False)

    def __post_init__(self) -> None:
        chance = np.random.default_rng(self.seed)
        coarse = chance.normal(0, 14, (HEIGHT // 8, WIDTH // 8)).astype(np.float32)
        self.ground = 130 + np.kron(coarse, np.ones((8, 8), np.float32))
        self._chance = chance

    def at(self, t_s: float) -> Luma:
        """The picture at a time."""
        picture = self.ground + self.light(t_s)
        for figure in self.figures:
            foot = figure.foot(t_s)
            if foot is not None:
                _draw(picture, foot, figure)
        picture = picture + self._chance.normal(0, self.noise, picture.shape)
        return np.clip(picture, 0, 255).astype(np.uint8)

    def frames(self, until_s: float, fps: float = 5.0, from_s: float = 0.0) -> Iterator[Frame]:
        for i in range(int((until_s - from_s) * fps) + 1):
            t_s = from_s + i / fps
            yield Frame(self.at(t_s), t_s)


def _draw(picture: Picture, foot: tuple[float, float], figure: Figure) -> None:
    """A body with a lighter head, its bottom centre at the foot point."""
    tall = figure.height * HEIGHT
    wide = tall * 0.36
    x, y = foot[0] * WIDTH, foot[1] * HEIGHT
    left, right = max(0, round(x - wide / 2)), max(0, round(x + wide / 2))
    top, neck, bottom = round(y - tall), round(y - 0.8 * tall), round(y)
    picture[max(0, neck) : max(0, bottom), left:right] = figure.shade
    inset = round(wide * 0.25)
    picture[max(0, top) : max(0, neck), left + inset : right - inset] = min(255, figure.shade + 60)


def watch(scene: Scene, plan: ZonePlan, until_s: float, fps: float = 5.0) -> list[Sighting]:
    """Every sighting of a scene from its start."""
    watcher = Watcher(plan)
    return [watcher.see(frame) for frame in scene.frames(until_s, fps)]


def events(sightings: Sequence[Sighting]) -> list[Event]:
    return [event for sighting in sightings for event in sighting.events]


A_LINE = ZonePlan.parse(
    {"lines": [{"name": "kerb", "points": [[0.5, 0.3], [0.5, 1.0]]}], "target": "person"}
)
A_ZONE = ZonePlan.parse(
    {"zones": [{"name": "bank", "polygon": [[0.5, 0.4], [0.9, 0.4], [0.9, 0.95], [0.5, 0.95]]}]}
)
