# SPDX-License-Identifier: Apache-2.0
"""The devices: own cameras high and on the ground, registered police cameras, loudspeakers.

Only four own cameras really stream in the demo; the others are entries of the register. Police
cameras have no address at all: the street knows where they stand, and no more.
"""

import random
from typing import Any

import numpy as np

from jiedao.sim.town.fabric import Fabric
from jiedao.sim.town.ids import dice_for, stable_id
from jiedao.sim.town.layout import EAST_WEST, NORTH_SOUTH
from jiedao.sim.town.places import Tree
from jiedao.sim.town.plane import Points, crossing

Json = dict[str, Any]
COUNTS = {
    "full": {"high": 50, "ground": 200, "police": 3500, "loudspeaker": 90},
    "small": {"high": 2, "ground": 8, "police": 30, "loudspeaker": 4},
}
SIGN = {
    "high": "公共安全视频图像采集区域",
    "ground": "您已进入公共安全视频图像采集区域",
}

# scene, sight, east and north of it (m), name, class, purpose, height (m), bearing, tilt (degrees)
_STREAMING = (
    ("bridge", "bank_camera", 0.0, 0.0, "青石大桥桥底 1 号", "ground", "防溺水", 6.0, 160, -18),
    ("market", "market", -62.0, 4.0, "南市街东口", "ground", "市容秩序", 5.5, 95, -15),
    (
        "station",
        "station_plaza",
        -40.0,
        30.0,
        "青石站站前广场",
        "ground",
        "客流安全",
        8.0,
        130,
        -20,
    ),
    ("high", "business", 20.0, 30.0, "云锦高点", "high", "高空瞭望", 96.0, 10, -12),
)
# The place that a streaming camera watches: what is seen there happens there, not at the pole.
_WATCHED = {"bridge": "RISK001", "market": "MKT001", "station": "STN002", "high": "BIZ001"}
# sight, east and north of it (m), name
_SPEAKING = (
    ("bank_speaker", 0.0, 0.0, "青石大桥桥底喇叭"),
    ("market", -40.0, 6.0, "南市街喇叭"),
    ("station_plaza", 20.0, 20.0, "站前广场喇叭"),
    ("school", 0.0, -34.0, "南市小学门口喇叭"),
)
_PURPOSES = ("治安防范", "市容秩序", "交通疏导", "消防通道", "内涝监测", "河道巡看")


def equip(tree: Tree, fabrics: dict[str, Fabric], size: str, seed: int) -> Json:
    """All devices; their sites are added to the tree."""
    counts, dice = COUNTS[size], dice_for(seed, "devices")
    roofs = [ring for fabric in fabrics.values() for ring in fabric.buildings]
    cameras: list[Json] = []
    corners = _crossings(tree)
    for row in _STREAMING:
        scene, sight, east, north, name, kind, purpose, height, bearing, tilt = row
        x, y = tree.layout.sights[sight]
        number = 1 + sum(camera["class"] == kind for camera in cameras)
        spot = (x + east, y + north)
        camera = _own(tree, kind, number, name, spot, purpose, height, bearing, tilt)
        camera["watches"] = tree.by_code[_WATCHED[scene]]["id"]
        camera["stream"] = {"scene": scene, "host": None, "port": None, "path": f"/{scene}"}
        cameras.append(camera)
    for kind in ("high", "ground"):
        first = 1 + sum(camera["class"] == kind for camera in cameras)
        cameras += [
            _registered(tree, kind, number, _spot(tree, kind, number, corners, roofs, dice), dice)
            for number in range(first, counts[kind] + 1)
        ]
    cameras += _police(tree, counts["police"], dice)
    speakers = _loudspeakers(tree, roofs, counts["loudspeaker"], dice)
    return {"cameras": cameras, "loudspeakers": speakers}


def _own(
    tree: Tree,
    kind: str,
    number: int,
    name: str,
    spot: tuple[float, float],
    purpose: str,
    height_m: float,
    bearing_deg: int,
    tilt_deg: int,
) -> Json:
    code = f"{'GK' if kind == 'high' else 'DM'}{number:03d}"
    site = tree.add(f"{code}-SITE", "camera_site", name, tree.grid_at(*spot), spot)
    return {
        "id": stable_id("camera", code),
        "code": code,
        "name": name,
        "owner": "street",
        "class": kind,
        "purpose": purpose,
        "sign": SIGN[kind],
        "height_m": height_m,
        "angle": {
            "bearing_deg": bearing_deg,
            "tilt_deg": tilt_deg,
            "view_deg": 62 if kind == "high" else 84,
        },
        "site": site["id"],
        "path": site["path"],
        "lon": site["lon"],
        "lat": site["lat"],
        "watches": site["id"],
        "stream": None,
    }


