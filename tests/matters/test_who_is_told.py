# SPDX-License-Identifier: Apache-2.0
"""Who sees a matter and is told of it, and what stays out of its records."""

from typing import Any
from uuid import UUID, uuid4

from jiedao.main import files
from jiedao.signals.models import Upload
from jiedao.trace.models import Record
from tests.world import World, matter_id, role


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


def test_a_typed_reason_is_kept_apart_from_the_record(world: World) -> None:
    matter = matter_id(world.see())
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/acts/false_alarm", reason="张某某家的狗")
    way = desk.get(f"/matters/{matter}")["timeline"]
    row = next(row for row in way if row["verb"] == "matter.acted")
    assert (row["facts"]["reason"], row["note"]) == ("other", "张某某家的狗")


def test_a_reason_by_its_code_is_a_fact(world: World) -> None:
    matter = matter_id(world.see())
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/acts/false_alarm", reason="animal")
    way = desk.get(f"/matters/{matter}")["timeline"]
    row = next(row for row in way if row["verb"] == "matter.acted")
    assert (row["facts"]["reason"], row["note"]) == ("animal", None)


def audience_of(world: World, matter: UUID, verb: str) -> list[str]:
    with world.platform():
        rows = Record.objects.filter(matter_id=matter, verb=verb).order_by("version")
        return list(rows.values_list("audience", flat=True))[-1]


def test_a_withdrawn_worker_is_told_so_and_nothing_after(world: World) -> None:
    matter, phone = sent(world, "near", "far")
    near = f"party:{world.people['near'].id}"
    task = phone.get("/phone/today")["tasks"][0]["id"]
    desk = world.phone("chen", "desk")
    desk.post(f"/tasks/{task}/withdraw")
    assert near in audience_of(world, matter, "task.withdrawn")
    desk.post(f"/matters/{matter}/dispatch", party=str(world.people["far"].id))
    assert desk.status == 200
    assert near not in audience_of(world, matter, "task.offered")


def test_who_still_works_when_a_matter_closes_is_told(world: World) -> None:
    matter, _phone = sent(world, "near")
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/acts/false_alarm", reason="light")
    assert f"party:{world.people['near'].id}" in audience_of(world, matter, "matter.acted")


def test_no_name_of_a_person_enters_a_record(world: World) -> None:
    matter, _phone = sent(world, "near", "far")
    with world.platform():
        records = Record.objects.filter(matter_id=matter)
        payloads = "".join(str(row.payload) for row in records)
    assert "甲" not in payloads
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")["tasks"][0]
    assert shown["why"]["chosen"]["name"] == "near 甲"
    assert shown["why"]["runners_up"][0]["name"] == "far 甲"


def test_who_refused_or_did_not_answer_does_not_read_the_matter_any_more(world: World) -> None:
    matter, near = sent(world, "near", "far")
    task = near.get("/phone/today")["tasks"][0]["id"]
    near.post(f"/tasks/{task}/acts/refuse")
    assert near.status == 200
    near.get(f"/matters/{matter}")
    assert near.status == 404
    world.sweep()
    far = world.phone("far")
    far.get(f"/matters/{matter}")
    assert far.status == 200
    for _ in range(3):
        world.sweep(after_s=66)
    far.get(f"/matters/{matter}")
    assert far.status == 404
    with world.acting("far"):
        assert not Record.objects.filter(matter_id=matter).exists()


def test_one_of_two_turns_back_and_the_other_goes_on(world: World) -> None:
    matter, near = sent(world, "near", "far")
    far = str(world.people["far"].id)
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/dispatch", party=far)
    near.post(f"/tasks/{near.get('/phone/today')['tasks'][0]['id']}/acts/refuse")
    assert near.status == 200
    tasks = {t["name"]: t["state"] for t in desk.get(f"/matters/{matter}")["tasks"]}
    assert tasks == {"near 甲": "refused", "far 甲": "offered"}


