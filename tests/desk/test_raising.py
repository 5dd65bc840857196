# SPDX-License-Identifier: Apache-2.0
"""人工发现: a person comes upon something and raises a matter from where they stand."""

from uuid import uuid4

from jiedao.base.actor import system
from jiedao.base.database import transact
from jiedao.base.ids import new_id
from jiedao.signals.models import Upload
from jiedao.town.models import Party
from tests.world import BRIDGE, World, role

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


def test_a_phone_that_does_not_know_where_it_is_reports_from_its_post(world: World) -> None:
    raised = world.phone("near").post("/matters", item="exposed_rubbish", note="在桥头")
    assert raised["card"]["place"]["name"]


def test_nothing_can_be_raised_from_nowhere(world: World) -> None:
    phone = world.phone("near")
    with world.platform():
        Party.objects.filter(id=world.people["near"].id).update(lon=None, lat=None)
    phone.post("/matters", item="exposed_rubbish", note="在哪里")
    assert phone.status in {400, 422}


def test_the_first_photo_shows_what_was_found_and_all_of_them_are_kept(world: World) -> None:
    photos = [a_photo(world, "near", "1"), a_photo(world, "near", "2")]
    raised = world.phone("near").post("/matters", **RUBBISH, blobs=photos)
    assert raised["card"]["still"] == photos[0]
    assert [blob["sha256"] for blob in raised["timeline"][0]["blobs"]][:2] == photos


def test_nobody_reports_with_photos_of_another(world: World) -> None:
    photo = a_photo(world, "far", "3")
    phone = world.phone("near")
    phone.post("/matters", **RUBBISH, blobs=[photo])
    assert phone.status in {400, 422}


def test_what_a_phone_sends_again_changed_is_kept_once_as_a_new_version(world: World) -> None:
    phone, act = world.phone("near"), uuid4()
    first = phone.post("/matters", act_id=act, **RUBBISH)["card"]["id"]
    photo = a_photo(world, "near", "4")
    for _ in range(2):
        again = phone.post("/matters", act_id=act, **{**RUBBISH, "note": "两堆"}, blobs=[photo])
        assert phone.status == 200, again
    assert again["card"]["id"] == first
    shown = world.phone("chen", "desk").get(f"/matters/{first}")
    versions = [row for row in shown["timeline"] if row["verb"] == "matter.revised"]
    assert [(row["note"], row["blobs"][0]["sha256"]) for row in versions] == [("两堆", photo)]
    assert len(world.phone("chen", "desk").get("/desk/snapshot")["cards"]) == 1


def test_the_desk_does_not_raise_two_things_under_one_id(world: World) -> None:
    desk, act = world.phone("chen", "desk"), uuid4()
    desk.post("/matters", act_id=act, **RUBBISH)
    refused = desk.post("/matters", act_id=act, **{**RUBBISH, "note": "两堆"})
    assert (desk.status, refused["code"]) == (409, "trace.act_changed")


def test_nobody_else_changes_what_a_phone_raised(world: World) -> None:
    act = uuid4()
    world.phone("near").post("/matters", act_id=act, **RUBBISH)
    other = world.phone("far")
    refused = other.post("/matters", act_id=act, **{**RUBBISH, "note": "两堆"})
    assert (other.status, refused["code"]) == (409, "trace.act_changed")


def a_photo(world: World, who: str, name: str) -> str:
    """A photo that somebody has uploaded; its sha256."""
    sha256 = name * 64
    with role("jiedao_stream"), transact(system("stream"), world.clock) as tx:
        Upload.objects.create(
            id=new_id(),
            sha256=sha256,
            size_bytes=1,
            media_type="image/jpeg",
            party_id=world.people[who].id,
            at=tx.now,
        )
    return sha256


def test_what_only_a_camera_can_tell_is_not_offered_to_be_raised_by_hand(world: World) -> None:
    offered = {item["item"] for item in world.phone("near").client.get("/api/items").json()}
    assert {"exposed_rubbish", "occupied_road", "seen_by_people"} <= offered
    assert not [item for item in offered if item.startswith(("camera_", "recorder_"))]
    assert not {"road_stall", "case_lead"} & offered
