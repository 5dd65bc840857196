# SPDX-License-Identifier: Apache-2.0
"""Into the database: by the present holder only, with a record for everything that matters."""

from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from jiedao.base.errors import BadInput, NotAllowed, NotFound
from jiedao.cameras import actions, intake, store
from jiedao.cameras.address import check_address
from jiedao.cameras.errors import CameraNotOpenable, LeaseLost
from jiedao.cameras.messages import ClipKept, Condition, Observed, Presence
from jiedao.cameras.models import Camera, CameraHealth, CameraOpening, ClipAsked, Lease
from jiedao.matters.models import Matter
from jiedao.signals.store import words_on_zones
from jiedao.trace.models import Record
from tests.world import World

NETWORKS = (ip_network("127.0.0.0/8"),)
STILL, CLIP, WHOLE = "a" * 64, "b" * 64, "c" * 64


@pytest.fixture
def held(world: World) -> World:
    """The bridge camera, leased with epoch 1."""
    with world.platform():
        assert store.take_leases([world.camera.id], "here") == {world.camera.id: 1}
    return world


def an_observation(world: World, epoch: int = 1, **changes: object) -> Observed:
    now = world.clock.now()
    values: dict[str, object] = {"captured_at": now, "late": False, "id": uuid4(), **changes}
    captured_at, late, name = values["captured_at"], values["late"], values["id"]
    assert isinstance(captured_at, datetime)
    assert isinstance(name, UUID)
    return Observed(
        id=name,
        camera=world.camera.id,
        epoch=epoch,
        kind="fence.crossing",
        zone="inner_line",
        captured_at=captured_at,
        received_at=now,
        still=STILL,
        late=bool(late),
    )


def test_the_holder_opens_a_matter_with_the_picture(held: World) -> None:
    with held.platform() as tx:
        matter = intake.take_observed(tx, an_observation(held))
        assert matter is not None
    with held.platform():
        found = Matter.objects.get(id=matter)
    assert (found.item, found.still, found.camera_id) == ("water_fence", STILL, held.camera.id)


def test_the_same_observation_twice_is_one_matter(held: World) -> None:
    seen = an_observation(held)
    with held.platform() as tx:
        assert intake.take_observed(tx, seen) == intake.take_observed(tx, seen)
        assert Matter.objects.count() == 1
        assert Matter.objects.get().times == 1


@pytest.mark.parametrize("epoch", [0, 2])
def test_an_event_of_another_epoch_is_refused(held: World, epoch: int) -> None:
    with held.platform() as tx, pytest.raises(LeaseLost):
        intake.take_observed(tx, an_observation(held, epoch))


def test_an_event_of_a_camera_that_nobody_holds_is_refused(world: World) -> None:
    with world.platform() as tx, pytest.raises(LeaseLost):
        intake.take_observed(tx, an_observation(world))


def test_a_late_event_from_before_the_present_holder_is_taken_and_one_from_after_is_not(
    held: World,
) -> None:
    with held.platform():
        store.take_leases([held.camera.id], "here")
        taken_at = Lease.objects.get().taken_at
    before, after = taken_at - timedelta(seconds=1), taken_at + timedelta(seconds=1)
    with held.platform() as tx:
        assert intake.take_observed(tx, an_observation(held, late=True, captured_at=before))
        with pytest.raises(LeaseLost):
            intake.take_observed(tx, an_observation(held, late=True, captured_at=after))


def test_a_lease_that_runs_belongs_to_its_holder_and_one_that_ran_out_to_whoever_asks(
    held: World,
) -> None:
    camera = held.camera.id
    with held.platform():
        assert store.take_leases([camera], "elsewhere") == {}
        assert store.renew_leases({camera: 1}, "here") == {camera}
        assert store.renew_leases({camera: 1}, "elsewhere") == set()
        with connection.cursor() as cursor:
            cursor.execute("update cameras_lease set until = now() - interval '1 second'")
        assert store.take_leases([camera], "elsewhere") == {camera: 2}
        assert store.renew_leases({camera: 1}, "here") == set()


