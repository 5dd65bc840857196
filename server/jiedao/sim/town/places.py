# SPDX-License-Identifier: Apache-2.0
"""The spatial tree: street, communities, grids, and what stands in them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from jiedao.sim.town import names
from jiedao.sim.town.fabric import Fabric
from jiedao.sim.town.ids import dice_for, stable_id
from jiedao.sim.town.layout import CODE, NAME, Community, Layout, ring_of
from jiedao.sim.town.plane import Points, inside

Json = dict[str, Any]
GRIDS_PER_COMMUNITY = 3
PREMISES_KINDS = {"stall": "小档口", "workshop": "小作坊", "amusement": "小娱乐"}
# How many small premises and enterprises a community draws, by what it is built of.
_PULL = {"old": 5.0, "business": 3.0, "station": 2.0, "home": 2.2, "factory": 2.4, "rural": 1.0}
_FIRM_PULL = {"old": 1.0, "business": 4, "station": 2, "home": 1.2, "factory": 22, "rural": 0.8}


class Counts(NamedTuple):
    """How much of everything a size of town has."""

    premises: int
    firms: int
    buildings_per_grid: int


SIZES = {"full": Counts(9615, 1000, 7), "small": Counts(60, 6, 2)}


@dataclass(slots=True)
class Grid:
    """A grid cell: its place row, and its border on the ground."""

    place: Json
    ring: Points
    community: Community


@dataclass(slots=True)
class Tree:
    """All places, with quick ways into them.

    Attributes:
        rows: place rows, parents before children.
        by_code: row by code.
        grids: all grids.
        firm_sites: (place row, number) of each enterprise's site.
    """

    layout: Layout
    rows: list[Json] = field(default_factory=list)
    by_code: dict[str, Json] = field(default_factory=dict)
    grids: list[Grid] = field(default_factory=list)

    def add(
        self,
        code: str,
        kind: str,
        name: str,
        parent: Json | None,
        spot: Sequence[float],
        ring: Points | None = None,
    ) -> Json:
        """Hang a place under its parent; `spot` and `ring` are ground metres."""
        lon, lat = self._globe(np.array([spot]))[0]
        row: Json = {
            "id": stable_id("place", code),
            "code": code,
            "kind": kind,
            "name": name,
            "parent": None if parent is None else parent["id"],
            "path": f"{'/' if parent is None else parent['path']}{code}/",
            "lon": lon,
            "lat": lat,
            "geometry": None
            if ring is None
            else {"type": "Polygon", "coordinates": [self._globe(ring)]},
        }
        self.rows.append(row)
        self.by_code[code] = row
        return row

    def grid_at(self, x: float, y: float) -> Json:
        """The grid that a ground point lies in; the street where no grid holds it."""
        at = np.array([[x, y]])
        for grid in self.grids:
            low, high = grid.ring.min(axis=0), grid.ring.max(axis=0)
            if (at > low).all() and (at < high).all() and inside(at, grid.ring[:-1])[0]:
                return grid.place
        return self.rows[0]

    def _globe(self, points: Points) -> list[list[float]]:
        return np.round(self.layout.plane.globe(points), 6).tolist()  # type: ignore[no-any-return]


def grow(
    layout: Layout,
    town: tuple[Community, ...],
    fabrics: dict[str, Fabric],
    size: str,
    seed: int,
) -> Tree:
    """Build the whole tree."""
    tree, counts = Tree(layout), SIZES[size]
    street = tree.add(CODE, "street", NAME, None, (0.0, 0.0), layout.outline)
    for community in town:
        _add_community(tree, street, community)
    _add_sights(tree)
    spots = {
        grid.place["code"]: _buildings_in(grid, fabrics[grid.community.code]) for grid in tree.grids
    }
    _add_buildings(tree, spots, counts.buildings_per_grid, dice_for(seed, "buildings"))
    _add_premises(tree, spots, counts.premises, dice_for(seed, "premises"))
    _add_firms(tree, spots, counts.firms, dice_for(seed, "firms"))
    return tree


def _add_community(tree: Tree, street: Json, community: Community) -> None:
    plane, box = tree.layout.plane, community.box
    kind = "village" if community.is_village else "community"
    middle = plane.ground(np.array([[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]]))[0]
    ring = plane.ground(ring_of(box))
    row = tree.add(community.code, kind, community.name, street, middle, ring)
    for i in range(GRIDS_PER_COMMUNITY):
        part = _third(box, i)
        at = plane.ground(np.array([[(part[0] + part[2]) / 2, (part[1] + part[3]) / 2]]))[0]
        edge = plane.ground(ring_of(part))
        name = f"{community.name}第{'一二三'[i]}网格"
        place = tree.add(f"{community.code}G{i + 1}", "grid", name, row, at, edge)
        tree.grids.append(Grid(place, edge, community))


def _third(box: tuple[float, float, float, float], i: int) -> tuple[float, float, float, float]:
    u0, v0, u1, v1 = box
    if u1 - u0 >= v1 - v0:
        return u0 + (u1 - u0) * i / 3, v0, u0 + (u1 - u0) * (i + 1) / 3, v1
    return u0, v0 + (v1 - v0) * i / 3, u1, v0 + (v1 - v0) * (i + 1) / 3


def _add_sights(tree: Tree) -> None:
    """The places that the demo is about; each hangs in the grid it lies in."""
    sights = tree.layout.sights
    for code, kind, name, key, half in (
        ("RISK001", "risk_point", "青石大桥桥底河岸", "bank", (30.0, 9.0)),
        ("STN001", "station", "青石站", "station", (95.0, 24.0)),
        ("STN002", "plaza", "青石站站前广场", "station_plaza", (60.0, 45.0)),
        ("MKT001", "market_street", "南市街", "market", (70.0, 7.0)),
        ("MKT002", "market", "南市菜场", "market_hall", (35.0, 25.0)),
        ("SCH001", "school", "南市小学", "school", (50.0, 32.0)),
        ("BIZ001", "business_centre", "云锦商务区", "business", (160.0, 110.0)),
        ("FAC001", "factory_town", "兴业工业园", "factory", (210.0, 180.0)),
        ("OLD001", "old_quarter", "柳巷老街区", "old_quarter", (150.0, 130.0)),
    ):
        x, y = sights[key]
        tree.add(code, kind, name, tree.grid_at(x, y), (x, y), _rectangle(x, y, *half))
    river = tree.layout.bank(1.0, 8.0)
    for i, at in enumerate(range(60, len(river) - 60, 14), start=2):
        x, y = river[at]
        grid = tree.grid_at(x, y)
        tree.add(f"RISK{i:03d}", "risk_point", f"青石河临水点{i}", grid, (x, y))


def _rectangle(x: float, y: float, half_x: float, half_y: float) -> Points:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    return np.array([(x + a * half_x, y + b * half_y) for a, b in corners])


def _buildings_in(grid: Grid, fabric: Fabric) -> list[Points]:
    if not fabric.buildings:
        return []
    middles = np.array([(ring[0] + ring[2]) / 2 for ring in fabric.buildings])
    # Two corners as well as the middle, so that what is named here lies in this grid as a whole.
    within = inside(middles, grid.ring[:-1])
    for corner in range(4):
        within &= inside(np.array([ring[corner] for ring in fabric.buildings]), grid.ring[:-1])
    return [ring for ring, yes in zip(fabric.buildings, within, strict=True) if yes]


def _add_buildings(
    tree: Tree, spots: dict[str, list[Points]], per_grid: int, dice: random.Random
) -> None:
    number = 0
    for grid in tree.grids:
        rings = spots[grid.place["code"]]
        for ring in dice.sample(rings, min(per_grid, len(rings))):
            number += 1
            middle = (ring[0] + ring[2]) / 2
            closed = np.vstack([ring, ring[:1]])
            name = names.estate(dice)
            tree.add(f"B{number:05d}", "building", name, grid.place, middle, closed)


def _add_premises(
    tree: Tree, spots: dict[str, list[Points]], count: int, dice: random.Random
) -> None:
    kinds, shares = list(PREMISES_KINDS), (64, 26, 10)
    for number, grid in enumerate(_spread(tree, spots, count, _PULL), start=1):
        kind = dice.choices(kinds, shares)[0]
        ring = dice.choice(spots[grid.place["code"]])
        side = dice.randrange(4)
        # On the street front of a building, a step inside its wall.
        front = ring[side] + (ring[(side + 1) % 4] - ring[side]) * dice.uniform(0.1, 0.9)
        spot = front + ((ring[0] + ring[2]) / 2 - front) * 0.06
        tree.add(f"P{number:05d}", kind, names.shop(kind, dice), grid.place, spot)


def _add_firms(tree: Tree, spots: dict[str, list[Points]], count: int, dice: random.Random) -> None:
    for number, grid in enumerate(_spread(tree, spots, count, _FIRM_PULL), start=1):
        ring = dice.choice(spots[grid.place["code"]])
        middle = (ring[0] + ring[2]) / 2
        tree.add(f"E{number:04d}", "enterprise", names.firm(number, dice), grid.place, middle)


def _spread(
    tree: Tree, spots: dict[str, list[Points]], count: int, pull: dict[str, float]
) -> list[Grid]:
    """`count` grids, each as often as its fabric draws (largest remainders make the sum exact)."""
    able = [grid for grid in tree.grids if spots[grid.place["code"]]]
    weights = [
        pull[grid.community.fabric] * (1 + len(spots[grid.place["code"]]) ** 0.5) for grid in able
    ]
    shares = [count * weight / sum(weights) for weight in weights]
    whole = [int(share) for share in shares]
    order = sorted(range(len(able)), key=lambda i: (whole[i] - shares[i], i))
    for i in order[: count - sum(whole)]:
        whole[i] += 1
    return [grid for grid, n in zip(able, whole, strict=True) for _ in range(n)]
