# SPDX-License-Identifier: Apache-2.0
"""Who sees a matter and is told of it, and what stays out of its records."""

from typing import Any
from uuid import UUID

from jiedao.trace.models import Record
from tests.world import World, matter_id


def sent(world: World, *hands: str) -> tuple[UUID, Any]:
    """A matter that was offered to the nearest of the hands, and that hand's phone."""
    for who in hands:
        world.on_duty(who)
    matter = matter_id(world.see())
    world.sweep()
    return matter, world.phone(hands[0])


def test_a_worker_reads_the_matter_but_not_the_camera_that_raised_it(world: World) -> None:
    matter, phone = sent(world, "near")
    shown = phone.get(f"/matters/{matter}")
    assert phone.status == 200, shown
    assert shown["camera"] is None
    phone.post(f"/matters/{matter}/acts/note", note="绿道封闭，从北门进")
    assert phone.status == 200
