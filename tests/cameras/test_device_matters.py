# SPDX-License-Identifier: Apache-2.0
"""A camera's fault is one matter, which ends when the camera is well, and stands on a page."""

from datetime import timedelta

import pytest
from django.db import connection

from jiedao.base.errors import NotAllowed
from jiedao.cameras import actions, intake
from jiedao.cameras.messages import Condition
from jiedao.cameras.models import Camera
from jiedao.cameras.troubles import SIGNALS, Turns
from jiedao.catalog.store import Catalogue
from jiedao.matters.models import Matter
from jiedao.town.calendar import local_day
from tests.world import World, role


def hear(world: World, turns: Turns, *conditions: Condition) -> None:
    with role("jiedao_system"):
        intake.write_health(world.clock, conditions, turns)


def faulty(world: World, code: str) -> None:
    state = "live" if code == "camera.skewed" else "stale"
    hear(world, Turns(faulty={world.camera.id: code}), Condition(world.camera.id, state, code))


def well(world: World) -> None:
    hear(world, Turns(well={world.camera.id: ""}), Condition(world.camera.id, "live"))


def matters_of(world: World) -> list[tuple[str, str]]:
    with world.platform():
        rows = Matter.objects.filter(camera_id=world.camera.id).order_by("opened_at")
        return list(rows.values_list("item", "state"))


def test_every_fault_opens_an_item_of_its_own_kind(world: World) -> None:
    with world.platform() as tx:
        catalogue = Catalogue(local_day(tx.now))
        assert all(catalogue.item_for_signal(kind) for kind in SIGNALS.values())


def test_a_fault_is_one_matter_and_ends_by_itself(world: World) -> None:
    faulty(world, "camera.black")
    world.clock.forward(timedelta(hours=2))
    faulty(world, "camera.black")
    assert matters_of(world) == [("camera_black", "reported")]
    well(world)
    assert matters_of(world) == [("camera_black", "closed")]
    faulty(world, "camera.black")
    assert matters_of(world) == [("camera_black", "closed"), ("camera_black", "reported")]


def test_another_fault_is_another_matter_and_the_return_ends_both(world: World) -> None:
    faulty(world, "camera.black")
    faulty(world, "camera.silent")
    assert len(matters_of(world)) == 2
    well(world)
    assert {state for _item, state in matters_of(world)} == {"closed"}


def test_a_camera_that_is_well_but_for_its_clock_keeps_that_matter_alone(world: World) -> None:
    faulty(world, "camera.frozen")
    clock = {world.camera.id: "device.camera_skewed"}
    turns = Turns(faulty={world.camera.id: "camera.skewed"}, well=clock)
    hear(world, turns, Condition(world.camera.id, "live", "camera.skewed"))
    assert set(matters_of(world)) == {("camera_frozen", "closed"), ("camera_skewed", "reported")}


def test_whoever_is_on_the_way_to_a_camera_is_not_called_off_by_its_return(world: World) -> None:
    faulty(world, "camera.silent")
    with world.platform():
        Matter.objects.update(state="on_way")
    well(world)
    assert matters_of(world) == [("camera_lost", "on_way")]


def test_the_return_of_a_camera_leaves_its_alarms_alone(world: World) -> None:
    world.see()
    well(world)
    assert matters_of(world) == [("water_fence", "reported")]


def test_the_health_page_says_in_words_what_is_wrong_and_what_was_not_judged(world: World) -> None:
    desk = world.phone("chen", seat="desk")
    hear(
        world,
        Turns(faulty={world.camera.id: "camera.covered"}),
        Condition(
            world.camera.id,
            "stale",
            "camera.covered",
            fps=25.0,
            skew_s=0.4,
            analysed=90,
            skipped=3,
            dropped=2,
            calibrating=1,
            blindness=0.06,
        ),
    )
    (row,) = desk.get("/cameras/health")
    assert (row["state"], row["why"]) == ("stale", "camera.covered")
    assert "遮" in row["reason"]["zh-CN"]
    assert "covered" in row["reason"]["en"]
    counts = {name: row[name] for name in ("analysed", "skipped", "dropped", "calibrating")}
    assert counts == {"analysed": 90, "skipped": 3, "dropped": 2, "calibrating": 1}
    assert (row["blindness"], row["clock_skew_s"]) == (0.06, 0.4)
    assert desk.get(f"/matters/{row['matter']}")["card"]["title"]["zh-CN"] == "摄像机被遮挡"


def test_a_camera_whose_holder_is_silent_is_not_taken_for_well(world: World) -> None:
    desk = world.phone("chen", seat="desk")
    well(world)
    with world.platform(), connection.cursor() as cursor:  # health goes by the database's time
        cursor.execute("update cameras_health set at = %s", [world.clock.now()])
    assert desk.get("/cameras/health")[0]["state"] == "live"
    world.clock.forward(timedelta(minutes=1))
    assert desk.get("/cameras/health")[0]["state"] == "unknown"


def test_the_health_page_is_for_the_duty_room(world: World) -> None:
    hand = world.phone("near")
    assert hand.get("/cameras/health")["code"] == "session.not_allowed"
    assert hand.status == 403


def test_a_view_is_accepted_by_the_duty_room_and_on_record(world: World) -> None:
    desk = world.phone("chen", seat="desk")
    assert desk.post(f"/cameras/{world.camera.id}/view") == {"accepted": True}
    with world.platform():
        assert Camera.objects.get(id=world.camera.id).view_since == world.clock.now()
    with world.acting("near") as tx, pytest.raises(NotAllowed):
        actions.accept_view(tx, world.camera.id)
