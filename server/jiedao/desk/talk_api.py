# SPDX-License-Identifier: Apache-2.0
"""Speaking over HTTP: a loudspeaker taken for one's own voice; words for several at once."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.base.ids import MatterId
from jiedao.desk import loudspeakers as horns
from jiedao.desk.answers import BroadcastBegun, BroadcastNow, Horns
from jiedao.desk.saying import words_of
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.town import door, sessions
from jiedao.town.api import stream_url
from jiedao.trace.writing import once
from jiedao.voice import actions as voice
from jiedao.voice.rules import LOUDEST, MAX_WIDE_TEXT, WIDE
from jiedao.voice.talks import ask_talk

router = Router(tags=["talk"], auth=door.signed_in)

#: On a matter of this severity lives depend on it, and quiet hours hold no voice back.
LIFE_SAFETY = 1


class TalkAsked(Schema):
    matter: UUID | None = None
    override_reason: str = Field(default="", max_length=80)


class TalkGiven(Schema):
    talk: UUID
    ticket: str
    url: str


@router.post("/loudspeakers/{loudspeaker_id}/talk", response=TalkGiven)
def talk(request: HttpRequest, loudspeaker_id: UUID, given: TalkAsked) -> dict[str, object]:
    """Take a loudspeaker; the voice follows over stream with the one-use pass."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")
        matter = None if given.matter is None else matter_store.read(given.matter)
        asked = ask_talk(
            tx,
            loudspeaker=loudspeaker_id,
            matter=None if matter is None else MatterId(matter.id),
            place_path=None if matter is None else matter.place_path,
            life_safety=matter is not None and matter.severity == LIFE_SAFETY,
            override_reason=given.override_reason,
        )
        ticket = sessions.issue_ticket(tx, door.who(request), "talk", asked)
    url = f"{stream_url(request)}/talk?ticket={ticket}"
    return {"talk": asked, "ticket": ticket, "url": url}


class Stopped(Schema):
    act_id: UUID


class Broadcast(Schema):
    """Words for several loudspeakers. `confirmed` is their number, once the person has seen it."""

    act_id: UUID
    loudspeakers: list[UUID] = Field(min_length=1, max_length=500)
    phrase: str | None = None
    text: str | None = Field(default=None, max_length=300)
    matter: UUID | None = None
    volume: int | None = Field(default=None, ge=10, le=100)
    life_safety: bool = False
    override_reason: str = Field(default="", max_length=80)
    confirmed: int = 0


@router.get("/loudspeakers", response=Horns)
def loudspeakers(request: HttpRequest) -> Horns:
    """Those in use that one may see, by name, and what can be said at them."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "loudspeakers")
        return {
            "loudspeakers": horns.in_use(tx.now),
            "phrases": horns.phrases(tx.now),
            "asked_twice_from": WIDE,
            "most_signs": MAX_WIDE_TEXT,
            "loudest": LOUDEST,
        }


@router.post("/broadcasts", response=BroadcastBegun)
def broadcast(request: HttpRequest, given: Broadcast) -> BroadcastBegun:
    """Speak at several loudspeakers at once; many are asked for twice."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")
        text, safety = words_of(tx.now, given.phrase, given.text)
        matter = None if given.matter is None else matter_store.read(given.matter)

        def perform() -> dict[str, object]:
            wide = voice.ask_many(
                tx,
                given.loudspeakers,
                given.confirmed,
                text=text,
                phrase=given.phrase,
                matter=None if matter is None else MatterId(matter.id),
                place_path=None if matter is None else matter.place_path,
                volume=given.volume,
                life_safety=safety or given.life_safety,
                override_reason=given.override_reason.strip(),
            )
            refused = {str(horn): error.code for horn, error in wide.refused.items()}
            return {"batch": str(wide.batch), "refused": refused}

        answer = once(tx, given.act_id, {"do": "broadcast", **given.dict()}, perform)
        refused = cast("dict[str, str]", answer["refused"])
        return {**horns.batch(UUID(str(answer["batch"]))), "refused": refused}


@router.get("/broadcasts/{batch}", response=BroadcastNow)
def broadcast_now(request: HttpRequest, batch: UUID) -> BroadcastNow:
    """How far it has come."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")
        return horns.batch(batch)


@router.post("/broadcasts/{batch}/stop", response=BroadcastNow)
def stop_broadcast(request: HttpRequest, batch: UUID, given: Stopped) -> BroadcastNow:
    """Silence at all of them."""
    with door.acting(request) as tx:
        matters.require_duty_room(tx, "talk")

        def perform() -> dict[str, object]:
            return {"stopped": voice.stop_batch(tx, batch)}

        once(tx, given.act_id, {"do": "stop_broadcast", "batch": batch}, perform)
        return horns.batch(batch)
