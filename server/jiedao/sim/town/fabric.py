# SPDX-License-Identifier: Apache-2.0
"""What fills a community: small roads, blocks and buildings, split again and again like real land.

A community's rectangle is cut into the cells between arterial roads, each cell into blocks by
small roads, each block into plots, each plot holds a building. Villages are little patches of the
same, turned out of true, round a lane. All on the drawing board; `bend` puts it on the ground.
"""

import math
import random
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from jiedao.sim.town.layout import Community, Layout, U, V
from jiedao.sim.town.plane import Points, distance_m, thin


class Box(NamedTuple):
    """A rectangle on the board: u0 <= u1, v0 <= v1, metres."""

    u0: float
    v0: float
    u1: float
    v1: float

    @property
    def width(self) -> float:
        return self.u1 - self.u0

    @property
    def height(self) -> float:
        return self.v1 - self.v0

    def shrunk(self, by: float) -> "Box":
        return Box(self.u0 + by, self.v0 + by, self.u1 - by, self.v1 - by)


class Grain(NamedTuple):
    """How fine a fabric is: block edge, plot edge, share of plots built, gap between buildings."""

    block_m: float
    plot_m: float
    built: float
    gap_m: float


GRAINS = {
    "old": Grain(105, 42, 0.95, 3.0),
    "home": Grain(205, 72, 0.86, 10.0),
    "business": Grain(205, 84, 0.80, 15.0),
    "station": Grain(240, 95, 0.74, 14.0),
    "factory": Grain(310, 125, 0.86, 13.0),
    "rural": Grain(95, 40, 0.72, 6.0),
}
ARTERIAL_HALF_M = 19.0
LANE_HALF_M = 7.5


@dataclass(slots=True)
class Fabric:
    """One community's filling, on the ground.

    Attributes:
        buildings: rings of four corners each, (n, 4, 2).
        lanes: small roads as polylines.
        parks: closed rings of green blocks.
    """

    buildings: list[Points] = field(default_factory=list)
    lanes: list[Points] = field(default_factory=list)
    parks: list[Points] = field(default_factory=list)


@dataclass(slots=True)
class _Frame:
    """Where a patch's own rectangle lies on the board: turned about its middle."""

    u: float = 0.0
    v: float = 0.0
    turn_rad: float = 0.0
    crooked: Box | None = None

    def place(self, points: Points) -> Points:
        cos, sin = math.cos(self.turn_rad), math.sin(self.turn_rad)
        x, y = points[:, 0], points[:, 1]
        if self.crooked is not None:
            x, y = _crook(x, y, self.crooked)
        return np.stack([self.u + x * cos - y * sin, self.v + x * sin + y * cos], axis=1)


def _crook(x: Points, y: Points, box: Box) -> tuple[Points, Points]:
    """Make the lanes of an old quarter wind, ever less towards the straight roads round it."""
    a, b = (x - box.u0) / box.width, (y - box.v0) / box.height
    calm = np.clip(4 * a * (1 - a), 0, 1) * np.clip(4 * b * (1 - b), 0, 1)
    return (
        x + calm * (34 * np.sin(y / 95) + 12 * np.sin(y / 37 + 1)),
        y + calm * (30 * np.sin(x / 110 + 2) + 12 * np.sin(x / 41)),
    )


def weave(layout: Layout, community: Community, dice: random.Random) -> Fabric:
    """Fill one community."""
    fabric = Fabric()
    grain = GRAINS[community.fabric]
    if community.is_village:
        for frame, box in _patches(community, dice):
            _fill(fabric, frame, box, grain, dice, ragged=True)
    else:
        for c in range(*community.columns):
            for r in range(*community.rows):
                cell = Box(U[c], V[r], U[c + 1], V[r + 1]).shrunk(ARTERIAL_HALF_M)
                frame = _Frame(crooked=cell if community.fabric == "old" else None)
                _fill(fabric, frame, cell, grain, dice, ragged=False)
    _lay_out(layout, fabric)
    return _clear_ways(layout, fabric)


def _lay_out(layout: Layout, fabric: Fabric) -> None:
    """Bend all shapes onto the ground, in one go because that is a hundred times faster."""
    for shapes in (fabric.buildings, fabric.lanes, fabric.parks):
        if shapes:
            ends = np.cumsum([len(shape) for shape in shapes])[:-1]
            shapes[:] = np.split(layout.plane.ground(np.concatenate(shapes)), ends)


def _patches(community: Community, dice: random.Random) -> list[tuple[_Frame, Box]]:
    """Two or three hamlets of a village, well inside its borders."""
    u0, v0, u1, v1 = community.box
    hamlets = []
    wide = (u1 - u0) >= (v1 - v0)
    count = 4 if max(u1 - u0, v1 - v0) > 2500 else 3
    low = dice.random() < 0.5
    for i in range(count):
        along = (i + 0.5) / count + dice.uniform(-0.05, 0.05)
        across = dice.uniform(0.26, 0.42) if (i % 2 == 0) == low else dice.uniform(0.58, 0.76)
        at = (along, across) if wide else (across, along)
        half_u, half_v = dice.uniform(150, 340), dice.uniform(120, 240)
        frame = _Frame(
            u0 + (u1 - u0) * at[0], v0 + (v1 - v0) * at[1], math.radians(dice.uniform(-35, 35))
        )
        hamlets.append((frame, Box(-half_u, -half_v, half_u, half_v)))
    return hamlets


