# SPDX-License-Identifier: Apache-2.0
"""Asking, stopping, claiming and ending announcements, on a real database."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import ProgrammingError, transaction

from jiedao.base.actor import Actor
from jiedao.base.database import transact
from jiedao.base.errors import NotAllowed, NotFound
from jiedao.base.ids import new_id
from jiedao.trace.models import Record, RecordPrivate
from jiedao.voice import actions, reach, store
from jiedao.voice.actions import Orders
from jiedao.voice.errors import AnnouncementOver, ClaimLost, NoLoudspeaker
from jiedao.voice.models import Announcement, LoudspeakerLogin
from jiedao.voice.proof import Proof
from jiedao.voice.rules import LEASE, MAX_ATTEMPTS
from tests.world import BRIDGE, World

NOTHING = Orders(frozenset(), frozenset())
SHIFT_LATER = timedelta(seconds=10)


def ask(world: World, text: str = "请离开", **more: Any) -> UUID:
    with world.platform() as tx:
        return actions.ask_announcement(tx, loudspeaker=world.loudspeaker.id, text=text, **more)


def claimed(world: World, holder: str = "one") -> list[UUID]:
    with world.platform() as tx:
        return [row.id for row in actions.claim(tx, holder, [])]


def row(world: World, announcement: UUID) -> Announcement:
    with world.platform():
        return Announcement.objects.get(id=announcement)


def verbs(world: World, announcement: UUID) -> list[str]:
    with world.platform():
        rows = Record.objects.filter(subject_id=announcement).order_by("id")
        return [r.verb.removeprefix("announcement.") for r in rows]


def test_what_is_asked_for_is_claimed_played_and_proved(world: World) -> None:
    asked = ask(world, phrase="water_leave")
    assert claimed(world) == [asked]
    with world.platform() as tx:
        actions.mark_playing(
            tx,
            asked,
            "one",
            first_packet_at=tx.now,
            rendered_blob="ab" * 32,
            dialog={"call_id": "x"},
        )
        assert actions.outcome(asked) is None
        actions.mark_played(tx, asked, "one", Proof(200, 0, True, "cd" * 32, 0.9998))
        assert actions.outcome(asked) == "played"
    assert verbs(world, asked) == ["asked", "playing", "played"]
    done = row(world, asked)
    assert (done.packets, done.heard_match, done.dialog) == (200, 0.9998, None)
    assert claimed(world) == []


def test_typed_words_are_kept_apart_from_the_record(world: World) -> None:
    asked = ask(world, "请甲先生回岸上")
    with world.platform():
        record = Record.objects.get(subject_id=asked)
        assert "text" not in record.payload
        assert record.commitment is not None
    assert RecordPrivate.objects.filter(record_id=record.id).exists()


def test_announcements_queue_and_those_that_save_lives_go_first(world: World) -> None:
    ask(world, "此处禁止垂钓", phrase="no_swimming")
    urgent = ask(world, "请立即离开", life_safety=True)
    assert claimed(world) == [urgent]
    assert claimed(world) == [], "the loudspeaker is in use"
    with world.platform() as tx:
        actions.mark_played(tx, urgent, "one", Proof(10))
    assert len(claimed(world)) == 1


def test_words_that_save_no_lives_give_way_and_are_said_afterwards(world: World) -> None:
    notice = ask(world, "此处禁止垂钓", phrase="no_swimming")
    claimed(world)
    with world.platform() as tx:
        assert actions.renew(tx, "one", [notice]) == NOTHING
    urgent = ask(world, "请立即离开", life_safety=True)
    with world.platform() as tx:
        assert actions.renew(tx, "one", [notice]).give_way == {notice}
        actions.mark_gave_way(tx, notice, "one")
    assert claimed(world) == [urgent]
    ask(world, "请马上离开", life_safety=True)
    with world.platform() as tx:
        assert actions.renew(tx, "one", [urgent]) == NOTHING, "lives do not give way to lives"
        actions.mark_played(tx, urgent, "one", Proof(10))
    assert verbs(world, notice) == ["asked", "gave_way"]
    assert row(world, notice).attempts == 0


def test_a_claim_that_is_not_renewed_passes_to_another_process(world: World) -> None:
    asked = ask(world)
    claimed(world, "dead")
    world.clock.forward(LEASE - timedelta(seconds=1))
    assert claimed(world, "alive") == []
    world.clock.forward(timedelta(seconds=2))
    assert claimed(world, "alive") == [asked]
    with world.platform() as tx, pytest.raises(ClaimLost):
        actions.mark_played(tx, asked, "dead", Proof(10))
    assert row(world, asked).attempts == 2


def test_a_renewed_claim_holds(world: World) -> None:
    asked = ask(world)
    claimed(world, "one")
    for _ in range(4):
        world.clock.forward(timedelta(seconds=2))
        with world.platform() as tx:
            assert actions.renew(tx, "one", [asked]) == NOTHING
    assert claimed(world, "two") == []


def test_a_failure_is_tried_again_until_the_attempts_are_used_up(world: World) -> None:
    asked = ask(world)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert claimed(world) == [asked], attempt
        with world.platform() as tx:
            actions.mark_failed(tx, asked, "one", "voice.busy", retry=True)
        assert claimed(world) == [], "it waits a second"
        world.clock.forward(SHIFT_LATER)
    assert row(world, asked).state == "failed"
    assert verbs(world, asked) == ["asked", "failed"]


def test_what_kills_every_process_is_given_up(world: World) -> None:
    asked = ask(world)
    for _ in range(MAX_ATTEMPTS):
        assert claimed(world) == [asked]
        world.clock.forward(SHIFT_LATER)
    assert claimed(world) == []
    assert (row(world, asked).state, row(world, asked).failure) == ("failed", "voice.interrupted")


def test_what_nobody_has_begun_is_stopped_at_once(world: World) -> None:
    asked = ask(world)
    with world.platform() as tx:
        actions.stop_announcement(tx, asked)
    assert row(world, asked).state == "stopped"
    assert claimed(world) == []
    with world.platform() as tx, pytest.raises(AnnouncementOver):
        actions.stop_announcement(tx, asked)


def test_what_is_under_way_is_stopped_by_who_plays_it(world: World) -> None:
    asked = ask(world)
    claimed(world)
    with world.platform() as tx:
        actions.stop_announcement(tx, asked)
        assert actions.renew(tx, "one", [asked]).stop == {asked}
        actions.mark_played(tx, asked, "one", Proof(3), stopped=True)
    assert row(world, asked).state == "stopped"


def test_a_stopped_announcement_of_a_dead_process_is_not_said_again(world: World) -> None:
    asked = ask(world)
    claimed(world, "dead")
    with world.platform() as tx:
        actions.stop_announcement(tx, asked)
    world.clock.forward(SHIFT_LATER)
    assert claimed(world, "alive") == []
    assert row(world, asked).state == "stopped"


def test_only_the_duty_room_and_the_platform_may_speak(world: World) -> None:
    worker = Actor(new_id(), frozenset({"worker"}), "/", "m")
    with transact(worker, world.clock) as tx, pytest.raises(NotAllowed):
        actions.ask_announcement(tx, loudspeaker=world.loudspeaker.id, text="请离开")


def test_an_operator_of_another_town_sees_no_loudspeaker_here(world: World) -> None:
    stranger = Actor(new_id(), frozenset({"operator"}), "/elsewhere/", "desk")
    with transact(stranger, world.clock) as tx, pytest.raises(NotFound):
        actions.ask_announcement(tx, loudspeaker=world.loudspeaker.id, text="请离开")


def test_the_nearest_loudspeaker_is_found_within_earshot_only(world: World) -> None:
    with world.platform():
        assert actions.nearest_loudspeaker(*BRIDGE) == world.loudspeaker.id
        with pytest.raises(NoLoudspeaker):
            actions.nearest_loudspeaker(BRIDGE[0] + 0.1, BRIDGE[1])


def test_web_cannot_read_a_loudspeakers_password(world: World) -> None:
    with world.platform():
        LoudspeakerLogin.objects.create(loudspeaker=world.loudspeaker, password="horn-pw")
        assert store.passwords([world.loudspeaker.id]) == {world.loudspeaker.id: "horn-pw"}
    with pytest.raises(ProgrammingError), transaction.atomic():
        list(LoudspeakerLogin.objects.all())


def test_only_a_change_of_a_loudspeaker_leaves_a_record(world: World) -> None:
    horn = world.loudspeaker.id
    for online in (True, True, False, False, True):
        with world.platform() as tx:
            reach.note_reachable(tx, {horn: online})
    assert verbs(world, horn) == ["loudspeaker.offline", "loudspeaker.online"]
