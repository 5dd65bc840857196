# SPDX-License-Identifier: Apache-2.0
"""Projections are never the truth: folding the records again gives the same, or mends them."""

from jiedao.base.actor import system
from jiedao.matters import models
from jiedao.matters.rebuild import rebuild
from tests.world import World, matter_id, role


def test_folding_again_finds_everything_as_it_stands(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    for act in ("accept", "arrive", "report"):
        phone.post(f"/tasks/{task}/acts/{act}", note="好了")
    world.phone("he", "desk").post(f"/matters/{matter}/acts/verify_pass")
    with role("jiedao_system"):
        done = rebuild(system("rebuild"), world.clock)
    assert (done.matters, done.mended) == (1, ())


def test_rows_that_were_changed_by_hand_are_mended_and_it_is_on_record(world: World) -> None:
    matter = matter_id(world.see())
    with world.platform():
        models.Matter.objects.filter(id=matter).update(state="closed", severity=4)
    with role("jiedao_system"):
        done = rebuild(system("rebuild"), world.clock)
    assert done.mended == (matter,)
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    assert (shown["card"]["state"], shown["card"]["severity"]) == ("reported", 1)