def hamlets(community: Community, dice: random.Random) -> list[tuple[float, float]]:
    """Board positions of a village's hamlets, for the roads that lead there (same dice)."""
    return [(frame.u, frame.v) for frame, _ in _patches(community, dice)]


def _fill(
    fabric: Fabric,
    frame: _Frame,
    area: Box,
    grain: Grain,
    dice: random.Random,
    *,
    ragged: bool,
) -> None:
    """Split an area into blocks by lanes and fill the blocks; ragged areas lose their corners."""
    todo = [area]
    while todo:
        box = todo.pop()
        cut = _cut(box, grain.block_m * dice.uniform(0.85, 1.5), dice)
        if cut is None:
            if not (ragged and _outside_oval(box, area, dice)):
                _build(fabric, frame, box, grain, dice, park=not ragged)
            continue
        first, second, line = cut
        if not (ragged and _outside_oval(box, area, dice)):
            steps = np.linspace(line[0], line[1], max(2, round(math.dist(*line) / 40)))
            fabric.lanes.append(frame.place(steps))
        todo += [first, second]


def _outside_oval(box: Box, area: Box, dice: random.Random) -> bool:
    u, v = (box.u0 + box.u1) / area.width, (box.v0 + box.v1) / area.height
    return u * u + v * v > dice.uniform(0.75, 1.15)


def _cut(
    box: Box, edge_m: float, dice: random.Random
) -> tuple[Box, Box, tuple[tuple[float, float], tuple[float, float]]] | None:
    """Cut the longer side near its middle, or None if the box is small enough."""
    if max(box.width, box.height) <= edge_m * 1.25:
        return None
    share = dice.uniform(0.38, 0.62)
    if box.width >= box.height:
        u = box.u0 + box.width * share
        line = ((u, box.v0), (u, box.v1))
        return Box(box.u0, box.v0, u, box.v1), Box(u, box.v0, box.u1, box.v1), line
    v = box.v0 + box.height * share
    line = ((box.u0, v), (box.u1, v))
    return Box(box.u0, box.v0, box.u1, v), Box(box.u0, v, box.u1, box.v1), line


def _build(
    fabric: Fabric,
    frame: _Frame,
    block: Box,
    grain: Grain,
    dice: random.Random,
    *,
    park: bool,
) -> None:
    inner = block.shrunk(LANE_HALF_M)
    if park and dice.random() < 0.05:
        fabric.parks.append(_outline(frame, inner, closed=True))
        return
    todo = [inner]
    while todo:
        box = todo.pop()
        cut = _cut(box, grain.plot_m * dice.uniform(0.8, 1.6), dice)
        if cut is not None:
            todo += cut[:2]
        elif dice.random() < grain.built:
            fabric.buildings.append(_footprint(frame, box, grain, dice))


def _footprint(frame: _Frame, plot: Box, grain: Grain, dice: random.Random) -> Points:
    """The building on a plot: set back a little differently on each side."""
    back = [grain.gap_m / 2 * dice.uniform(0.6, 1.7) for _ in range(4)]
    box = Box(plot.u0 + back[0], plot.v0 + back[1], plot.u1 - back[2], plot.v1 - back[3])
    return _outline(frame, box, closed=False)


def _outline(frame: _Frame, box: Box, *, closed: bool) -> Points:
    corners = [(box.u0, box.v0), (box.u1, box.v0), (box.u1, box.v1), (box.u0, box.v1)]
    if closed:
        corners.append(corners[0])
    return frame.place(np.array(corners))


def _clear_ways(layout: Layout, fabric: Fabric) -> Fabric:
    """Take away what would stand in water, on rails or on a through road."""
    fabric.buildings = _free(layout, fabric.buildings)
    fabric.parks = _free(layout, fabric.parks)
    fabric.lanes = _dry(layout, fabric.lanes)
    return fabric


def _free(layout: Layout, rings: list[Points]) -> list[Points]:
    if not rings:
        return []
    spots = np.concatenate([np.vstack([ring[:4], ring[:4].mean(axis=0)]) for ring in rings])
    blocked = layout.on_water_or_rails(spots, 20.0)
    for way, half_m in layout.obstacles:
        blocked |= distance_m(spots, way) < half_m
    free = np.flatnonzero(~blocked.reshape(-1, 5).any(axis=1))
    return [rings[i] for i in free]


def _dry(layout: Layout, lanes: list[Points]) -> list[Points]:
    """The pieces of the lanes that stay on dry land; stumps are dropped."""
    if not lanes:
        return []
    wet = layout.on_water_or_rails(np.concatenate(lanes), 26.0)
    ends = np.cumsum([len(lane) for lane in lanes])
    parts = []
    for lane, end in zip(lanes, ends.tolist(), strict=True):
        bad = wet[end - len(lane) : end]
        cuts = np.flatnonzero(np.diff(bad.astype(int))) + 1
        for part, start in zip(np.split(lane, cuts), (0, *cuts.tolist()), strict=True):
            if not bad[start] and len(part) > 1:
                parts.append(thin(part, 1.0))
    return parts
