# SPDX-License-Identifier: Apache-2.0
"""The base map: one GeoJSON FeatureCollection per layer, small enough to serve whole."""

import math
from typing import Any

import numpy as np

from jiedao.sim.town.fabric import Fabric, hamlets
from jiedao.sim.town.ids import dice_for
from jiedao.sim.town.layout import (
    BRIDGES,
    BROOK,
    EAST_WEST,
    NORTH_SOUTH,
    RIVER,
    Community,
    Layout,
    ring_of,
)
from jiedao.sim.town.plane import Plane, Points, beside, distance_m, inside, thin

Json = dict[str, Any]
LAYERS = ("land", "water", "park", "road", "rail", "building", "boundary", "label")

# Hills and parks: name, middle on the ground (m), half axes (m), turn (degrees).
_WOODS = (
    ("凤尾山森林公园", (-3250.0, 3750.0), (1050.0, 430.0), -14.0),
    ("石坳岭", (-350.0, 3250.0), (640.0, 330.0), 12.0),
    ("松岭", (3950.0, 2500.0), (640.0, 480.0), -35.0),
    ("梅坪岭", (1000.0, -3750.0), (900.0, 260.0), 2.0),
    ("禾仓山", (3850.0, -3700.0), (520.0, 250.0), 12.0),
    ("荷塘湿地", (-3700.0, -2950.0), (470.0, 230.0), -15.0),
    ("青石公园", (-330.0, -330.0), (260.0, 190.0), 18.0),
    ("云锦公园", (980.0, -1180.0), (210.0, 130.0), -20.0),
    ("东湾滨河绿地", (2450.0, -1350.0), (330.0, 100.0), -14.0),
)
_LAKES = (
    ("石坳水库", (760.0, 3480.0), (360.0, 150.0), 25.0),
    ("荷塘", (-3650.0, -2960.0), (210.0, 100.0), -10.0),
    ("", (-2050.0, -3350.0), (110.0, 60.0), 30.0),
    ("", (-4800.0, 700.0), (130.0, 60.0), -40.0),
    ("", (4900.0, 1750.0), (120.0, 70.0), 10.0),
    ("", (-350.0, -330.0), (110.0, 65.0), 18.0),
)


def draw(
    layout: Layout, town: tuple[Community, ...], fabrics: dict[str, Fabric], seed: int
) -> dict[str, Json]:
    """All layers of the base map, lon/lat rounded to 6 decimals (a decimetre)."""
    plane = layout.plane
    layers: dict[str, list[Json]] = {name: [] for name in LAYERS}
    layers["land"].append(_polygon(plane, [layout.outline], name="青石街道", kind="street"))
    _draw_water(layout, layers["water"])
    layers["park"] += [_polygon(plane, [_blob(*row)], name=row[0], kind="wood") for row in _WOODS]
    for side in (1.0, -1.0):
        layers["park"].append(_polygon(plane, [_quay(layout, side)], name="", kind="green"))
    layers["rail"].append(_line(plane, layout.railway, name="青石高铁线", kind="railway"))
    layers["road"] += _roads(layout, town, seed)
    for community in town:
        _draw_community(plane, community, fabrics[community.code], layers)
    layers["building"].append(_landmarks(layout))
    layers["boundary"].append(_line(plane, layout.outline, name="青石街道", kind="street"))
    layers["label"] += _labels(layout, town, seed)
    return {name: {"type": "FeatureCollection", "features": rows} for name, rows in layers.items()}


def _draw_community(
    plane: Plane, community: Community, fabric: Fabric, layers: dict[str, list[Json]]
) -> None:
    """One community's border and its filling; each kind of shape is one feature, to stay small."""
    tag = {"community": community.code}
    if fabric.lanes:
        lanes = [_rounded(plane, lane) for lane in fabric.lanes]
        layers["road"].append(_feature("MultiLineString", lanes, **tag, kind="minor", name=""))
    if fabric.parks:
        greens = [[_rounded(plane, ring)] for ring in fabric.parks]
        layers["park"].append(_feature("MultiPolygon", greens, **tag, kind="green", name=""))
    if fabric.buildings:
        blocks = [[_rounded(plane, np.vstack([ring, ring[:1]]))] for ring in fabric.buildings]
        layers["building"].append(_feature("MultiPolygon", blocks, **tag, kind="building"))
    border = plane.ground(ring_of(community.box))
    about = {"name": community.name, "code": community.code}
    layers["boundary"].append(_line(plane, border, **about, kind="community"))


