# SPDX-License-Identifier: Apache-2.0
"""What is done with announcements: ask, stop; and by the voice process: claim, play, end.

Each action writes its row and its record in the one transaction it is given. The words of an
announcement are no personal text and stand in the record, except those that a person typed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import F

from jiedao.base.database import Tx
from jiedao.base.errors import JiedaoError
from jiedao.base.ids import AnnouncementId, LoudspeakerId, MatterId, new_id
from jiedao.town.calendar import LOCAL
from jiedao.trace.writing import Fact, record, record_all
from jiedao.voice import rules, store
from jiedao.voice.errors import (
    AnnouncementOver,
    LoudspeakerOff,
    NoLoudspeaker,
    QuietHours,
    RepeatedTooOften,
)
from jiedao.voice.models import Announcement, Loudspeaker
from jiedao.voice.proof import Proof
from jiedao.voice.rules import LEASE, MAX_ATTEMPTS, OVER, RETRY_AFTER, Habits, Words
from jiedao.voice.telling import end, fact_of, tell

MAY_ASK = ("operator", "duty_lead", "verifier", "system")


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to end before its time: stopped by a person, or giving way to save lives."""

    stop: frozenset[UUID]
    give_way: frozenset[UUID]


def nearest_loudspeaker(lon: float, lat: float) -> LoudspeakerId:
    """The nearest loudspeaker in use within earshot of a position (WGS-84).

    Raises:
        NoLoudspeaker: none is within REACH_M.
    """
    for row, distance in store.nearest(lon, lat, 1):
        if distance <= rules.REACH_M:
            return LoudspeakerId(row.id)
    raise NoLoudspeaker(reach_m=round(rules.REACH_M))


@dataclass(frozen=True, slots=True)
class Wish:
    """Words that somebody wants said.

    Attributes:
        text: as it is read aloud.
        phrase: the pack's code of the words; None for words that somebody typed.
        place_path: whose record it is; by default where the loudspeaker stands.
        life_safety: lives depend on it; nothing holds it back.
        override_reason: why it must be in quiet hours or once more, or "".
        plan_run, step: the step of a plan that asks.
        volume: 0..100, in place of the loudspeaker's own.
    """

    text: str
    phrase: str | None = None
    place_path: str | None = None
    matter: MatterId | None = None
    life_safety: bool = False
    override_reason: str = ""
    plan_run: UUID | None = None
    step: str = ""
    volume: int | None = None


def ask_announcement(
    tx: Tx, *, loudspeaker: UUID, batch: UUID | None = None, **wish: Any
) -> AnnouncementId:
    """Ask for words at a loudspeaker; the voice process says them within a second.

    Args:
        batch: announcements of one batch begin together, so that neighbours do not echo.
        wish: what is wanted, see `Wish`.

    Raises:
        NotAllowed: the actor holds no post that may speak.
        NotFound, LoudspeakerOff, BadText, QuietHours, RepeatedTooOften, TooLoud: see `rules`.
    """
    tx.actor.require("talk", *MAY_ASK)
    wanted = Wish(**wish)
    horn = store.loudspeaker(loudspeaker)
    said = store.said_at([horn.id], wanted.text.strip(), tx.now - rules.REPEAT_WINDOW)
    row = _row(tx, horn, said[horn.id], wanted, batch)
    row.save(force_insert=True)
    record(tx, _asked(row))
    return AnnouncementId(row.id)


def _row(
    tx: Tx, horn: Loudspeaker, said_at: Sequence[datetime], wish: Wish, batch: UUID | None
) -> Announcement:
    """The row of an announcement that may be made there now, not yet kept."""
    rules.check_volume(wish.volume, life_safety=wish.life_safety)
    words = Words(wish.text.strip(), wish.life_safety, wish.override_reason)
    habits = Habits(horn.name, horn.is_enabled, horn.quiet_from, horn.quiet_to)
    rules.check(words, habits, tx.now.astimezone(LOCAL), said_at)
    return Announcement(
        id=new_id(),
        loudspeaker=horn,
        batch=batch,
        matter_id=wish.matter,
        plan_run=wish.plan_run,
        step=wish.step,
        phrase=wish.phrase,
        text=words.text,
        volume=wish.volume,
        is_life_safety=wish.life_safety,
        override_reason=wish.override_reason,
        place_path=wish.place_path or horn.place_path,
        asked_by=tx.actor.id,
        asked_at=tx.now,
        try_at=tx.now,
    )