def _spot(
    tree: Tree,
    kind: str,
    number: int,
    corners: list[tuple[float, float, str]],
    roofs: list[Points],
    dice: random.Random,
) -> tuple[tuple[float, float], str]:
    """Where a camera stands, and what that spot is called: crossings first, then street fronts."""
    if kind == "ground" and number <= len(corners):
        x, y, where = corners[number - 1]
        return (x, y), f"{where} {number} 号杆"
    spot = _front(tree, roofs, dice)
    area = tree.grid_at(*spot)["name"].split("第")[0]
    return spot, f"{area}高点 {number} 号" if kind == "high" else f"{area} {number} 号杆"


def _registered(
    tree: Tree,
    kind: str,
    number: int,
    stand: tuple[tuple[float, float], str],
    dice: random.Random,
) -> Json:
    """One more own camera that is in the register but sends no picture in the demo."""
    height_m = float(dice.randint(38, 110)) if kind == "high" else dice.choice((4.5, 5.5, 6.0))
    purpose = "高空瞭望" if kind == "high" else dice.choice(_PURPOSES)
    bearing, tilt = dice.randrange(0, 360, 5), -dice.randrange(8, 30)
    return _own(tree, kind, number, stand[1], stand[0], purpose, height_m, bearing, tilt)


def _crossings(tree: Tree) -> list[tuple[float, float, str]]:
    """Where arterial roads meet inside the town: x, y on the ground and a name."""
    out = []
    for south_north in (row[0] for row in NORTH_SOUTH):
        for west_east in (row[0] for row in EAST_WEST):
            spot = crossing(tree.layout.arterial(south_north), tree.layout.arterial(west_east))
            if spot is not None:
                out.append((spot[0] + 12, spot[1] + 12, f"{south_north}·{west_east}"))
    return [row for row in out if tree.grid_at(row[0], row[1]) != tree.rows[0]]


def _front(tree: Tree, roofs: list[Points], dice: random.Random) -> tuple[float, float]:
    """A spot at a building's corner that lies in some grid."""
    while True:
        ring = dice.choice(roofs)
        x, y = ring[dice.randrange(4)]
        spot = (float(x), float(y))
        if tree.grid_at(*spot) != tree.rows[0]:
            return spot


def _police(tree: Tree, count: int, dice: random.Random) -> list[Json]:
    """Registered only: a place on the map, nothing to open."""
    out = []
    for number in range(1, count + 1):
        grid = dice.choice(tree.grids)
        spot = grid.ring[:-1].mean(axis=0)
        edge = grid.ring[dice.randrange(len(grid.ring) - 1)]
        spot = spot + (edge - spot) * dice.uniform(0.1, 0.9)
        lon, lat = np.round(tree.layout.plane.globe(spot[None]), 6).tolist()[0]
        code = f"TW{number:04d}"
        out.append(
            {
                "id": stable_id("camera", code),
                "code": code,
                "name": f"天网 {number:04d}",
                "owner": "police",
                "class": "police",
                "purpose": "公共安全",
                "sign": None,
                "height_m": None,
                "angle": None,
                "site": None,
                "watches": grid.place["id"],
                "path": grid.place["path"],
                "lon": lon,
                "lat": lat,
                "stream": None,
            }
        )
    return out


def _loudspeakers(tree: Tree, roofs: list[Points], count: int, dice: random.Random) -> list[Json]:
    out = []
    for number in range(1, count + 1):
        if number <= len(_SPEAKING):
            sight, east, north, name = _SPEAKING[number - 1]
            x, y = tree.layout.sights[sight]
            spot = (x + east, y + north)
        else:
            spot = _front(tree, roofs, dice)
            area = tree.grid_at(*spot)["name"].split("第")[0]
            name = f"{area}喇叭 {number} 号"
        code = f"SP{number:03d}"
        site = tree.add(f"{code}-SITE", "loudspeaker_site", name, tree.grid_at(*spot), spot)
        out.append(
            {
                "id": stable_id("loudspeaker", code),
                "code": code,
                "name": name,
                "site": site["id"],
                "path": site["path"],
                "lon": site["lon"],
                "lat": site["lat"],
                "volume": 70,
                "sip": {"account": f"speaker-{number:03d}", "host": None, "port": None},
            }
        )
    return out
