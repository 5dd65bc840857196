# SPDX-License-Identifier: Apache-2.0
"""Talks: somebody holds a key and speaks through a loudspeaker. One at a time at each.

A talk is an announcement without text (`is_live`): it is claimed, held, stopped, proved and told
like one. It goes before announcements, which break off for it and are said again afterwards.
"""

from uuid import UUID

from django.db import IntegrityError, transaction

from jiedao.base.database import Tx
from jiedao.base.ids import AnnouncementId, MatterId, new_id
from jiedao.town.calendar import LOCAL
from jiedao.town.store import names_of
from jiedao.voice import rules, store
from jiedao.voice.actions import MAY_ASK
from jiedao.voice.errors import TalkTaken, TalkTakenUnseen, TalkUnknown
from jiedao.voice.models import Announcement, Loudspeaker
from jiedao.voice.telling import end, tell


def ask_talk(
    tx: Tx,
    *,
    loudspeaker: UUID,
    place_path: str | None = None,
    matter: MatterId | None = None,
    life_safety: bool = False,
    override_reason: str = "",
) -> AnnouncementId:
    """Take a loudspeaker, to speak through it as soon as the voice arrives.

    Args:
        place_path: whose record it is; by default where the loudspeaker stands.
        life_safety: lives depend on it; quiet hours do not hold it back.
        override_reason: why it must be in quiet hours, or "".

    Raises:
        NotAllowed: the actor holds no post that may speak.
        NotFound, LoudspeakerOff, QuietHours: see `rules.check_hour`.
        TalkTaken, TalkTakenUnseen: somebody else speaks there.
    """
    tx.actor.require("talk", *MAY_ASK)
    horn = store.loudspeaker(loudspeaker)
    reason = override_reason.strip()
    habits = rules.Habits(horn.name, horn.is_enabled, horn.quiet_from, horn.quiet_to)
    rules.check_hour(habits, tx.now.astimezone(LOCAL), exempt=life_safety or bool(reason))
    row = Announcement(
        id=new_id(),
        loudspeaker=horn,
        matter_id=matter,
        is_live=True,
        is_life_safety=life_safety,
        override_reason=reason,
        place_path=place_path or horn.place_path,
        asked_by=tx.actor.id,
        asked_at=tx.now,
        try_at=tx.now,
    )
    _refuse_if_taken(horn)
    try:
        # Two at the same moment: the index lets one of them through.
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as taken:
        _refuse_if_taken(horn)
        raise TalkTakenUnseen(name=horn.name) from taken
    tell(
        tx,
        row,
        "asked",
        {"life_safety": life_safety} | ({"override": True} if reason else {}),
        private=reason or None,
    )
    return AnnouncementId(row.id)


def claim_talk(tx: Tx, talk_id: UUID, holder: str) -> Announcement | None:
    """Take a talk whose voice has arrived; None while something else is being said there.

    Raises:
        TalkUnknown: there is none that waits.
    """
    row = store.talk_for_update(talk_id)
    if row is None or row.state != "asked":
        raise TalkUnknown
    if store.is_at_work(row.loudspeaker_id, tx.now):
        return None
    row.state, row.started_at, row.attempts = "calling", tx.now, 1
    row.claimed_by, row.claimed_until = holder, tx.now + rules.LEASE
    row.save()
    return row


def give_up_talk(tx: Tx, talk_id: UUID, code: str) -> None:
    """It could not be begun; whatever else became of it stands.

    Args:
        code: a message code, such as "voice.busy".
    """
    row = store.talk_for_update(talk_id)
    if row is not None and row.state == "asked":
        row.failure = code
        end(tx, row, "failed", {"code": code})


def _refuse_if_taken(horn: Loudspeaker) -> None:
    talk = store.talk_at(horn.id)
    if talk is not None:
        who = names_of({talk.asked_by}).get(talk.asked_by, "")
        raise TalkTaken(name=horn.name, who=who)
