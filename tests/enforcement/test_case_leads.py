# SPDX-License-Identifier: Apache-2.0
"""案源: only of what an officer saw and photographed, in one press; a camera is at most a lead."""

from uuid import UUID

import pytest

from jiedao.base.ids import new_id
from jiedao.cameras.models import ClipAsked
from jiedao.matters import store
from jiedao.matters.actions import attach_evidence
from jiedao.matters.models import Matter
from jiedao.matters.rules import fold
from jiedao.signals.models import Upload
from jiedao.town.models import Appointment
from tests.world import BRIDGE, Screen, World, matter_id, role

PHOTO, CLIP = "a" * 64, "c" * 64


@pytest.fixture
def officer(world: World) -> Screen:
    """Near is an officer on duty with a photo of their own."""
    with world.platform():
        Appointment.objects.filter(party=world.people["near"]).update(
            certificates=["law_enforcement"]
        )
    world.on_duty("near")
    with role("jiedao_stream"):
        Upload.objects.create(
            id=new_id(),
            sha256=PHOTO,
            size_bytes=1,
            media_type="image/jpeg",
            party_id=world.people["near"].id,
            at=world.clock.now(),
        )
    return world.phone("near")


def a_stall(world: World) -> UUID:
    """A stall that stays, with the camera's clip; an officer is sent by hand."""
    matter = matter_id(world.see("stall.stays", zone="kerb", facts={"spot": [0.6, 0.5, 0.68, 0.7]}))
    with world.platform() as tx:
        attach_evidence(tx, matter, clip=CLIP)
    near = str(world.people["near"].id)
    world.phone("chen", "desk").post(f"/matters/{matter}/dispatch", party=near)
    return matter


def report(officer: Screen, *, photo: bool = True) -> str:
    """Accept, arrive and report back; the task."""
    task = str(officer.get("/phone/today")["tasks"][0]["id"])
    for act in ("accept", "arrive"):
        officer.post(f"/tasks/{task}/acts/{act}")
    officer.post(f"/tasks/{task}/acts/report", note="摊主不配合", blobs=[PHOTO] if photo else [])
    assert officer.status == 200
    return task


def leads(world: World) -> list[Matter]:
    with world.platform():
        return list(Matter.objects.filter(item="case_lead"))


def test_the_officer_s_own_report_becomes_a_case_lead_in_one_press(
    world: World, officer: Screen
) -> None:
    stall = a_stall(world)
    raised = officer.post(f"/tasks/{report(officer)}/case-lead")
    assert officer.status == 200
    shown = world.phone("lin", "desk").get(f"/matters/{raised['matter']}")
    assert (shown["card"]["item"], shown["card"]["state"]) == ("case_lead", "reported")
    assert [one["sha256"] for one in shown["evidence"]] == [PHOTO]
    assert (shown["lead"]["matter"], shown["lead"]["clip"]) == (str(stall), CLIP)
    verbs = [row["verb"] for row in officer.get(f"/matters/{stall}")["timeline"]]
    assert "case_lead.raised" in verbs


def test_pressed_twice_it_is_one_lead(world: World, officer: Screen) -> None:
    a_stall(world)
    task = report(officer)
    first, second = (officer.post(f"/tasks/{task}/case-lead") for _ in range(2))
    assert first == second
    assert len(leads(world)) == 1


def test_without_a_photo_of_one_s_own_there_is_no_lead(world: World, officer: Screen) -> None:
    a_stall(world)
    refused = officer.post(f"/tasks/{report(officer, photo=False)}/case-lead")
    assert (officer.status, refused["code"]) == (409, "enforcement.no_own_evidence")


def test_before_the_report_there_is_no_lead(world: World, officer: Screen) -> None:
    a_stall(world)
    task = officer.get("/phone/today")["tasks"][0]["id"]
    officer.post(f"/tasks/{task}/acts/accept")
    refused = officer.post(f"/tasks/{task}/case-lead")
    assert (officer.status, refused["code"]) == (409, "enforcement.no_own_evidence")


def test_only_a_certified_officer_raises_one_and_only_of_their_own_task(
    world: World, officer: Screen
) -> None:
    a_stall(world)
    task = report(officer)
    desk = world.phone("chen", "desk")
    refused = desk.post(f"/tasks/{task}/case-lead")
    assert (desk.status, refused["code"]) == (403, "matters.not_your_task")
    with world.platform():
        Appointment.objects.filter(party=world.people["near"]).update(certificates=[])
    refused = officer.post(f"/tasks/{task}/case-lead")
    assert (officer.status, refused["code"]) == (403, "enforcement.not_an_officer")


def test_neither_a_camera_nor_its_plan_nor_the_desk_makes_one(
    world: World, officer: Screen
) -> None:
    a_stall(world)
    for _ in range(30):
        world.sweep(after_s=60)
    desk = world.phone("chen", "desk")
    assert "case_lead" not in [item["item"] for item in desk.get("/items")]
    spot = {"lon": BRIDGE[0], "lat": BRIDGE[1]}
    refused = desk.post("/matters", item="case_lead", camera=str(world.camera.id), **spot)
    assert (desk.status, refused["code"]) == (422, "catalog.unknown_item")
    assert leads(world) == []
    with world.platform():
        assert not ClipAsked.objects.exists()


def test_people_decide_what_becomes_of_it_and_the_link_survives_a_rebuild(
    world: World, officer: Screen
) -> None:
    stall = a_stall(world)
    lead = officer.post(f"/tasks/{report(officer)}/case-lead")["matter"]
    lead_path = f"/matters/{lead}/acts"
    operator, duty_lead = world.phone("chen", "desk"), world.phone("lin", "desk")
    operator.post(f"{lead_path}/take_up", note="x")
    assert operator.status == 403
    taken = duty_lead.post(f"{lead_path}/take_up", note="证据齐全，转法制审核")
    assert taken["card"]["state"] == "taken_up"
    with world.platform():
        folded = fold(store.history(UUID(lead)))
        assert folded.parent == stall
        assert store.stands(folded), "the rows say what the records say"