def _asked(row: Announcement) -> Fact:
    """The words of a pack stand in the record; what a person wrote is kept apart from it."""
    facts: dict[str, object] = {
        "phrase": row.phrase,
        "life_safety": row.is_life_safety,
        "step": row.step or None,
    }
    if row.phrase:
        facts["text"] = row.text
    if row.override_reason:
        facts["override"] = True
    if row.volume is not None:
        facts["volume"] = row.volume
    written = filter(None, ["" if row.phrase else row.text, row.override_reason])
    return fact_of(row, "asked", facts, private="\n".join(written) or None)


@dataclass(frozen=True, slots=True)
class Wide:
    """What became of words for many loudspeakers: those asked, and why others were not."""

    batch: UUID
    asked: tuple[UUID, ...]
    refused: Mapping[UUID, JiedaoError]


def ask_many(tx: Tx, loudspeakers: Sequence[UUID], confirmed: int, **wish: Any) -> Wide:
    """Ask for words at many loudspeakers, which begin together.

    A loudspeaker that may not speak now keeps none of the others from it.

    Args:
        confirmed: how many they are, as the person has confirmed; 0 for none.
        wish: what is wanted, see `Wish`.

    Raises:
        NotAllowed: the actor holds no post that may speak.
        NotFound: one of them is none that the actor may see.
        ConfirmWide, BadText, TooLoud: see `rules`.
        JiedaoError: what kept the first of them from it, if none may speak.
    """
    tx.actor.require("talk", *MAY_ASK)
    wanted, chosen = Wish(**wish), list(dict.fromkeys(loudspeakers))
    rules.check_wide(wanted.text.strip(), len(chosen), confirmed)
    horns = store.loudspeakers(chosen)
    said = store.said_at(chosen, wanted.text.strip(), tx.now - rules.REPEAT_WINDOW)
    batch, rows, refused = new_id(), [], {}
    for horn in horns:
        try:
            rows.append(_row(tx, horn, said[horn.id], wanted, batch))
        except (LoudspeakerOff, QuietHours, RepeatedTooOften) as refusal:
            refused[horn.id] = refusal
    if not rows:
        raise next(iter(refused.values()))
    Announcement.objects.bulk_create(rows)
    record_all(tx, [_asked(row) for row in rows])
    return Wide(batch, tuple(row.id for row in rows), refused)


def stop_batch(tx: Tx, batch: UUID) -> int:
    """Stop all of a batch that has not ended; returns how many were stopped."""
    tx.actor.require("talk", *MAY_ASK)
    going = store.of_batch(batch).exclude(state__in=OVER).values_list("id", flat=True)
    for announcement in list(going):
        stop_announcement(tx, announcement)
    return len(going)


def stop_announcement(tx: Tx, announcement_id: UUID) -> None:
    """Stop it: at once if nobody has begun it, else within a quarter of a second.

    Raises:
        AnnouncementOver: it has ended already.
    """
    tx.actor.require("talk", *MAY_ASK)
    row = store.announcement_for_update(announcement_id)
    if row.state in OVER:
        raise AnnouncementOver(state=row.state)
    row.stop_asked_by = tx.actor.id
    if row.state == "asked":
        end(tx, row, "stopped", {"packets": 0})
        return
    row.save()
    # Says who wants it, and wakes the voice process.
    tell(tx, row, "stop_asked", {})


def is_speaking_on(matter: UUID) -> bool:
    """Whether something asked for on a matter is still to be said, or being said."""
    return Announcement.objects.filter(matter_id=matter).exclude(state__in=OVER).exists()


def outcome(announcement_id: UUID) -> str | None:
    """How it ended: played, failed or stopped; None while it has not."""
    rows = Announcement.objects.filter(id=announcement_id, state__in=OVER)
    return rows.values_list("state", flat=True).first()


def why_failed(announcement_id: UUID) -> str | None:
    """The code of what it came to nothing by; None if it did not."""
    rows = Announcement.objects.filter(id=announcement_id, state="failed")
    return rows.values_list("failure", flat=True).first() or None