def test_who_has_done_their_part_still_reads_the_matter(world: World) -> None:
    matter, near = sent(world, "near")
    task = near.get("/phone/today")["tasks"][0]["id"]
    for act in ("accept", "arrive", "begin", "report"):
        near.post(f"/tasks/{task}/acts/{act}", note="好了")
    world.phone("he", "desk").post(f"/matters/{matter}/acts/verify_pass")
    assert near.get(f"/matters/{matter}")["card"]["state"] == "closed"


def test_why_somebody_refused_may_still_be_corrected(world: World) -> None:
    matter, near = sent(world, "near")
    task, act = near.get("/phone/today")["tasks"][0]["id"], str(uuid4())
    near.post(f"/tasks/{task}/acts/refuse", act_id=act)
    near.post(f"/tasks/{task}/acts/refuse", act_id=act, note="孩子发烧")
    assert near.status == 200
    way = world.phone("chen", "desk").get(f"/matters/{matter}")["timeline"]
    assert "孩子发烧" in [row["note"] for row in way]


def test_whoever_raised_a_matter_adds_a_note_to_it_and_others_do_not(world: World) -> None:
    near, far = world.phone("near"), world.phone("far")
    matter = near.post("/matters", item="exposed_rubbish", lon=114.45, lat=22.8)["card"]["id"]
    shown = near.post(f"/matters/{matter}/acts/note", note="又多了一袋")
    assert near.status == 200, shown
    assert "又多了一袋" in [row["note"] for row in shown["timeline"]]
    far.post(f"/matters/{matter}/acts/note", note="x")
    assert far.status == 404


def test_a_note_of_the_raiser_reaches_whoever_works_on_it(world: World) -> None:
    near = world.phone("near")
    matter = near.post("/matters", item="exposed_rubbish", lon=114.45, lat=22.8)["card"]["id"]
    world.on_duty("far")
    far = str(world.people["far"].id)
    world.phone("chen", "desk").post(f"/matters/{matter}/dispatch", party=far)
    near.post(f"/matters/{matter}/acts/note", note="在桥墩后面")
    assert f"party:{far}" in audience_of(world, matter, "matter.acted")


def test_whoever_raised_a_merged_matter_follows_what_it_became_a_part_of(world: World) -> None:
    target = matter_id(world.see())
    near = world.phone("near")
    matter = near.post("/matters", item="seen_by_people", note="x", lon=114.45, lat=22.8)["card"]
    near.get(f"/matters/{target}")
    assert near.status == 404
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter['id']}/acts/merge", into=str(target))
    assert desk.status == 200
    assert near.get(f"/matters/{matter['id']}")["card"]["merged_into"] == str(target)
    near.get(f"/matters/{target}")
    assert near.status == 200
    shown = desk.get(f"/matters/{target}")
    assert [card["id"] for card in shown["merged"]] == [matter["id"]]


def test_the_pictures_of_a_merged_matter_are_handed_out_with_what_it_became_a_part_of(
    world: World,
) -> None:
    target, photo = matter_id(world.see()), "7" * 64
    with role("jiedao_stream"):
        Upload.objects.create(
            id=uuid4(),
            sha256=photo,
            size_bytes=1,
            media_type="image/jpeg",
            party_id=world.people["near"].id,
            at=world.clock.now(),
        )
    spot = {"lon": 114.45, "lat": 22.8}
    raised = world.phone("near").post("/matters", item="seen_by_people", blobs=[photo], **spot)
    desk = world.phone("chen", "desk")
    assert photo not in files_of(world, target)
    desk.post(f"/matters/{raised['card']['id']}/acts/merge", into=str(target))
    shown = desk.get(f"/matters/{target}")
    assert photo in [one["sha256"] for one in shown["evidence"]]
    assert files_of(world, target)[photo] == "image/jpeg"


def files_of(world: World, matter: UUID) -> dict[str, str]:
    with world.acting("chen"):
        return files._files_of(matter)
