# SPDX-License-Identifier: Apache-2.0
"""人工发现: a person comes upon something and raises a matter from where they stand."""

from tests.world import BRIDGE, World

RUBBISH = {"item": "exposed_rubbish", "note": "路边有一堆垃圾", "lon": BRIDGE[0], "lat": BRIDGE[1]}


def test_a_worker_in_the_street_raises_a_matter_and_sees_what_becomes_of_it(world: World) -> None:
    phone = world.phone("near")
    raised = phone.post("/matters", **RUBBISH)
    assert phone.status == 200
    card = raised["card"]
    assert (card["item"], card["state"], card["source"]) == (
        "exposed_rubbish",
        "reported",
        "person",
    )
    again = phone.get(f"/matters/{card['id']}")
    assert phone.status == 200
    assert again["timeline"][0]["verb"] == "matter.reported"


def test_another_worker_does_not_see_it(world: World) -> None:
    raised = world.phone("near").post("/matters", **RUBBISH)
    other = world.phone("far")
    other.get(f"/matters/{raised['card']['id']}")
    assert other.status == 404


def test_the_duty_room_has_it_in_its_queue_and_can_send_somebody(world: World) -> None:
    raised = world.phone("near").post("/matters", **RUBBISH)
    world.on_duty("far")
    desk = world.phone("chen", seat="desk")
    assert raised["card"]["id"] in [card["id"] for card in desk.get("/desk/snapshot")["cards"]]
    matter = raised["card"]["id"]
    desk.post(f"/matters/{matter}/acts/confirm")
    assert desk.status == 200
    sent = desk.post(f"/matters/{matter}/dispatch", party=str(world.people["far"].id))
    assert desk.status == 200, sent
    assert sent["card"]["state"] == "dispatched"


def test_nothing_can_be_raised_from_nowhere(world: World) -> None:
    phone = world.phone("near")
    phone.post("/matters", item="exposed_rubbish", note="在哪里")
    assert phone.status in {400, 422}