def claim(tx: Tx, holder: str, mine: Iterable[UUID], limit: int = 100) -> list[Announcement]:
    """Take what is to be said now for this voice process; it begins to call at once.

    What a dead process held is taken over; after MAX_ATTEMPTS it is given up instead.
    """
    taken = []
    for row in store.claimable(tx.now, mine, limit):
        if row.stop_asked_by is not None:
            end(tx, row, "stopped", {"packets": row.packets})
        elif row.is_live and row.state == "asked":
            row.failure = "voice.talk_not_begun"
            end(tx, row, "failed", {"code": row.failure})
        elif row.attempts >= MAX_ATTEMPTS:
            row.failure = row.failure or "voice.interrupted"
            end(tx, row, "failed", {"code": row.failure})
        else:
            taken.append(row)
    # One statement for all of them: ninety loudspeakers must not wait for ninety.
    Announcement.objects.filter(id__in=[row.id for row in taken]).update(
        state="calling",
        started_at=tx.now,
        claimed_by=holder,
        claimed_until=tx.now + LEASE,
        attempts=F("attempts") + 1,
    )
    return taken


def renew(tx: Tx, holder: str, held: Sequence[UUID]) -> Orders:
    """Hold on to what is under way; returns what is to end before its time."""
    rows = Announcement.objects.filter(id__in=held, claimed_by=holder, state__in=rules.UNDER_WAY)
    rows.update(claimed_until=tx.now + LEASE)
    return Orders(
        frozenset(rows.exclude(stop_asked_by=None).values_list("id", flat=True)),
        frozenset(store.in_the_way(rows)),
    )


def mark_playing(
    tx: Tx,
    announcement_id: UUID,
    holder: str,
    *,
    first_packet_at: datetime,
    rendered_blob: str | None,
    dialog: dict[str, Any],
) -> None:
    """The first packet has left.

    Args:
        rendered_blob: the sound that is sent, a WAV; None while it is being spoken.
        dialog: what another process needs to hang up this call, if this one dies.

    Raises:
        ClaimLost: this process no longer holds it.
    """
    row = store.held(announcement_id, holder)
    row.state, row.first_packet_at, row.dialog = "playing", first_packet_at, dialog
    row.rendered_blob = rendered_blob
    row.save()
    tell(tx, row, "playing", {"first_packet_at": first_packet_at.isoformat()})


def mark_played(
    tx: Tx,
    announcement_id: UUID,
    holder: str,
    proof: Proof,
    *,
    rendered_blob: str | None = None,
    stopped: bool = False,
    more: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """It was said to its end, or stopped in between; with the proof.

    A loudspeaker that took the call and got nothing has played nothing: that is a failure.

    Args:
        rendered_blob: the sound that was sent, where it was not known at the first packet.
        more: further facts for the record.

    Raises:
        ClaimLost: this process no longer holds it.
    """
    row = store.held(announcement_id, holder)
    row.packets, row.packets_lost = proof.packets, proof.packets_lost
    row.is_end_confirmed, row.heard_blob = proof.end_confirmed, proof.heard_blob
    row.heard_match, row.dialog = proof.heard_match, None
    row.rendered_blob = rendered_blob or row.rendered_blob
    state = "stopped" if stopped else "played"
    if proof.is_heard is False:
        state, row.failure = "failed", "voice.not_heard"
    end(
        tx,
        row,
        state,
        {
            "packets": proof.packets,
            "packets_lost": proof.packets_lost,
            "end_confirmed": proof.end_confirmed,
            "rendered": row.rendered_blob,
            "heard": proof.heard_blob,
            "heard_match": proof.heard_match and round(proof.heard_match, 4),
            **({"code": row.failure} if state == "failed" else {}),
            **more,
        },
    )


def mark_gave_way(tx: Tx, announcement_id: UUID, holder: str) -> None:
    """It broke off for words that save lives; it is said from its beginning after them.

    Raises:
        ClaimLost: this process no longer holds it.
    """
    row = store.held(announcement_id, holder)
    row.state, row.claimed_by, row.claimed_until, row.dialog = "asked", "", None, None
    row.attempts -= 1  # Being interrupted is no failure.
    row.save()
    tell(tx, row, "gave_way", {})


def mark_failed(tx: Tx, announcement_id: UUID, holder: str, code: str, *, retry: bool) -> None:
    """It did not come about.

    Args:
        code: a message code, such as "voice.busy".
        retry: try again shortly, as long as attempts are left.

    Raises:
        ClaimLost: this process no longer holds it.
    """
    row = store.held(announcement_id, holder)
    row.failure, row.dialog = code, None
    if retry and row.attempts < MAX_ATTEMPTS and row.stop_asked_by is None:
        row.state, row.claimed_by, row.claimed_until = "asked", "", None
        row.try_at = tx.now + RETRY_AFTER
        row.save()
        return
    end(tx, row, "failed", {"code": code, "attempts": row.attempts})
