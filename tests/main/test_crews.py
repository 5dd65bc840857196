# SPDX-License-Identifier: Apache-2.0
"""Two crews relieve each other; whoever is at work stays until it is done."""

from datetime import date, timedelta
from uuid import UUID

from jiedao.dispatch.models import Shift
from jiedao.enforcement.actions import LAW_ENFORCEMENT
from jiedao.main import crews
from jiedao.town.models import Appointment, Party
from tests.world import BRIDGE, World

FAR = (BRIDGE[0] + 1.0, BRIDGE[1])


def a_hand(world: World, number: int, *certificates: str) -> Party:
    """A worker without a phone; even numbers are of the day's crew."""
    with world.platform():
        party = Party.objects.create(
            id=UUID(int=number),
            code=f"hand-{number}",
            kind="person",
            name="某人",
            place_path="/T/",
            lon=FAR[0],
            lat=FAR[1],
            valid_from=date(2020, 1, 1),
            demo=True,
        )
        Appointment.objects.create(
            party=party,
            role="worker",
            post="网格员",
            place_path="/T/",
            certificates=list(certificates),
            valid_from=date(2020, 1, 1),
        )
    return party


def relieve(world: World) -> tuple[int, int]:
    with world.platform() as tx:
        return crews.relieve(tx)


def on_duty(world: World) -> set[UUID]:
    with world.platform():
        return set(Shift.objects.filter(checked_out_at=None).values_list("party_id", flat=True))


def test_at_eight_in_the_evening_the_night_crew_relieves_the_day_crew(world: World) -> None:
    day, night = a_hand(world, 2), a_hand(world, 3)
    assert relieve(world) == (1, 0)
    assert on_duty(world) == {day.id}
    assert relieve(world) == (0, 0)
    world.clock.forward(timedelta(hours=8))
    assert relieve(world) == (1, 1)
    assert on_duty(world) == {night.id}
    world.clock.forward(timedelta(hours=12))
    assert relieve(world) == (1, 1)
    assert on_duty(world) == {day.id}


def test_whoever_is_at_work_stays_until_it_is_done(world: World) -> None:
    day = a_hand(world, 2)
    relieve(world)
    world.see()
    world.sweep()
    world.clock.forward(timedelta(hours=8))
    relieve(world)
    assert day.id in on_duty(world)


def test_officers_and_those_with_a_phone_are_left_alone(world: World) -> None:
    officer = a_hand(world, 2, LAW_ENFORCEMENT)
    world.on_duty("near")
    relieve(world)
    world.clock.forward(timedelta(hours=8))
    relieve(world)
    assert officer.id not in on_duty(world)
    assert world.people["near"].id in on_duty(world)


def test_nobody_of_a_crew_is_on_duty_by_the_stages(world: World) -> None:
    with world.platform():
        world.place.code = "RISK001"
        world.place.save()
    near = a_hand(world, 2)
    with world.platform():
        Party.objects.filter(id=near.id).update(lon=BRIDGE[0], lat=BRIDGE[1])
    assert relieve(world) == (0, 0)
