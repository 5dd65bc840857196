# SPDX-License-Identifier: Apache-2.0
"""Row security: what the database itself shows of one community to another, and to a worker."""

from typing import Any

import pytest
from django.db.models import Model

from jiedao.dispatch.models import Shift
from jiedao.plans.models import Run, Step
from jiedao.signals.models import Position
from jiedao.trace.models import RecordPrivate
from tests.world import BRIDGE, World, matter_id


@pytest.fixture
def busy_town(world: World) -> World:
    """A matter with a plan, a note, and somebody on duty with a position."""
    world.on_duty("near")
    with world.platform() as tx:
        now = tx.now
        Position.objects.create(
            party_id=world.people["near"].id, lon=BRIDGE[0], lat=BRIDGE[1], at=now, received_at=now
        )
    matter = matter_id(world.see())
    world.phone("chen", "desk").post(f"/matters/{matter}/acts/note", note="家属电话")
    return world


TABLES = (RecordPrivate, Run, Step, Shift, Position)


def seen(world: World, who: str, table: type[Model]) -> int:
    rows: Any = table
    with world.acting(who):
        return int(rows.objects.count())


@pytest.mark.parametrize("table", TABLES)
def test_the_duty_room_of_the_place_sees_it(busy_town: World, table: type[Model]) -> None:
    assert seen(busy_town, "chen", table) > 0


@pytest.mark.parametrize("who", ["elsewhere", "far"])
@pytest.mark.parametrize("table", TABLES)
def test_another_community_and_a_worker_beside_it_see_nothing(
    busy_town: World, who: str, table: type[Model]
) -> None:
    assert seen(busy_town, who, table) == 0


def test_a_worker_sees_their_own_shift_and_plan(busy_town: World) -> None:
    busy_town.sweep()
    for table in (Shift, Position, Run, Step):
        assert seen(busy_town, "near", table) > 0