def test_the_clip_comes_to_the_matter_that_its_alarm_opened(held: World) -> None:
    seen = an_observation(held)
    with held.platform() as tx:
        matter = intake.take_observed(tx, seen)
        assert matter is not None
        intake.attach_clip(tx, ClipKept(held.camera.id, CLIP, observation=seen.id))
        assert Matter.objects.get(id=matter).clip == CLIP
        began_at = held.clock.now() - timedelta(seconds=30)
        intake.attach_clip(tx, ClipKept(held.camera.id, WHOLE, began_at, observation=seen.id))
        assert Matter.objects.get(id=matter).clip == WHOLE
    shown = held.phone("chen", "desk").get(f"/matters/{matter}")["evidence"]
    clip = next(one for one in shown if one["what"] == "clip")
    assert datetime.fromisoformat(clip["began_at"]) == began_at


def test_the_clip_of_an_alarm_that_was_only_counted_changes_nothing(held: World) -> None:
    first, second = an_observation(held), an_observation(held)
    with held.platform() as tx:
        matter = intake.take_observed(tx, first)
        assert matter is not None
        intake.attach_clip(tx, ClipKept(held.camera.id, CLIP, observation=first.id))
        held.clock.forward(timedelta(seconds=1))
    with held.platform() as tx:
        assert intake.take_observed(tx, second) == matter
        intake.attach_clip(tx, ClipKept(held.camera.id, WHOLE, observation=second.id))
        assert Matter.objects.get(id=matter).clip == CLIP


def test_health_keeps_since_when_and_moves_it_only_with_the_state(world: World) -> None:
    camera = world.camera.id
    with world.platform():
        store.save_health([Condition(camera, "live", fps=25.0)])
        since = CameraHealth.objects.get().since
        store.save_health([Condition(camera, "live", fps=24.0, analysed=9)])
        health = CameraHealth.objects.get()
    assert (health.since, health.fps, health.analysed) == (since, 24.0, 9)


def test_a_loss_and_a_return_are_on_record_for_the_duty_room(world: World) -> None:
    with world.platform() as tx:
        actions.note_lost(tx, world.camera.id, "camera.silent")
        actions.note_back(tx, world.camera.id, 61.26)
        verbs = Record.objects.filter(subject_id=world.camera.id).order_by("id")
        lost, back = verbs.values("verb", "payload", "audience")
    assert (lost["verb"], lost["payload"]["code"]) == ("camera.lost", "camera.silent")
    assert (back["verb"], back["payload"]["lost_for_s"]) == ("camera.back", 61.3)
    assert "role:operator" in lost["audience"]


def test_opening_a_camera_needs_a_purpose_and_leaves_a_record(world: World) -> None:
    with world.acting("chen") as tx:
        with pytest.raises(BadInput):
            actions.open_camera(tx, world.camera.id, "")
        opening = actions.open_camera(tx, world.camera.id, "值守")
        assert CameraOpening.objects.get(id=opening).party_id == tx.actor.id
    with world.platform():
        record = Record.objects.get(verb="camera.opened")
    assert record.payload["purpose"] == "值守"


def test_a_camera_that_is_not_there_cannot_be_opened(world: World) -> None:
    with world.acting("chen") as tx, pytest.raises(NotFound):
        actions.open_camera(tx, uuid4(), "值守")


def test_a_camera_that_is_only_registered_cannot_be_opened(world: World) -> None:
    with world.platform():
        Camera.objects.filter(id=world.camera.id).update(registered_only=True)
    with world.acting("chen") as tx, pytest.raises(CameraNotOpenable) as refusal:
        actions.open_camera(tx, world.camera.id, "值守")
    assert world.camera.name in refusal.value.in_words("zh-CN")


def test_a_camera_of_another_community_is_not_there(world: World) -> None:
    with world.acting("elsewhere") as tx, pytest.raises(NotFound):
        actions.open_camera(tx, world.camera.id, "值守")


