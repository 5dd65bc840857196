# SPDX-License-Identifier: Apache-2.0
"""A small invented town for tests, and the ways to act in it: as web, as the platform, by HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client

from jiedao.base.actor import Actor, system
from jiedao.base.clock import HandClock
from jiedao.base.database import Tx, transact
from jiedao.cameras.models import Camera
from jiedao.catalog.store import load_packs, shipped_packs
from jiedao.dispatch.models import Shift
from jiedao.main.timers import Timers
from jiedao.matters.intake import Intake, Observation, take_observation
from jiedao.town import door
from jiedao.town.models import Account, Appointment, Party, Place, Town
from jiedao.town.sessions import actor_of, open_session
from jiedao.voice.models import Loudspeaker

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BRIDGE = (114.4500, 22.8000)
DAY_ONE = date(2020, 1, 1)


@contextmanager
def role(name: str) -> Iterator[None]:
    """Speak to the database as one of its roles for a while."""
    with connection.cursor() as cursor:
        cursor.execute("select current_role")
        before = cursor.fetchone()[0]
        cursor.execute(f"set role {name}")
        yield
        if not connection.needs_rollback:  # a rollback brings the role back by itself
            cursor.execute(f"set role {before}")


@dataclass
class World:
    """The small town: a bridge with a camera and a loudspeaker, and a handful of people."""

    clock: HandClock
    place: Place
    camera: Camera
    loudspeaker: Loudspeaker
    people: dict[str, Party]
    timers: Timers

    @contextmanager
    def platform(self) -> Iterator[Tx]:
        """A transaction of the platform itself."""
        with role("jiedao_system"), transact(system("test"), self.clock) as tx:
            yield tx

    @contextmanager
    def acting(self, who: str) -> Iterator[Tx]:
        """A transaction in somebody's name, as the web process."""
        with transact(self.actor(who), self.clock) as tx:
            yield tx

    def actor(self, who: str) -> Actor:
        with self.platform() as tx:
            return actor_of(self.people[who].id, tx.now, "test")

    def see(self, kind: str = "fence.crossing", **changes: Any) -> Intake:
        """The bridge camera sees something."""
        now = self.clock.now()
        seen = Observation(
            id=changes.pop("id", uuid4()),
            source="camera",
            source_id=self.camera.id,
            kind=kind,
            place_path=self.place.path,
            captured_at=changes.pop("captured_at", now),
            received_at=now,
            zone=changes.pop("zone", "inner_line"),
            **changes,
        )
        with role("jiedao_system"):
            return take_observation(self.clock, seen)

    def sweep(self, after_s: float = 0) -> int:
        """Let time pass, and let the timers do what is due."""
        self.clock.forward(timedelta(seconds=after_s))
        with role("jiedao_system"):
            return self.timers.sweep()

    def on_duty(self, who: str, at: tuple[float, float] | None = None) -> None:
        lon, lat = at or BRIDGE
        with self.platform() as tx:
            Shift.objects.create(
                party_id=self.people[who].id,
                place_path=self.people[who].place_path,
                checked_in_at=tx.now,
                lon=lon,
                lat=lat,
            )

    def phone(self, who: str, seat: str = "m") -> "Screen":
        """Somebody signed in at a screen, over HTTP."""
        with transact(system("door"), self.clock) as tx:
            account = Account.objects.get(party=self.people[who])
            token = open_session(tx, account, seat)
        client = Client(headers={"X-Jiedao-Seat": seat, "X-Jiedao-CSRF": "1"})
        client.cookies[door.cookie_name(seat)] = token
        return Screen(client)


class Screen:
    """A browser or phone on the HTTP API."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.status = 0

    def get(self, path: str) -> Any:
        response = self.client.get(f"/api{path}")
        self.status = response.status_code
        return response.json() if response.content else None

    def post(self, path: str, /, **values: Any) -> Any:
        values.setdefault("act_id", str(uuid4()))
        response = self.client.post(
            f"/api{path}", json.dumps(values, default=str), content_type="application/json"
        )
        self.status = response.status_code
        return response.json() if response.content else None


ROLES = {
    "chen": ("operator", "值班员"),
    "lin": ("duty_lead", "值班长"),
    "he": ("verifier", "核查员"),
    "near": ("worker", "网格员"),
    "far": ("worker", "网格员"),
    "elsewhere": ("operator", "值班员"),
}


def small_town(clock: HandClock) -> World:
    """Build the town in the open transaction."""
    with role("jiedao_system"), transact(system("test"), clock) as tx:
        load_packs(tx, shipped_packs())
        Town.objects.create(name="试验街道", code="T", lon=BRIDGE[0], lat=BRIDGE[1], demo=True)
        street = _place("T", "/T/", "street", None)
        _place("C2", "/T/C2/", "community", street)
        community = _place("C1", "/T/C1/", "community", street)
        bridge = _place("B1", "/T/C1/B1/", "risk_point", community)
        people = {who: _person(who, *post) for who, post in ROLES.items()}
        camera = Camera.objects.create(
            code="cam-1",
            name="桥下 1 号",
            kind=Camera.GROUND,
            place=bridge,
            place_path=bridge.path,
            lon=BRIDGE[0],
            lat=BRIDGE[1],
            armed=True,
            demo=True,
        )
        horn = Loudspeaker.objects.create(
            code="horn-1",
            name="桥下喇叭",
            place=bridge,
            place_path=bridge.path,
            lon=BRIDGE[0],
            lat=BRIDGE[1] + 0.0003,
            sip_account="speaker-001",
            demo=True,
        )
    return World(clock, bridge, camera, horn, people, Timers(clock))


def _place(code: str, path: str, kind: str, parent: Place | None) -> Place:
    return Place.objects.create(
        code=code,
        kind=kind,
        name=f"{kind} {code}",
        parent=parent,
        path=path,
        lon=BRIDGE[0],
        lat=BRIDGE[1],
        valid_from=DAY_ONE,
        demo=True,
    )


def _person(who: str, role_code: str, post: str) -> Party:
    lat = BRIDGE[1] + {"near": 0.001, "far": 0.005}.get(who, 0.01)
    area = "/T/C2/" if who == "elsewhere" else "/T/"
    party = Party.objects.create(
        code=who,
        kind="person",
        name=f"{who} 甲",
        place_path=area,
        lon=BRIDGE[0],
        lat=lat,
        valid_from=DAY_ONE,
        demo=True,
    )
    Appointment.objects.create(
        party=party, role=role_code, post=post, place_path=area, valid_from=DAY_ONE
    )
    Account.objects.create(login=who, party=party, seat=who, demo=True, password="!")
    return party


def matter_id(intake: Intake) -> UUID:
    """The matter that an observation led to."""
    assert intake.matter is not None
    return intake.matter
