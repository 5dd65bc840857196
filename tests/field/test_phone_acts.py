# SPDX-License-Identifier: Apache-2.0
"""A phone that lost an answer: the same act is done once, changed words are kept, not refused."""

from uuid import UUID, uuid4

from jiedao.base.ids import new_id
from jiedao.signals.models import Upload
from jiedao.trace.models import Record
from tests.world import Screen, World, matter_id, role

PHOTO = "a" * 64


def reported(world: World, act: UUID) -> tuple[UUID, str, Screen]:
    """A matter reported back by a phone under this act id."""
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone = world.phone("near")
    task = str(phone.get("/phone/today")["tasks"][0]["id"])
    phone.post(f"/tasks/{task}/acts/accept")
    phone.post(f"/tasks/{task}/acts/report", act_id=act, note="人已上岸")
    assert phone.status == 200
    return matter, task, phone


def uploaded(world: World, who: str) -> None:
    """Somebody's photo lies in the store."""
    with role("jiedao_stream"):
        Upload.objects.create(
            id=new_id(),
            sha256=PHOTO,
            size_bytes=1,
            media_type="image/jpeg",
            party_id=world.people[who].id,
            at=world.clock.now(),
        )


def versions(world: World, matter: UUID) -> int:
    with world.platform():
        return Record.objects.filter(matter_id=matter, verb="task.revised").count()


def test_the_same_report_twice_is_one_report(world: World) -> None:
    act = uuid4()
    matter, task, phone = reported(world, act)
    phone.post(f"/tasks/{task}/acts/report", act_id=act, note="人已上岸")
    assert phone.status == 200
    assert versions(world, matter) == 0


def test_a_changed_report_under_the_same_id_is_kept_once_as_a_new_version(world: World) -> None:
    act = uuid4()
    matter, task, phone = reported(world, act)
    uploaded(world, "near")
    for _ in range(2):
        phone.post(
            f"/tasks/{task}/acts/report", act_id=act, note="人已上岸，护栏坏了", blobs=[PHOTO]
        )
        assert phone.status == 200
    assert versions(world, matter) == 1
    way = world.phone("chen", "desk").get(f"/matters/{matter}")["timeline"]
    row = next(row for row in way if row["verb"] == "task.revised")
    assert row["note"] == "人已上岸，护栏坏了"
    assert row["blobs"] == [{"sha256": PHOTO, "type": "image/jpeg"}]


def test_nobody_else_may_use_the_id(world: World) -> None:
    act = uuid4()
    _matter, task, _phone = reported(world, act)
    other = world.phone("far")
    refused = other.post(f"/tasks/{task}/acts/report", act_id=act, note="x")
    assert (other.status, refused["code"]) == (409, "trace.act_changed")


def test_nobody_lays_a_file_before_others_that_is_not_theirs(world: World) -> None:
    world.on_duty("near")
    world.see()
    world.sweep()
    uploaded(world, "far")
    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    phone.post(f"/tasks/{task}/acts/accept")
    phone.post(f"/tasks/{task}/acts/report", blobs=[PHOTO])
    assert phone.status == 404
    uploaded(world, "near")
    phone.post(f"/tasks/{task}/acts/report", blobs=[PHOTO])
    assert phone.status == 200


def test_what_is_reported_after_being_called_off_is_kept(world: World) -> None:
    world.on_duty("near")
    matter = matter_id(world.see())
    world.sweep()
    phone, desk = world.phone("near"), world.phone("chen", "desk")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    for act in ("accept", "arrive"):
        phone.post(f"/tasks/{task}/acts/{act}")
    desk.post(f"/matters/{matter}/acts/feedback", note="电话里说已处理")
    uploaded(world, "near")
    phone.post(f"/tasks/{task}/acts/report", note="护栏也坏了", blobs=[PHOTO])
    assert phone.status == 200
    shown = desk.get(f"/matters/{matter}")
    assert (shown["card"]["state"], shown["tasks"][0]["state"]) == ("verifying", "withdrawn")
    row = next(row for row in shown["timeline"] if row["verb"] == "task.revised")
    assert (row["note"], row["blobs"][0]["sha256"]) == ("护栏也坏了", PHOTO)


def test_nobody_reports_on_an_offer_that_was_withdrawn_or_on_that_of_another(world: World) -> None:
    world.on_duty("near")
    world.see()
    world.sweep()
    phone = world.phone("near")
    task = phone.get("/phone/today")["tasks"][0]["id"]
    other = world.phone("far")
    other.post(f"/tasks/{task}/acts/report", note="x")
    assert other.status == 404
    world.phone("chen", "desk").post(f"/tasks/{task}/withdraw")
    refused = phone.post(f"/tasks/{task}/acts/report", note="x")
    assert (phone.status, refused["code"]) == (409, "matters.wrong_task_state")


def test_a_changed_note_from_the_field_is_kept_beside_the_first(world: World) -> None:
    act = uuid4()
    matter, _task, phone = reported(world, uuid4())
    for note in ("人已上岸", "人已上岸，两名", "人已上岸，两名"):
        phone.post(f"/matters/{matter}/acts/note", act_id=act, note=note)
        assert phone.status == 200
    way = world.phone("chen", "desk").get(f"/matters/{matter}")["timeline"]
    notes = [row["note"] for row in way if row["facts"].get("action") == "note"]
    assert sorted(notes) == ["人已上岸", "人已上岸，两名"]