def test_a_clip_that_a_person_asked_for_is_claimed_once_and_comes_to_the_matter(
    held: World,
) -> None:
    with held.platform() as tx:
        matter = intake.take_observed(tx, an_observation(held))
        assert matter is not None
    with connection.cursor() as cursor:  # claims go by the database's time
        cursor.execute("select now()")
        held.clock.forward(cursor.fetchone()[0] - held.clock.now())
    with held.acting("chen") as tx:
        actions.ask_clip(tx, held.camera.id, matter)
    with held.platform() as tx:
        assert store.claim_clips() == [(held.camera.id, matter)]
        assert store.claim_clips() == []
        intake.attach_clip(tx, ClipKept(held.camera.id, WHOLE, matter=matter))
        assert Matter.objects.get(id=matter).clip == WHOLE


def test_a_clip_asked_for_too_long_ago_is_passed_over(held: World) -> None:
    with held.acting("chen") as tx:
        actions.ask_clip(tx, held.camera.id, uuid4())
    with held.platform():
        ClipAsked.objects.update(asked_at=held.clock.now() - timedelta(days=999))
        assert store.claim_clips() == []


def test_an_address_is_kept_in_parts_with_its_password_sealed_and_off_the_record(
    world: World,
) -> None:
    address = check_address("127.0.0.1", 8554, "/bridge", NETWORKS, login="op", password="geheim")
    with world.platform() as tx:
        actions.set_address(tx, world.camera.id, address, "key")
        row = Camera.objects.get(id=world.camera.id)
        watch = store.camera_to_view(world.camera.id, "key")
        record = Record.objects.get(verb="camera.addressed")
    assert (row.host, row.port, row.path, row.login) == ("127.0.0.1", 8554, "/bridge", "op")
    assert "geheim" not in row.password_sealed
    assert watch is not None
    assert watch.password == "geheim"
    assert record.payload == {"name": world.camera.name}


def test_only_an_administrator_changes_an_address(world: World) -> None:
    address = check_address("127.0.0.1", 8554, "/bridge", NETWORKS)
    with world.acting("chen") as tx, pytest.raises(NotAllowed):
        actions.set_address(tx, world.camera.id, address, "key")


def test_the_latest_word_on_a_zone_says_where_they_are_and_since_when_it_is_watched(
    world: World,
) -> None:
    now = world.clock.now()
    box, since = (0.1, 0.2, 0.3, 0.4), now - timedelta(minutes=2)
    word = Presence(world.camera.id, now, {"kerb": 1}, False, {"kerb": [box]}, since)
    with world.platform() as tx:
        intake.keep_presence(tx, [word])
        (kept,) = words_on_zones(world.camera.id)
    assert (kept["count"], kept["stays"], kept["since"]) == (1, [list(box)], since)


def words(world: World, at: datetime, **zones: int) -> list[Any]:
    """What is known of the bridge camera's zones after one more word on them."""
    with world.platform() as tx:
        intake.keep_presence(tx, [Presence(world.camera.id, at, dict(zones), blind=not zones)])
        return sorted((w["zone"], w["count"]) for w in words_on_zones(world.camera.id))


def test_a_renamed_zone_leaves_no_word_behind(world: World) -> None:
    now = world.clock.now()
    assert words(world, now, water_edge=1, bank=0) == [("bank", 0), ("water_edge", 1)]
    assert words(world, now + timedelta(seconds=1), shore=0, bank=0) == [("bank", 0), ("shore", 0)]


def test_a_new_plan_without_zones_leaves_no_word_at_all(world: World) -> None:
    now = world.clock.now()
    words(world, now, water_edge=1)
    assert words(world, now + timedelta(seconds=1)) == []


def test_a_word_that_comes_late_takes_none_of_the_newer_ones_away(world: World) -> None:
    now = world.clock.now()
    words(world, now, shore=2)
    assert words(world, now - timedelta(seconds=1), water_edge=1) == [
        ("shore", 2),
        ("water_edge", 1),
    ]


def test_words_on_other_cameras_stay(world: World) -> None:
    now, other = world.clock.now(), uuid4()
    with world.platform() as tx:
        intake.keep_presence(tx, [Presence(other, now, {"water_edge": 3}, blind=False)])
    words(world, now, shore=0)
    with world.platform():
        assert [word["count"] for word in words_on_zones(other)] == [3]
