# SPDX-License-Identifier: Apache-2.0
"""The demo town: as large as a real one, sound as a tree, the same every time, and all invented."""

import json
import math
from collections import Counter
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jiedao.sim.town import build, write
from jiedao.sim.town.plane import Points, inside, metres_per_degree

Json = dict[str, Any]
BORDER_TOLERANCE_M = 3.0
# A few names that everybody knows: the dice must never throw one of them.
WELL_KNOWN = {"林青霞", "杨洋", "周深", "江一燕", "林青", "何青", "周迅", "白岩松", "石原里美"}


@cache
def town(size: str = "full") -> dict[str, Json]:
    return build(2021, size)


def places(size: str = "full") -> list[Json]:
    rows: list[Json] = town(size)["places.json"]["places"]
    return rows


def kinds(size: str = "full") -> Counter[str]:
    return Counter(row["kind"] for row in places(size))


def people(size: str = "full") -> list[Json]:
    rows: list[Json] = town(size)["parties.json"]["people"]
    return rows


def cameras(size: str = "full") -> list[Json]:
    rows: list[Json] = town(size)["devices.json"]["cameras"]
    return rows


def metres(lonlat: list[list[float]]) -> Points:
    """Ring in lon/lat to metres east and north of its first point."""
    points = np.array(lonlat)
    flat: Points = (points - points[0]) * np.array(metres_per_degree(float(points[0, 1])))
    return flat


def gap_m(a: Json, b: Json) -> float:
    east, north = metres_per_degree(a["lat"])
    return math.hypot((a["lon"] - b["lon"]) * east, (a["lat"] - b["lat"]) * north)


def ellipsoid_area_km2(ring: list[list[float]]) -> float:
    """Area on the WGS-84 ellipsoid by strips between neighbouring points (Green's theorem)."""
    total = 0.0
    for (lon1, lat1), (lon2, lat2) in pairwise(ring):
        east, north = metres_per_degree((lat1 + lat2) / 2)
        # Metres east of the first meridian, integrated over metres north.
        total += ((lon1 + lon2) / 2 - ring[0][0]) * east * (lat2 - lat1) * north
    return abs(total) / 1e6


def test_the_street_really_measures_83_square_kilometres() -> None:
    street = places()[0]
    assert street["name"] == "青石街道"
    assert ellipsoid_area_km2(street["geometry"]["coordinates"][0]) == pytest.approx(83, abs=0.5)


def test_there_are_28_villages_and_communities_of_both_kinds() -> None:
    assert kinds()["village"] + kinds()["community"] == 28
    assert min(kinds()["village"], kinds()["community"]) >= 10
    names = [row["name"] for row in places() if row["kind"] in {"village", "community"}]
    assert len(set(names)) == 28
    assert all(name.endswith(("村", "社区")) for name in names)


def test_it_is_as_large_as_a_real_one() -> None:
    assert kinds()["grid"] >= 84
    assert kinds()["stall"] + kinds()["workshop"] + kinds()["amusement"] == 9615
    assert min(kinds()["stall"], kinds()["workshop"], kinds()["amusement"]) > 500
    assert kinds()["enterprise"] == 1000
    assert len(town()["parties.json"]["enterprises"]) == 1000
    assert Counter(camera["class"] for camera in cameras()) == {
        "high": 50,
        "ground": 200,
        "police": 3500,
    }
    assert len(town()["devices.json"]["loudspeakers"]) == 90
    population = town()["town.json"]["population"]
    assert (population["permanent"], population["floating"]) == (340_000, 310_000)


def test_a_thousand_people_serve_it_of_whom_336_work_in_its_communities() -> None:
    staff = Counter(person["staff_kind"] for person in people())
    assert staff.total() == 1000
    assert (staff["community_worker"], staff["grid_worker"]) == (252, 84)
    assert len({person.get("grid_kind") for person in people()} - {None}) == 3
    roles = {each["role"] for person in people() for each in person["appointments"]}
    assert {"duty_lead", "operator", "worker", "verifier", "administrator"} <= roles
    officers = [person for person in people() if person["staff_kind"] == "officer"]
    certified = [person for person in officers if person["appointments"][0]["certificates"]]
    assert 0 < len(certified) < len(officers)


def test_every_place_of_interest_stands_there() -> None:
    wanted = {"risk_point", "station", "factory_town", "old_quarter", "business_centre"}
    wanted |= {"market_street", "school", "camera_site", "loudspeaker_site"}
    for size in ("full", "small"):
        assert wanted <= set(kinds(size))


@pytest.mark.parametrize("size", ["full", "small"])
def test_the_tree_is_sound(size: str) -> None:
    by_id = {row["id"]: row for row in places(size)}
    seen: set[str] = set()
    for row in places(size):
        parent = by_id.get(row["parent"])
        assert (parent is None) == (row["kind"] == "street")
        assert row["path"] == (parent["path"] if parent else "/") + row["code"] + "/"
        assert parent is None or parent["id"] in seen, "parents come before their children"
        seen.add(row["id"])


