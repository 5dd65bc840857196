# SPDX-License-Identifier: Apache-2.0
"""Hold to talk over HTTP: taking a loudspeaker, to speak through it over stream."""

from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from jiedao.base.ids import MatterId
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.town import door, sessions
from jiedao.town.api import stream_url
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
