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
