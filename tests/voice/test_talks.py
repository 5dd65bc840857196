# SPDX-License-Identifier: Apache-2.0
"""Taking a loudspeaker to speak through it, on a real database."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from jiedao.base.database import transact
from jiedao.base.errors import NotAllowed, NotFound
from jiedao.trace.models import Record, RecordPrivate
from jiedao.voice import actions, talks
from jiedao.voice.errors import QuietHours, TalkTaken, TalkTakenUnseen, TalkUnknown
from jiedao.voice.models import Announcement, Loudspeaker
from jiedao.voice.proof import Proof
from jiedao.voice.rules import LEASE, TALK_BEGINS_WITHIN
from tests.world import World, matter_id

SECOND = timedelta(seconds=1)


def talk(world: World, who: str = "chen", **more: Any) -> UUID:
    with world.acting(who) as tx:
        return talks.ask_talk(tx, loudspeaker=world.loudspeaker.id, **more)


def claim(world: World, asked: UUID) -> Announcement | None:
    with world.platform() as tx:
        return talks.claim_talk(tx, asked, "one")


def announcements(world: World) -> list[UUID]:
    with world.platform() as tx:
        return [row.id for row in actions.claim(tx, "one", [])]


def row(world: World, asked: UUID) -> Announcement:
    with world.platform():
        return Announcement.objects.get(id=asked)


def told(world: World, asked: UUID) -> list[Record]:
    with world.platform():
        return list(Record.objects.filter(subject_id=asked).order_by("id"))


def rest_now(world: World) -> None:
    """It is noon; the loudspeaker rests from noon to two."""
    with world.platform():
        Loudspeaker.objects.update(quiet_from=time(12), quiet_to=time(14))


def test_a_talk_is_taken_spoken_and_told_with_who_where_and_how_long(world: World) -> None:
    asked = talk(world)
    taken = claim(world, asked)
    assert taken is not None
    assert taken.state == "calling"
    with world.platform() as tx:
        actions.mark_playing(
            tx, asked, "one", first_packet_at=tx.now, rendered_blob=None, dialog={}
        )
        actions.mark_played(
            tx,
            asked,
            "one",
            Proof(200, 0, True, "cd" * 32, 0.99, True),
            rendered_blob="ab" * 32,
            more={"seconds": 4.0, "why": "released"},
        )
    records = told(world, asked)
    assert [r.verb for r in records] == ["talk.asked", "talk.playing", "talk.played"]
    assert records[0].actor_id == world.people["chen"].id
    last = records[2].payload
    assert last["party"] == str(world.people["chen"].id)
    assert (last["name"], last["seconds"], last["heard"]) == ("桥下喇叭", 4.0, "cd" * 32)
    assert row(world, asked).rendered_blob == "ab" * 32


def test_the_second_who_wants_to_speak_is_told_who_speaks(world: World) -> None:
    talk(world)
    with pytest.raises(TalkTaken) as taken:
        talk(world, "lin")
    assert taken.value.facts == {"name": "桥下喇叭", "who": "chen 甲"}


def test_the_database_itself_lets_only_one_speak(world: World) -> None:
    first = row(world, talk(world))
    first.pk = uuid4()
    with world.platform(), pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_a_talk_that_one_may_not_see_holds_the_loudspeaker_as_well(world: World) -> None:
    with world.platform():
        Loudspeaker.objects.update(place_path="/T/C2/")
    talk(world, place_path="/T/C1/")
    with pytest.raises(TalkTakenUnseen) as taken:
        talk(world, "elsewhere")
    assert taken.value.facts == {"name": "桥下喇叭"}


def test_a_loudspeaker_is_free_again_after_a_talk(world: World) -> None:
    asked = talk(world)
    claim(world, asked)
    with world.platform() as tx:
        actions.mark_played(tx, asked, "one", Proof(10))
    assert row(world, talk(world, "lin")).state == "asked"


def test_a_talk_that_nobody_begins_ends_by_itself_and_holds_nothing_up(world: World) -> None:
    asked = talk(world)
    with world.platform() as tx:
        notice = actions.ask_announcement(tx, loudspeaker=world.loudspeaker.id, text="请离开")
    assert announcements(world) == [], "it waits for the talk"
    world.clock.forward(TALK_BEGINS_WITHIN + SECOND)
    announcements(world)
    assert (row(world, asked).state, row(world, asked).failure) == (
        "failed",
        "voice.talk_not_begun",
    )
    assert announcements(world) == [notice]
    with pytest.raises(TalkUnknown):
        claim(world, asked)


def test_announcements_give_way_to_a_person_even_those_that_save_lives(world: World) -> None:
    with world.platform() as tx:
        urgent = actions.ask_announcement(
            tx, loudspeaker=world.loudspeaker.id, text="请离开", life_safety=True
        )
    announcements(world)
    asked = talk(world)
    assert claim(world, asked) is None, "it is being said"
    with world.platform() as tx:
        assert actions.renew(tx, "one", [urgent]).give_way == {urgent}
        actions.mark_gave_way(tx, urgent, "one")
    assert announcements(world) == [], "the person goes first"
    assert claim(world, asked) is not None
    with world.platform() as tx:
        assert actions.renew(tx, "one", [asked]).give_way == frozenset()
        actions.mark_played(tx, asked, "one", Proof(10))
    assert announcements(world) == [urgent]


def test_a_person_who_speaks_is_not_interrupted_by_words_that_save_lives(world: World) -> None:
    asked = talk(world)
    claim(world, asked)
    with world.platform() as tx:
        actions.ask_announcement(
            tx, loudspeaker=world.loudspeaker.id, text="请离开", life_safety=True
        )
        assert actions.renew(tx, "one", [asked]).give_way == frozenset()
    assert announcements(world) == []


def test_a_talk_of_a_dead_process_is_handed_out_to_be_hung_up(world: World) -> None:
    asked = talk(world)
    claim(world, asked)
    world.clock.forward(LEASE + SECOND)
    assert announcements(world) == [asked]
    with world.platform() as tx:
        actions.mark_failed(tx, asked, "one", "voice.interrupted", retry=False)
    assert row(world, asked).state == "failed"


def test_quiet_hours_hold_a_voice_back_but_not_where_lives_depend_on_it(world: World) -> None:
    rest_now(world)
    with pytest.raises(QuietHours):
        talk(world)
    asked = talk(world, life_safety=True)
    assert row(world, asked).is_life_safety


def test_a_reason_overrides_quiet_hours_and_stands_in_the_trail(world: World) -> None:
    rest_now(world)
    asked = talk(world, override_reason=" 寻找走失老人 ")
    (record,) = told(world, asked)
    assert record.payload["override"] is True
    with world.platform():
        assert RecordPrivate.objects.get(record_id=record.id).text == "寻找走失老人"


def test_a_talk_can_be_stopped_from_the_desk_before_and_while_it_is_spoken(world: World) -> None:
    waiting = talk(world)
    with world.acting("lin") as tx:
        actions.stop_announcement(tx, waiting)
    assert row(world, waiting).state == "stopped"
    asked = talk(world)
    claim(world, asked)
    with world.acting("lin") as tx:
        actions.stop_announcement(tx, asked)
    with world.platform() as tx:
        assert actions.renew(tx, "one", [asked]).stop == {asked}
    assert [r.verb for r in told(world, asked)] == ["talk.asked", "talk.stop_asked"]


def test_only_who_may_speak_takes_a_loudspeaker_and_only_one_they_see(world: World) -> None:
    with pytest.raises(NotAllowed):
        talk(world, "near")
    with pytest.raises(NotFound):
        talk(world, "elsewhere")
    with transact(world.actor("chen"), world.clock):
        assert not Announcement.objects.exists()


def test_over_http_a_press_takes_the_loudspeaker_and_gives_a_pass(world: World) -> None:
    desk = world.phone("chen", "desk")
    matter = matter_id(world.see())
    given = desk.post(f"/loudspeakers/{world.loudspeaker.id}/talk", matter=matter)
    assert desk.status == 200
    assert f"/talk?ticket={given['ticket']}" in given["url"]
    taken = row(world, UUID(given["talk"]))
    assert (taken.matter_id, taken.is_life_safety, taken.place_path) == (matter, True, "/T/C1/B1/")
    refused = world.phone("lin", "desk")
    answer = refused.post(f"/loudspeakers/{world.loudspeaker.id}/talk")
    assert (refused.status, answer["code"]) == (409, "voice.talk_taken")
    assert "chen 甲" in answer["message"]["zh-CN"]
    worker = world.phone("near")
    worker.post(f"/loudspeakers/{world.loudspeaker.id}/talk")
    assert worker.status == 403
