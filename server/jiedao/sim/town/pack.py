# SPDX-License-Identifier: Apache-2.0
"""Write the town as pack files. The same seed and size give the same bytes."""

import json
from pathlib import Path
from typing import Any

from jiedao.sim.town import base_map
from jiedao.sim.town.devices import equip
from jiedao.sim.town.fabric import weave
from jiedao.sim.town.ids import dice_for
from jiedao.sim.town.layout import AREA_KM2, CODE, NAME, Layout, communities
from jiedao.sim.town.people import staff
from jiedao.sim.town.places import grow

FORMAT = "jiedao-town/1"
NOTICE = (
    "虚构的演示街道：地点、人员、单位和设备都是编造的。A fictional town; all of it is invented."
)
Json = dict[str, Any]


def build(seed: int = 2021, size: str = "full") -> dict[str, Json]:
    """The whole town in memory: file name (relative, with "/") to what stands in it.

    Args:
        seed: the same seed gives the same town, byte for byte.
        size: "full", or "small" for tests (three communities, the same places of interest).
    """
    layout, town = Layout(), communities(size)
    fabrics = {}
    for community in town:
        dice = dice_for(seed, f"fabric:{community.code}")
        fabrics[community.code] = weave(layout, community, dice)
        base_map.clear_of_nature(fabrics[community.code])
    tree = grow(layout, town, fabrics, size, seed)
    devices = equip(tree, fabrics, size, seed)
    roster = staff(tree, size, seed)
    head = {"format": FORMAT, "demo": True, "notice": NOTICE}
    return {
        "town.json": {**head, **_about(layout, size, seed)},
        "places.json": {**head, "places": tree.rows},
        "parties.json": {
            **head,
            "units": roster.units,
            "people": roster.people,
            "enterprises": roster.firms,
        },
        "accounts.json": {**head, "accounts": roster.accounts},
        "devices.json": {**head, **devices},
        "map/base.geojson": base_map.draw(layout, town, fabrics, seed),
    }


def write(directory: Path, seed: int = 2021, size: str = "full") -> None:
    """Write all pack files into a directory, which is made if need be."""
    for name, content in build(seed, size).items():
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        target.write_text(text + "\n", encoding="utf-8")


def _about(layout: Layout, size: str, seed: int) -> Json:
    return {
        "name": NAME,
        "code": CODE,
        "code_note": "虚构代码，不是行政区划代码 / not a division code",
        "size": size,
        "seed": seed,
        "lon": layout.plane.lon,
        "lat": layout.plane.lat,
        "area_km2": AREA_KM2,
        "population": {"permanent": 340_000, "floating": 310_000, "quoted": True},
        "timezone": "Asia/Shanghai",
    }
