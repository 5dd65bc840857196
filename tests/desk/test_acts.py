# SPDX-License-Identifier: Apache-2.0
"""What the duty room does beside the loop: calls for help, keeps pictures, hands over."""

from datetime import datetime, timedelta

from tests.desk.test_raising import RUBBISH, a_photo
from tests.world import World


def a_matter(world: World) -> str:
    raised = world.phone("near").post("/matters", **RUBBISH)
    return str(raised["card"]["id"])


def test_a_call_for_help_stands_in_the_timeline_with_its_time(world: World) -> None:
    desk, matter = world.phone("chen", "desk"), a_matter(world)
    called = desk.post(f"/matters/{matter}/acts/emergency", reason="fire_119")
    assert desk.status == 200, called
    row = next(row for row in called["timeline"] if row["verb"] == "matter.acted")
    assert (row["facts"]["action"], row["facts"]["reason"]) == ("emergency", "fire_119")
    assert datetime.fromisoformat(row["at"]) == world.clock.now()
    assert called["card"]["state"] == "reported"


def test_a_call_needs_to_say_who_was_called_and_a_verifier_makes_none(world: World) -> None:
    desk, matter = world.phone("chen", "desk"), a_matter(world)
    desk.post(f"/matters/{matter}/acts/emergency")
    assert desk.status == 422
    verifier = world.phone("he", "desk")
    verifier.post(f"/matters/{matter}/acts/emergency", reason="fire_119")
    assert verifier.status == 403


def test_a_picture_taken_from_the_screen_is_evidence(world: World) -> None:
    desk, matter = world.phone("chen", "desk"), a_matter(world)
    picture = a_photo(world, "chen", "7")
    kept = desk.post(f"/matters/{matter}/acts/picture", blobs=[picture], note="桥下 1 号")
    assert desk.status == 200, kept
    assert [(one["sha256"], one["what"]) for one in kept["evidence"]] == [(picture, "snapshot")]


def test_a_picture_of_somebody_else_is_not_taken(world: World) -> None:
    desk, matter = world.phone("chen", "desk"), a_matter(world)
    desk.post(f"/matters/{matter}/acts/picture", blobs=[a_photo(world, "lin", "8")])
    assert desk.status == 404


def test_the_next_shift_reads_what_the_last_one_left(world: World) -> None:
    world.phone("chen", "desk").post("/desk/handovers", note="桥下护栏已报修，等回话")
    found = world.phone("lin", "desk").get("/desk/handovers")
    assert [(one["who"], one["note"]) for one in found] == [
        (world.people["chen"].name, "桥下护栏已报修，等回话")
    ]


def test_what_is_two_days_old_is_not_handed_over_any_more(world: World) -> None:
    desk = world.phone("chen", "desk")
    desk.post("/desk/handovers", note="旧事")
    world.clock.forward(timedelta(hours=49))
    assert world.phone("lin", "desk").get("/desk/handovers") == []


def test_the_street_neither_reads_nor_leaves_handovers(world: World) -> None:
    phone = world.phone("near")
    phone.get("/desk/handovers")
    assert phone.status == 403
    phone.post("/desk/handovers", note="x")
    assert phone.status == 403