def _quay(layout: Layout, side: float) -> Points:
    """The green strip between the water and the quay road, in town."""
    strips = [layout.bank(side, gap) for gap in (3.0, 25.0)]
    near, far = (thin(s[(s[:, 0] > -3500) & (s[:, 0] < 3650)], 1.0) for s in strips)
    return np.vstack([near, far[::-1], near[:1]])


def _draw_water(layout: Layout, out: list[Json]) -> None:
    north, south = layout.bank(1.0, 0.0), layout.bank(-1.0, 0.0)
    body = np.vstack([thin(north, 1.5), thin(south, 1.5)[::-1], north[:1]])
    out.append(_polygon(layout.plane, [body], name=RIVER, kind="river"))
    brook = layout.brook
    body = np.vstack([beside(brook, 13.0), beside(brook, -13.0)[::-1], beside(brook, 13.0)[:1]])
    out.append(_polygon(layout.plane, [body], name=BROOK, kind="river"))
    out += [_polygon(layout.plane, [_blob(*row)], name=row[0], kind="lake") for row in _LAKES]


def _roads(layout: Layout, town: tuple[Community, ...], seed: int) -> list[Json]:
    plane = layout.plane
    out = [_line(plane, thin(layout.motorway, 2.0), name="绕城高速", kind="motorway")]
    for name, _, _, _, kind in (*NORTH_SOUTH, *EAST_WEST):
        way = layout.arterial(name)
        parts = [way] if name in BRIDGES else _parts_on_land(layout, way)
        out += [_line(plane, thin(part, 1.0), name=name, kind=kind) for part in parts]
    for side, name in ((1.0, "滨江北路"), (-1.0, "滨江南路")):
        quay = layout.bank(side, 34.0)
        town_only = quay[(quay[:, 0] > -3500) & (quay[:, 0] < 3650)]
        out.append(_line(plane, thin(town_only, 1.0), name=name, kind="major"))
    out += [_line(plane, way, name="", kind="country") for way in country_roads(layout, town, seed)]
    return out


def _parts_on_land(layout: Layout, way: Points) -> list[Points]:
    dry = distance_m(way, layout.river) > 95
    cuts = np.flatnonzero(np.diff(dry.astype(int))) + 1
    return [part for part in np.split(way, cuts) if distance_m(part, layout.river).min() > 95]


def country_roads(layout: Layout, town: tuple[Community, ...], seed: int) -> list[Points]:
    """Roads from each hamlet to the next one and to the nearest arterial road, a little bent."""
    spots = []
    for community in town:
        if community.is_village:
            dice = dice_for(seed, f"fabric:{community.code}")
            spots += hamlets(community, dice)
    if not spots:
        return []
    at = layout.plane.ground(np.array(spots))
    ways = [layout.arterial(row[0]) for row in (*NORTH_SOUTH, *EAST_WEST)]
    joints = np.vstack(ways)
    roads, joined = [], [int(np.hypot(*(at - 0).T).argmin())]
    roads.append(_to_nearest(at[joined[0]], joints))
    while len(joined) < len(at):  # a spanning tree, each hamlet tied to what is already reached
        rest = [i for i in range(len(at)) if i not in joined]
        gaps = np.hypot(*(at[rest][:, None] - at[joined][None]).transpose(2, 0, 1))
        i, j = np.unravel_index(int(gaps.argmin()), gaps.shape)
        here = at[rest[int(i)]]
        gate = _to_nearest(here, joints)
        length = float(np.hypot(*(gate[1] - gate[0])))
        if length < gaps[i, j] * 1.6:
            roads.append(gate)
        if length >= gaps[i, j] * 0.6:
            roads.append(np.array([here, at[joined[int(j)]]]))
        joined.append(rest[int(i)])
    curved = [_winding(road) for road in roads]
    return [road for road in curved if not layout.on_water_or_rails(road, -10.0).sum() > 6]


def _to_nearest(spot: Points, joints: Points) -> Points:
    return np.array([spot, joints[int(np.hypot(*(joints - spot).T).argmin())]])


def _winding(road: Points) -> Points:
    """A straight connection made to wander like a road between fields."""
    a, b = road
    length = float(np.hypot(*(b - a)))
    t = np.linspace(0, 1, max(6, round(length / 70)))[:, None]
    across = np.array([-(b - a)[1], (b - a)[0]]) / max(length, 1.0)
    sway = np.sin(math.pi * t) * (
        0.07 * np.sin(2.6 * math.pi * t + a[0]) + 0.03 * np.sin(6.1 * math.pi * t + a[1])
    )
    bent: Points = a + (b - a) * t + across * sway * length
    return bent