@pytest.mark.parametrize("size", ["full", "small"])
def test_children_lie_within_their_parents(size: str) -> None:
    by_parent: dict[str, list[Json]] = {}
    for row in places(size):
        by_parent.setdefault(row["parent"], []).append(row)
    for parent in places(size):
        if parent["geometry"] is None or parent["id"] not in by_parent:
            continue
        ring = metres(parent["geometry"]["coordinates"][0])
        origin = parent["geometry"]["coordinates"][0][0]
        spots = np.array([[row["lon"], row["lat"]] for row in by_parent[parent["id"]]])
        at = (spots - origin) * np.array(metres_per_degree(origin[1]))
        within = np.zeros(len(at), dtype=bool)
        for dx, dy in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)):
            shift = np.array([dx, dy]) * BORDER_TOLERANCE_M
            within |= inside(at + shift, ring[:-1])
        outside = [by_parent[parent["id"]][i]["code"] for i in np.flatnonzero(~within)]
        assert not outside, f"outside {parent['name']}"


@pytest.mark.parametrize("size", ["full", "small"])
def test_no_code_and_no_id_is_given_twice(size: str) -> None:
    parties = town(size)["parties.json"]
    everybody = [*parties["units"], *parties["people"], *parties["enterprises"]]
    devices = [*cameras(size), *town(size)["devices.json"]["loudspeakers"]]
    for rows in (places(size), everybody, devices):
        assert len({row["code"] for row in rows}) == len(rows)
        assert len({row["id"] for row in rows}) == len(rows)


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    write(tmp_path / "one", 7, "small")
    write(tmp_path / "two", 7, "small")
    write(tmp_path / "other", 8, "small")
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*json"))
    assert len(files) == 6
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
        json.loads((tmp_path / "one" / name).read_text("utf-8"))
    assert (tmp_path / "one/parties.json").read_bytes() != (
        tmp_path / "other/parties.json"
    ).read_bytes()


def test_the_whole_town_is_the_same_when_it_is_built_again() -> None:
    assert json.dumps(build(2021, "full")) == json.dumps(town("full"))


def test_names_are_invented_and_phones_are_absent() -> None:
    names = [person["name"] for person in people()]
    assert len(set(names)) == 1000
    assert WELL_KNOWN.isdisjoint(names)
    assert all(person["phone"] is None for person in people())
    assert all(town()[name]["demo"] for name in town() if not name.startswith("map/"))


@pytest.mark.parametrize("size", ["full", "small"])
def test_twelve_people_can_sign_in_each_in_their_own_seat(size: str) -> None:
    accounts = town(size)["accounts.json"]["accounts"]
    by_id = {person["id"]: person for person in people(size)}
    assert len({account["login"] for account in accounts}) == 12
    assert len({account["party"] for account in accounts}) == 12
    kinds_seated = Counter(by_id[account["party"]]["staff_kind"] for account in accounts)
    assert kinds_seated == {
        "duty_lead": 1,
        "operator": 2,
        "grid_worker": 2,
        "community_worker": 2,
        "verifier": 2,
        "administrator": 1,
        "leader": 1,
        "officer": 1,
    }


def test_a_small_town_is_small() -> None:
    assert kinds("small")["community"] == 3
    assert len(people("small")) <= 40
    assert len(places("small")) < 300


@pytest.mark.parametrize("size", ["full", "small"])
def test_eyes_voice_and_hands_are_ready_at_the_bank_under_the_bridge(size: str) -> None:
    bank = next(row for row in places(size) if row["code"] == "RISK001")
    streaming = {row["stream"]["scene"]: row for row in cameras(size) if row["stream"]}
    assert set(streaming) == {"bridge", "market", "station", "high"}
    camera = streaming["bridge"]
    speaker = town(size)["devices.json"]["loudspeakers"][0]
    assert gap_m(camera, bank) < 60
    assert 30 <= gap_m(camera, speaker) <= 50
    assert speaker["sip"]["account"] == "speaker-001"
    seats = {account["party"] for account in town(size)["accounts.json"]["accounts"]}
    near = [
        person
        for person in people(size)
        if person["appointments"][0]["role"] == "worker" and gap_m(person["home"], bank) < 1000
    ]
    assert len([person for person in near if person["id"] in seats]) >= 4


def test_police_cameras_are_registered_and_cannot_be_opened() -> None:
    police = [camera for camera in cameras() if camera["owner"] == "police"]
    assert all(camera["stream"] is None and camera["site"] is None for camera in police)
    own = [camera for camera in cameras() if camera["owner"] == "street"]
    assert all(camera["sign"] and camera["purpose"] for camera in own)


def test_the_base_map_is_small_and_complete() -> None:
    layers = town()["map/base.geojson"]
    assert set(layers) == {
        "land", "water", "park", "road", "rail", "building", "boundary", "label",
    }  # fmt: skip
    assert all(layer["features"] for layer in layers.values())
    text = json.dumps(layers, ensure_ascii=False, separators=(",", ":"))
    assert len(text.encode()) <= 1_500_000
    roads = {feature["properties"]["kind"] for feature in layers["road"]["features"]}
    assert roads == {"motorway", "major", "minor", "country"}
