# SPDX-License-Identifier: Apache-2.0
"""The parties: Party working committee, centre, committees, units, communities and 1,000 staff."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from jiedao.sim.town import names
from jiedao.sim.town.ids import dice_for, stable_id
from jiedao.sim.town.layout import CODE
from jiedao.sim.town.places import Grid, Tree

Json = dict[str, Any]
SINCE = "2020-05-01"
STREET_PATH = f"/{CODE}/"
PASSWORD = "jiedao-demo"  # noqa: S105 - known to everybody, and printed at the start

COMMITTEES = (
    (
        "综合治理委员会",
        ("综治中心", "信访办公室", "司法所", "应急管理办公室", "流动人口服务管理办公室"),
    ),
    (
        "公共服务委员会",
        ("公共服务办公室", "党群服务中心", "社会事务办公室", "卫生健康办公室", "社区工作办公室"),
    ),
    (
        "综合行政执法委员会",
        ("综合行政执法队", "城市管理办公室", "环境卫生所", "生态环境办公室", "规划建设办公室"),
    ),
    (
        "乡村振兴委员会",
        ("农业农村办公室", "水利所", "林业站", "河长制办公室", "村务指导办公室"),
    ),
)
SQUADS = ("执法一中队", "执法二中队", "执法三中队", "执法四中队")
GRID_KINDS = ("网格管理员", "网格信息员", "网格督导员")

# kind of staff, role code, post, how many in a full and in a small town
_CENTRE = (
    ("duty_lead", "duty_lead", "指挥中心值班长", 8, 1),
    ("operator", "operator", "指挥中心受理派遣员", 40, 2),
    ("verifier", "verifier", "核查员", 16, 2),
    ("administrator", "administrator", "平台管理员", 3, 1),
)
_LEADERS = (("党工委书记", 1), ("党工委副书记", 2), ("党工委委员", 9))
_OFFICERS, _CERTIFIED = {"full": 160, "small": 3}, {"full": 72, "small": 2}
STAFF = {"full": 1000, "small": 32}
WORKERS_PER_GRID = {"full": 3, "small": 1}
"""Community workers; the grid worker comes on top. 84 × 3 = 252, and 252 + 84 = 336."""


@dataclass(slots=True)
class Roster:
    """Everybody: units first, then people, then enterprises."""

    tree: Tree
    units: list[Json] = field(default_factory=list)
    people: list[Json] = field(default_factory=list)
    firms: list[Json] = field(default_factory=list)
    accounts: list[Json] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)

    def unit(self, kind: str, name: str, parent: Json | None, area: str = STREET_PATH) -> Json:
        code = f"U{len(self.units) + 1:03d}"
        row: Json = {
            "id": stable_id("party", code),
            "code": code,
            "kind": "unit",
            "unit_kind": kind,
            "name": name,
            "parent": None if parent is None else parent["id"],
            "area": area,
        }
        self.units.append(row)
        return row

    def person(
        self,
        kind: str,
        role: str,
        post: str,
        unit: Json,
        area: str,
        home: tuple[float, float],
        certificates: tuple[str, ...] = (),
    ) -> Json:
        """Take somebody on; `home` is the ground position of their post, not of a dwelling."""
        code = f"S{len(self.people) + 1:04d}"
        lon, lat = np.round(self.tree.layout.plane.globe(np.array([home])), 6).tolist()[0]
        row: Json = {
            "id": stable_id("party", code),
            "code": code,
            "kind": "person",
            "staff_kind": kind,
            "name": self._names.pop(),
            "parent": unit["id"],
            "post": post,
            "phone": None,
            "home": {"lon": lon, "lat": lat},
            "appointments": [
                {
                    "role": role,
                    "unit": unit["id"],
                    "post": post,
                    "area": area,
                    "from": SINCE,
                    "until": None,
                    "certificates": list(certificates),
                }
            ],
        }
        self.people.append(row)
        return row


def staff(tree: Tree, size: str, seed: int) -> Roster:
    """Appoint everybody."""
    dice = dice_for(seed, "people")
    roster = Roster(tree, _names=names.people(STAFF[size], dice))
    party = roster.unit("party_committee", "青石街道党工委", None)
    centre = roster.unit("centre", "综合指挥中心", party)
    units = {}
    for committee, offices in COMMITTEES:
        head = roster.unit("committee", committee, centre)
        for office in offices:
            units[office] = roster.unit("office", office, head)
    squads = [roster.unit("squad", name, units["综合行政执法队"]) for name in SQUADS]
    _staff_centre(roster, party, centre, size)
    _staff_communities(roster, units, WORKERS_PER_GRID[size])
    _staff_squads(roster, squads, size)
    clerks = [*units.values(), centre]
    while len(roster.people) < STAFF[size]:
        unit = clerks[len(roster.people) % len(clerks)]
        roster.person("clerk", "clerk", "办事员", unit, STREET_PATH, _office(tree))
    _register_firms(roster)
    _open_accounts(roster)
    return roster


def _office(tree: Tree) -> tuple[float, float]:
    """The street office stands by the business centre."""
    x, y = tree.layout.sights["business"]
    return x + 60.0, y + 40.0


def _staff_centre(roster: Roster, party: Json, centre: Json, size: str) -> None:
    home = _office(roster.tree)
    for post, count in _LEADERS:
        for _ in range(count if size == "full" else 1):
            roster.person("leader", "leader", post, party, STREET_PATH, home)
    for kind, role, post, full, small in _CENTRE:
        for _ in range(full if size == "full" else small):
            roster.person(kind, role, post, centre, STREET_PATH, home)


def _staff_communities(roster: Roster, units: dict[str, Json], workers: int) -> None:
    bodies: dict[str, Json] = {}
    for number, grid in enumerate(roster.tree.grids):
        community = grid.community
        path = grid.place["path"].removesuffix(f"{grid.place['code']}/")
        if community.code not in bodies:
            village = community.is_village
            parent = units["村务指导办公室" if village else "社区工作办公室"]
            kind = "village" if village else "community"
            bodies[community.code] = roster.unit(kind, community.name, parent, path)
        unit = bodies[community.code]
        post = GRID_KINDS[number % 3]
        area = grid.place["path"]
        homes = _posts(grid, number)
        roster.person("grid_worker", "worker", post, unit, area, homes[0])
        roster.people[-1]["grid_kind"] = post
        for home in homes[1 : 1 + workers]:
            roster.person("community_worker", "worker", "社区工作者", unit, path, home)


def _posts(grid: Grid, number: int) -> list[tuple[float, float]]:
    """Four posts spread over the grid, well inside its border."""
    middle = grid.ring[:-1].mean(axis=0)
    step = len(grid.ring) // 4
    turn = number % step
    corners = (grid.ring[(turn + step * i) % (len(grid.ring) - 1)] for i in range(4))
    spots = [middle + (corner - middle) * 0.45 for corner in corners]
    return [(float(x), float(y)) for x, y in spots]


def _staff_squads(roster: Roster, squads: list[Json], size: str) -> None:
    sights = roster.tree.layout.sights
    bases = ("market", "factory", "station_plaza", "business")
    for i in range(_OFFICERS[size]):
        certificates = ("law_enforcement",) if i < _CERTIFIED[size] else ()
        x, y = sights[bases[i % 4]]
        home = (x + 25.0 * (i % 7), y - 20.0 * (i % 5))
        post = "执法队员" if certificates else "协管员"
        roster.person("officer", "worker", post, squads[i % 4], STREET_PATH, home, certificates)


def _register_firms(roster: Roster) -> None:
    for place in roster.tree.rows:
        if place["kind"] == "enterprise":
            roster.firms.append(
                {
                    "id": stable_id("party", place["code"]),
                    "code": place["code"],
                    "kind": "organisation",
                    "organisation_kind": "enterprise",
                    "name": place["name"],
                    "parent": None,
                    "place": place["id"],
                }
            )


# login, seat, screen, kind of staff, which of them, home beside a sight (sight, east m, north m)
_SEATS: tuple[tuple[str, str, str, str, int, tuple[str, float, float] | None], ...] = (
    ("zhiban1", "duty", "desk", "duty_lead", 0, None),
    ("shouli1", "operator", "desk", "operator", 0, None),
    ("shouli2", "operatorb", "desk", "operator", 1, None),
    ("hecha1", "verifier", "desk", "verifier", 0, None),
    ("hecha2", "verifierb", "desk", "verifier", 1, None),
    ("guanli1", "administrator", "desk", "administrator", 0, None),
    ("lingdao1", "leader", "desk", "leader", 0, None),
    ("zhifa1", "officer", "m", "officer", 0, ("market", 60.0, 25.0)),
    ("wangge1", "worker", "m", "临江社区:grid_worker", 0, ("bank", -210.0, 120.0)),
    ("shequ1", "workerb", "m", "临江社区:community_worker", 0, ("bank", -330.0, 210.0)),
    ("wangge2", "workerc", "m", "南市社区:grid_worker", 0, ("market", -40.0, -60.0)),
    ("shequ2", "workerd", "m", "南市社区:community_worker", 0, ("market", 90.0, 130.0)),
)


def _open_accounts(roster: Roster) -> None:
    """The twelve who can sign in; the workers among them are posted by bridge and market."""
    unit_names = {unit["id"]: unit["name"] for unit in roster.units}
    for login, seat, screen, kind, index, beside in _SEATS:
        unit_name, _, staff_kind = kind.rpartition(":")
        fitting = [
            row
            for row in roster.people
            if row["staff_kind"] == staff_kind and unit_name in ("", unit_names[row["parent"]])
        ]
        person = fitting[index]
        if beside is not None:
            x, y = roster.tree.layout.sights[beside[0]]
            spot = np.array([[x + beside[1], y + beside[2]]])
            lon, lat = np.round(roster.tree.layout.plane.globe(spot), 6).tolist()[0]
            person["home"] = {"lon": lon, "lat": lat}
        roster.accounts.append(
            {
                "id": stable_id("account", login),
                "login": login,
                "password": PASSWORD,
                "party": person["id"],
                "seat": seat,
                "screen": screen,
                "name": person["name"],
                "post": person["post"],
            }
        )