def _landmarks(layout: Layout) -> Json:
    """The station along its railway, the market hall and the school."""
    line, (x, y) = layout.railway, layout.sights["station"]
    nearest = int(np.hypot(line[:, 0] - x, line[:, 1] - y).argmin())
    along = line[nearest + 1] - line[nearest - 1]
    turns = {"station": math.atan2(along[1], along[0]), "market_hall": 0.1, "school": 0.1}
    halves = {"station": (105.0, 22.0), "market_hall": (35.0, 25.0), "school": (42.0, 11.0)}
    rings = []
    for key, (half_x, half_y) in halves.items():
        cos, sin = math.cos(turns[key]), math.sin(turns[key])
        box = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * (half_x, half_y)
        ring = box @ np.array([[cos, sin], [-sin, cos]]) + layout.sights[key]
        rings.append([_rounded(layout.plane, ring)])
    return _feature("MultiPolygon", rings, kind="landmark")


def _labels(layout: Layout, town: tuple[Community, ...], seed: int) -> list[Json]:
    plane, out = layout.plane, []
    for community in town:
        u0, v0, u1, v1 = community.box
        spots = [((u0 + u1) / 2, (v0 + v1) / 2)]
        if community.is_village:
            # A village is where its houses are, not in the middle of its hills.
            spots = hamlets(community, dice_for(seed, f"fabric:{community.code}"))[1:2]
        middle = plane.ground(np.array(spots))
        out.append(_spot(plane, middle, name=community.name, kind="community", rank=1))
    sights = layout.sights
    names = {"station": "青石站", "bridge": "青石大桥", "school": "南市小学", "market": "南市街"}
    for key, name in {**names, "business": "云锦商务区", "factory": "兴业工业园"}.items():
        out.append(_spot(plane, np.array([sights[key]]), name=name, kind="place", rank=2))
    for index in (30, 62, 100, 150):
        spot = layout.river[min(index, len(layout.river) - 1)][None]
        out.append(_spot(plane, spot, name=RIVER, kind="water", rank=2))
    for name, middle_m, half, _ in _WOODS:
        rank = 2 if half[0] > 400 else 3
        out.append(_spot(plane, np.array([middle_m]), name=name, kind="park", rank=rank))
    return [row for row in out if row["properties"]["name"]]


def _blob(
    name: str, middle: tuple[float, float], half: tuple[float, float], turn_deg: float
) -> Points:
    """A closed, lobed outline; its lobes follow from the name's length and place alone."""
    angle = np.linspace(0, 2 * math.pi, 41)[:-1]
    salt = middle[0] * 0.013 + middle[1] * 0.007 + len(name)
    lobes = 1 + 0.13 * np.sin(3 * angle + salt) + 0.08 * np.sin(5 * angle + 2 * salt)
    x, y = half[0] * lobes * np.cos(angle), half[1] * lobes * np.sin(angle)
    cos, sin = math.cos(math.radians(turn_deg)), math.sin(math.radians(turn_deg))
    ring = np.stack([middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos], axis=1)
    return np.vstack([ring, ring[:1]])


def clear_of_nature(fabric: Fabric) -> None:
    """Take buildings, greens and lanes out of woods and lakes."""
    outlines = [_blob(*row) for row in (*_WOODS, *_LAKES)]
    for shapes in (fabric.buildings, fabric.parks, fabric.lanes):
        if shapes:
            middles = np.array([(shape[0] + shape[len(shape) // 2]) / 2 for shape in shapes])
            hit = np.zeros(len(shapes), dtype=bool)
            for outline in outlines:
                low, high = outline.min(axis=0), outline.max(axis=0)
                near = ((middles > low) & (middles < high)).all(axis=1)
                hit[near] |= inside(middles[near], outline[:-1])
            shapes[:] = [shape for shape, bad in zip(shapes, hit, strict=True) if not bad]


def _rounded(plane: Plane, points: Points) -> list[list[float]]:
    return np.round(plane.globe(points), 6).tolist()  # type: ignore[no-any-return]


def _feature(shape: str, coordinates: Any, **properties: Any) -> Json:
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": shape, "coordinates": coordinates},
    }


def _polygon(plane: Plane, rings: list[Points], **properties: Any) -> Json:
    return _feature("Polygon", [_rounded(plane, ring) for ring in rings], **properties)


def _line(plane: Plane, points: Points, **properties: Any) -> Json:
    return _feature("LineString", _rounded(plane, points), **properties)


def _spot(plane: Plane, points: Points, **properties: Any) -> Json:
    return _feature("Point", _rounded(plane, points)[0], **properties)
