# SPDX-License-Identifier: Apache-2.0
"""Words for several loudspeakers at once: asked twice, each by its own rules."""

from datetime import time
from typing import Any
from uuid import UUID

import pytest

from jiedao.trace.models import RecordPrivate
from jiedao.voice import actions
from jiedao.voice.errors import BadText, ConfirmWide, QuietHours, TooLoud
from jiedao.voice.models import Announcement, Loudspeaker
from jiedao.voice.proof import Proof
from jiedao.voice.rules import LOUDEST, MAX_WIDE_TEXT, WIDE
from tests.world import BRIDGE, World, matter_id

TEXT = "今晚有台风，请不要到河边。"


def a_row_of(world: World, number: int) -> list[UUID]:
    """So many loudspeakers along the river, the bridge's the first of them."""
    with world.platform():
        rows = [
            Loudspeaker(
                code=f"row-{n}",
                name=f"{n} 号喇叭",
                place_path="/T/C1/",
                lon=BRIDGE[0],
                lat=BRIDGE[1],
                sip_account=f"speaker-{n:03d}",
            )
            for n in range(2, number + 1)
        ]
        return [world.loudspeaker.id, *(row.id for row in Loudspeaker.objects.bulk_create(rows))]


def ask(world: World, horns: list[UUID], confirmed: int = 0, **more: Any) -> actions.Wide:
    with world.acting("chen") as tx:
        return actions.ask_many(tx, horns, confirmed, text=more.pop("text", TEXT), **more)


def asked(world: World) -> int:
    with world.platform():
        return Announcement.objects.count()


def rest(horn: UUID) -> None:
    """From noon, which it is, to two."""
    Loudspeaker.objects.filter(id=horn).update(quiet_from=time(12), quiet_to=time(14))


def test_few_loudspeakers_are_asked_at_once_and_begin_together(world: World) -> None:
    wide = ask(world, a_row_of(world, WIDE - 1))
    with world.platform():
        rows = Announcement.objects.filter(id__in=wide.asked)
        assert {row.batch for row in rows} == {wide.batch}
    assert len(wide.asked) == WIDE - 1


def test_many_are_asked_for_twice_with_their_number(world: World) -> None:
    horns = a_row_of(world, WIDE + 2)
    for wrong in (0, WIDE, len(horns) + 1):
        with pytest.raises(ConfirmWide) as unsure:
            ask(world, horns, wrong)
        assert unsure.value.facts == {"number": len(horns)}
    assert asked(world) == 0
    assert len(ask(world, horns, len(horns)).asked) == len(horns)


def test_the_same_loudspeaker_named_twice_speaks_once(world: World) -> None:
    assert len(ask(world, [world.loudspeaker.id] * 9).asked) == 1


def test_one_that_rests_keeps_none_of_the_others_from_speaking(world: World) -> None:
    horns = a_row_of(world, 3)
    with world.platform():
        rest(horns[1])
    wide = ask(world, horns)
    assert len(wide.asked) == 2
    assert {horn: error.code for horn, error in wide.refused.items()} == {
        horns[1]: "voice.quiet_hours"
    }


def test_where_none_may_speak_the_reason_is_said_and_nothing_is_asked(world: World) -> None:
    horns = a_row_of(world, 2)
    with world.platform():
        for horn in horns:
            rest(horn)
    with pytest.raises(QuietHours):
        ask(world, horns)
    assert asked(world) == 0


def test_a_reason_is_kept_with_the_words_apart_from_the_record(world: World) -> None:
    with world.platform():
        rest(world.loudspeaker.id)
    ask(world, [world.loudspeaker.id], override_reason="台风转移")
    with world.platform():
        assert RecordPrivate.objects.get().text == f"{TEXT}\n台风转移"
        assert Announcement.objects.get().override_reason == "台风转移"


def test_words_for_many_are_short_and_only_those_that_save_lives_are_loud(world: World) -> None:
    horns = a_row_of(world, WIDE)
    with pytest.raises(BadText):
        ask(world, horns, WIDE, text="长" * (MAX_WIDE_TEXT + 1))
    with pytest.raises(TooLoud):
        ask(world, horns, WIDE, volume=LOUDEST + 1)
    wide = ask(world, horns, WIDE, volume=LOUDEST + 1, life_safety=True)
    with world.platform():
        assert Announcement.objects.get(id=wide.asked[0]).volume == LOUDEST + 1


def test_all_of_them_are_stopped_together(world: World) -> None:
    wide = ask(world, a_row_of(world, 3))
    with world.platform() as tx:
        first, *_others = actions.claim(tx, "one", [])
    with world.acting("lin") as tx:
        assert actions.stop_batch(tx, wide.batch) == 3
    with world.platform() as tx:
        states = set(Announcement.objects.exclude(id=first.id).values_list("state", flat=True))
        assert actions.renew(tx, "one", [first.id]).stop >= {first.id}
    assert states <= {"stopped", "calling"}


def test_over_http_the_desk_sees_whom_it_asks_confirms_and_follows(world: World) -> None:
    horns = a_row_of(world, WIDE)
    desk = world.phone("chen", "desk")
    listed = desk.get("/loudspeakers")
    assert {one["id"] for one in listed["loudspeakers"]} == {str(horn) for horn in horns}
    assert listed["loudspeakers"][0]["community"] == "community C1"
    assert listed["asked_twice_from"] == WIDE
    body: dict[str, Any] = {"loudspeakers": horns, "text": TEXT, "matter": matter_id(world.see())}
    unsure = desk.post("/broadcasts", **body)
    assert (desk.status, unsure["code"], unsure["facts"]) == (
        409,
        "voice.confirm_wide",
        {"number": str(WIDE)},
    )
    begun = desk.post("/broadcasts", **body, confirmed=WIDE)
    assert (begun["number"], begun["over"], begun["refused"]) == (WIDE, False, {})
    with world.platform() as tx:
        taken = actions.claim(tx, "one", [])
        actions.mark_failed(tx, taken[0].id, "one", "voice.unknown_account", retry=False)
        actions.mark_played(tx, taken[1].id, "one", Proof(200))
    now = desk.get(f"/broadcasts/{begun['batch']}")
    assert [one["code"] for one in now["failed"]] == ["voice.unknown_account"]
    assert now["states"]["played"] == 1
    desk.post(f"/broadcasts/{begun['batch']}/stop")
    assert desk.status == 200
    worker = world.phone("near")
    worker.get("/loudspeakers")
    assert worker.status == 403


def test_what_came_to_nothing_says_why(world: World) -> None:
    (announcement,) = ask(world, [world.loudspeaker.id]).asked
    with world.platform() as tx:
        actions.claim(tx, "one", [])
        actions.mark_failed(tx, announcement, "one", "voice.unknown_account", retry=False)
        assert actions.why_failed(announcement) == "voice.unknown_account"
