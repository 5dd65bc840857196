# SPDX-License-Identifier: Apache-2.0
"""The plan of 青石街道: its communities, arterial roads, river, railway and places of interest.

Everything here was drawn by hand for this demo; no real place has this plan. Board lengths are in
metres (see `plane`). Ground lines (river, railway, motorway) are drawn straight on the ground.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from jiedao.sim.town.plane import (
    Plane,
    Points,
    area_m2,
    beside,
    crossing,
    distance_m,
    smooth,
    spread,
    thin,
)

CODE = "990101001"
"""Not a division code: no province of GB/T 2260 begins with 99."""
NAME = "青石街道"
AREA_KM2 = 83.0
MIDDLE = (115.3720, 23.2840)

U = (-5600.0, -3900.0, -2700.0, -1650.0, -600.0, 500.0, 1550.0, 2700.0, 3950.0, 5600.0)
V = (-4150.0, -2900.0, -1950.0, -950.0, 50.0, 1000.0, 2050.0, 3050.0, 4150.0)


@dataclass(frozen=True, slots=True)
class Community:
    """One of the 28: a rectangle of lattice cells on the board.

    Attributes:
        fabric: what it is built of: old, business, factory, home, station or rural.
        columns, rows: half-open ranges of lattice cells.
    """

    name: str
    fabric: str
    columns: tuple[int, int]
    rows: tuple[int, int]
    number: int

    @property
    def is_village(self) -> bool:
        return self.fabric == "rural"

    @property
    def code(self) -> str:
        """Twelve digits; villages count from 201, communities from 001, as is the custom."""
        return f"{CODE}{self.number:03d}"

    @property
    def box(self) -> tuple[float, float, float, float]:
        """u0, v0, u1, v1 on the board."""
        return U[self.columns[0]], V[self.rows[0]], U[self.columns[1]], V[self.rows[1]]


_COMMUNITIES = (
    ("南市社区", "old", (4, 5), (4, 5)),
    ("站前社区", "station", (7, 8), (4, 6)),
    ("临江社区", "home", (4, 5), (3, 4)),
    ("兴业社区", "factory", (1, 2), (2, 4)),
    ("柳巷社区", "old", (3, 4), (4, 5)),
    ("槐荫社区", "home", (3, 4), (3, 4)),
    ("河东社区", "home", (5, 6), (3, 5)),
    ("云锦社区", "business", (4, 6), (2, 3)),
    ("南苑社区", "home", (2, 4), (2, 3)),
    ("北桥社区", "home", (2, 4), (5, 6)),
    ("文峰社区", "home", (4, 6), (5, 6)),
    ("东门社区", "home", (6, 7), (4, 6)),
    ("东湾社区", "home", (6, 7), (2, 4)),
    ("西津社区", "home", (2, 3), (3, 5)),
    ("朝阳社区", "factory", (1, 2), (4, 6)),
    ("长亭社区", "home", (7, 8), (2, 4)),
    ("上溪村", "rural", (0, 2), (6, 8)),
    ("竹坑村", "rural", (2, 4), (6, 8)),
    ("石坳村", "rural", (4, 6), (6, 8)),
    ("茶亭村", "rural", (6, 7), (6, 8)),
    ("松岭村", "rural", (7, 9), (6, 8)),
    ("荷塘村", "rural", (0, 2), (0, 2)),
    ("田心村", "rural", (2, 4), (0, 2)),
    ("梅坪村", "rural", (4, 7), (0, 2)),
    ("禾仓村", "rural", (7, 9), (0, 2)),
    ("沙洲村", "rural", (0, 1), (2, 6)),
    ("榕树村", "rural", (8, 9), (4, 6)),
    ("井头村", "rural", (8, 9), (2, 4)),
)


def communities(size: str) -> tuple[Community, ...]:
    """All 28, or for a small town the three that hold every place of interest."""
    numbers = {False: 0, True: 200}
    out = []
    for name, fabric, columns, rows in _COMMUNITIES:
        village = fabric == "rural"
        numbers[village] += 1
        out.append(Community(name, fabric, columns, rows, numbers[village]))
    return tuple(out) if size == "full" else tuple(out[:3])


# name, lattice line, from, to (board metres along the line), class
NORTH_SOUTH = (
    ("西环路", 1, -1950.0, 2050.0, "major"),
    ("工业大道", 2, -2900.0, 2050.0, "major"),
    ("柳西路", 3, -1950.0, 2050.0, "major"),
    ("文昌路", 4, -1950.0, 3000.0, "major"),
    ("解放路", 5, -4150.0, 4150.0, "major"),
    ("河东路", 6, -1950.0, 2050.0, "major"),
    ("站前路", 7, -2900.0, 2700.0, "major"),
    ("东环路", 8, -1950.0, 2050.0, "major"),
)
EAST_WEST = (
    ("南环路", 2, -3900.0, 3950.0, "major"),
    ("云锦路", 3, -3900.0, 3950.0, "major"),
    ("青石大道", 4, -5600.0, 5600.0, "major"),
    ("北门路", 5, -2700.0, 3950.0, "major"),
    ("北环路", 6, -3900.0, 3950.0, "major"),
)
BRIDGES = ("工业大道", "解放路", "河东路", "东环路", "青石大道", "云锦路")
"""Arterials that cross the river; the others end at its bank."""

RIVER = "青石河"
BROOK = "柳溪"
_RIVER_COURSE = [
    (-7600.0, 2900.0), (-6300.0, 2500.0), (-5100.0, 2650.0), (-4100.0, 2000.0),
    (-3500.0, 1050.0), (-2500.0, 900.0), (-1850.0, 250.0), (-1450.0, -430.0),
    (-750.0, -640.0), (100.0, -500.0), (900.0, -400.0), (1600.0, -760.0),
    (2150.0, -1450.0), (3100.0, -1650.0), (3900.0, -1150.0), (4800.0, -1300.0),
    (5500.0, -2150.0), (6500.0, -2300.0), (7600.0, -2900.0),
]  # fmt: skip
_BROOK_COURSE = [
    (800.0, 3700.0), (1250.0, 3000.0), (1000.0, 2300.0), (1250.0, 1500.0),
    (1000.0, 700.0), (1180.0, 100.0), (1080.0, -500.0),
]  # fmt: skip
_RAILWAY_COURSE = [
    (-7600.0, 4300.0), (-4200.0, 3050.0), (-1500.0, 2500.0), (700.0, 2300.0),
    (2300.0, 1900.0), (3600.0, 1000.0), (5000.0, 300.0), (7600.0, -300.0),
]  # fmt: skip
_MOTORWAY_COURSE = [
    (-7600.0, -1500.0), (-5200.0, -2100.0), (-3000.0, -3000.0), (-400.0, -3050.0),
    (2200.0, -2950.0), (4200.0, -3250.0), (7600.0, -2900.0),
]  # fmt: skip


class Layout:
    """The plan, laid out on the ground at the right scale."""

    def __init__(self) -> None:
        board = Plane(MIDDLE[0], MIDDLE[1], U[-1] + 600.0, V[-1] + 600.0)
        rough = area_m2(board.ground(ring_of((U[0], V[0], U[-1], V[-1]))))
        self.plane = Plane(
            board.lon,
            board.lat,
            board.half_u_m,
            board.half_v_m,
            float(np.sqrt(AREA_KM2 * 1e6 / rough)),
        )

    @cached_property
    def outline(self) -> Points:
        """The street's border on the ground, closed."""
        return self.plane.ground(ring_of((U[0], V[0], U[-1], V[-1])))

    @cached_property
    def river(self) -> Points:
        """The river's middle line, from the north-west to the south-east."""
        return smooth(_RIVER_COURSE, 60.0)

    @cached_property
    def obstacles(self) -> list[tuple[Points, float]]:
        """Lines on which nothing may stand, thinned for speed, with the half width kept free."""
        quays = [(self.bank(side, 34.0), 15.0) for side in (1.0, -1.0)]
        ways = [(self.arterial(name), 16.0) for name in ("解放路", "青石大道")]
        return [(thin(line, 2.0), half) for line, half in (*quays, *ways, (self.motorway, 40.0))]

    def on_water_or_rails(self, spots: Points, gap_m: float) -> NDArray[np.bool_]:
        """Which ground points lie within `gap_m` of the river, the brook or the railway."""
        # The course runs ever eastwards, so its width may be looked up by x.
        half_m = np.interp(spots[:, 0], self.river[:, 0], self.river_half_m)
        wet = distance_m(spots, self._thin["river"]) < half_m + gap_m
        wet |= distance_m(spots, self._thin["brook"]) < 14 + gap_m * 0.6
        return np.asarray(wet | (distance_m(spots, self._thin["railway"]) < 24 + gap_m))

    @cached_property
    def _thin(self) -> dict[str, Points]:
        lines = {"river": self.river, "brook": self.brook, "railway": self.railway}
        return {name: thin(line, 1.0) for name, line in lines.items()}

    @cached_property
    def river_half_m(self) -> Points:
        """Half the river's width at each point of its middle line: it widens in the bends."""
        along = np.arange(len(self.river), dtype=np.float64)
        half_m: Points = 52 + 12 * np.sin(along / 9.0) + 8 * np.sin(along / 4.1 + 1) + along * 0.06
        return half_m

    @cached_property
    def brook(self) -> Points:
        return smooth(_BROOK_COURSE, 50.0)

    @cached_property
    def railway(self) -> Points:
        return smooth(_RAILWAY_COURSE, 80.0)

    @cached_property
    def motorway(self) -> Points:
        return smooth(_MOTORWAY_COURSE, 120.0)

    def bank(self, side: float, gap_m: float) -> Points:
        """A line along the river; side +1 is the north bank, gap measured from the water."""
        return beside(self.river, side * (self.river_half_m + gap_m))

    def arterial(self, name: str) -> Points:
        """The ground line of an arterial road, by name."""
        for title, line, start, end, _ in NORTH_SOUTH:
            if title == name:
                ends = np.array([[U[line], start], [U[line], end]])
                return self.plane.ground(spread(ends, 40.0))
        for title, line, start, end, _ in EAST_WEST:
            if title == name:
                ends = np.array([[start, V[line]], [end, V[line]]])
                return self.plane.ground(spread(ends, 40.0))
        raise KeyError(name)

    @cached_property
    def bridge(self) -> tuple[float, float]:
        """Where 解放路 crosses the river: 青石大桥."""
        return _must_cross(self.arterial("解放路"), self.river)

    @cached_property
    def sights(self) -> dict[str, tuple[float, float]]:
        """Ground position of each place of interest."""
        half_m = float(np.interp(self.bridge[0], self.river[:, 0], self.river_half_m))
        # The bank below the northern end of the bridge, a few steps beside the road.
        under = (self.bridge[0] - 22.0, self.bridge[1] + half_m + 12.0)
        old = self.plane.ground(np.array([[40.0, 420.0], [-140.0, 520.0], [60.0, 525.0]]))
        new = self.plane.ground(
            np.array([[480.0, -1400.0], [-3300.0, -700.0], [-3250.0, -1500.0], [-1100.0, 540.0]])
        )
        platform = _must_cross(self.arterial("站前路"), self.railway)
        return {
            "bridge": self.bridge,
            "bank": under,
            "bank_camera": (under[0] - 14.0, under[1] + 16.0),
            "bank_speaker": (under[0] - 46.0, under[1] + 40.0),
            "market": _point(old[0]),
            "market_hall": _point(old[1]),
            "school": _point(old[2]),
            "business": _point(new[0]),
            "factory": _point(new[1]),
            "factory_park": _point(new[2]),
            "old_quarter": _point(new[3]),
            "station": (platform[0] + 330.0, platform[1] - 250.0),
            "station_plaza": (platform[0] + 250.0, platform[1] - 380.0),
        }

    def community_at(self, x: float, y: float, among: tuple[Community, ...]) -> Community | None:
        """The community that a ground point lies in."""
        u, v = self.plane.board(x, y)
        for community in among:
            u0, v0, u1, v1 = community.box
            if u0 <= u < u1 and v0 <= v < v1:
                return community
        return None


def ring_of(box: tuple[float, float, float, float], step_m: float = 120.0) -> Points:
    """A closed ring round a box on the board, anticlockwise, fine enough to bend well.

    The steps stand at multiples of `step_m` on every side, so that neighbours share their points.
    """
    u0, v0, u1, v1 = box
    us, vs = _marks(u0, u1, step_m), _marks(v0, v1, step_m)
    sides = (
        [(u, v0) for u in us[:-1]]
        + [(u1, v) for v in vs[:-1]]
        + [(u, v1) for u in us[:0:-1]]
        + [(u0, v) for v in vs[:0:-1]]
        + [(u0, v0)]
    )
    return np.array(sides)


def _marks(start: float, end: float, step_m: float) -> list[float]:
    first = int(np.floor(start / step_m)) + 1
    inner = [n * step_m for n in range(first, int(np.ceil(end / step_m)))]
    return [start, *(m for m in inner if start < m < end), end]


def _must_cross(one: Points, other: Points) -> tuple[float, float]:
    spot = crossing(one, other)
    if spot is None:
        raise ValueError("two lines of the plan no longer cross")
    return spot


def _point(row: Points) -> tuple[float, float]:
    return float(row[0]), float(row[1])
