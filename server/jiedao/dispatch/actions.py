# SPDX-License-Identifier: Apache-2.0
"""Checking in and out, and sending somebody."""

from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import NotAllowed
from jiedao.dispatch import store
from jiedao.dispatch.errors import AlreadyOnDuty, NobodyFree, NotOnDuty, UnitBusy
from jiedao.dispatch.models import Shift
from jiedao.dispatch.rules import PATIENCE, Candidate, candidates, may_be_asked
from jiedao.matters import actions as matters
from jiedao.matters import store as matter_store
from jiedao.matters.errors import WrongState
from jiedao.matters.pinned import item_of
from jiedao.matters.rules import MatterState
from jiedao.town.calendar import local_day
from jiedao.town.models import Party
from jiedao.trace.writing import Fact, record

RUNNERS_UP = 4


def check_in(tx: Tx, fix: tuple[float, float] | None) -> Shift:
    """Begin duty.

    Raises:
        AlreadyOnDuty: a shift is open.
    """
    if Shift.objects.filter(party_id=tx.actor.id, checked_out_at=None).exists():
        raise AlreadyOnDuty
    lon, lat = fix or (None, None)
    path = Party.objects.values_list("place_path", flat=True).get(id=tx.actor.id)
    shift = Shift.objects.create(
        party_id=tx.actor.id, place_path=path, checked_in_at=tx.now, lon=lon, lat=lat
    )
    _tell(tx, "shift.began", shift)
    return shift


def check_out(tx: Tx) -> Shift:
    """End duty.

    Raises:
        NotOnDuty: no shift is open.
    """
    rows = Shift.objects.select_for_update()
    shift = rows.filter(party_id=tx.actor.id, checked_out_at=None).first()
    if shift is None:
        raise NotOnDuty
    shift.checked_out_at = tx.now
    shift.save(update_fields=["checked_out_at"])
    _tell(tx, "shift.ended", shift)
    return shift


def hand_over(tx: Tx, note: str) -> None:
    """Leave words for whoever takes the duty desk next."""
    matters.require_duty_room(tx, "hand_over")
    fact = Fact(
        "shift.handed_over",
        "party",
        tx.actor.id,
        private=note,
        audience=matters.DUTY_ROOM,
        place_path=tx.actor.path,
    )
    record(tx, fact)


def nearest(tx: Tx, matter: MatterState) -> list[Candidate]:
    """Who can go to a matter, nearest first, with reasons."""
    if matter.lon is None or matter.lat is None:
        return []
    asked = frozenset(t.party for t in matter.tasks if t.state in ("refused", "expired"))
    return candidates(
        store.on_duty(local_day(tx.now)),
        (matter.lon, matter.lat),
        tx.now,
        skills=frozenset(item_of(matter).skills),
        asked=asked,
    )


def send_nearest(tx: Tx, matter_id: UUID) -> tuple[MatterState, Candidate]:
    """Offer the matter to the nearest free hand.

    Raises:
        NobodyFree: nobody fit is on duty and free.
    """
    matter = matter_store.for_update(matter_id)
    ranked = [c for c in nearest(tx, matter) if may_be_asked(matter.tasks, c.party)]
    chosen = next((c for c in ranked if store.hold_if_free(c.party)), None)
    if chosen is None:
        raise NobodyFree
    return _send(tx, matter, chosen, ranked), chosen


def send_next(tx: Tx, matter_id: UUID) -> None:
    """After an offer came to nothing, ask the next, unless somebody was sent meanwhile.

    With nobody left to ask the duty lead is told, once for each offer that came to nothing.

    Raises:
        NobodyFree: nobody fit is on duty, free, and left to ask, and the duty lead knows.
    """
    matter = matter_store.for_update(matter_id)
    if matter.live_tasks:
        return
    try:
        send_nearest(tx, matter_id)
    except NobodyFree:
        if not tell_nobody_left(tx, matter_id):
            raise


def tell_nobody_left(tx: Tx, matter_id: UUID) -> bool:
    """Tell the duty lead that there is nobody to send; False if nothing has changed since."""
    matter = matter_store.for_update(matter_id)
    told_at = matter.escalated_at
    if told_at is not None and all((task.ended_at or told_at) <= told_at for task in matter.tasks):
        return False
    try:
        matters.act(tx, matter_id, "escalate", {"reason": "nobody_left"})
    except (NotAllowed, WrongState):
        # Its flow knows no way up.
        return False
    return True


def send(tx: Tx, matter_id: UUID, party: UUID) -> MatterState:
    """Offer the matter to a hand that the operator chose.

    Raises:
        UnitBusy: the hand is not on duty, or works on something else.
    """
    matter = matter_store.for_update(matter_id)
    ranked = nearest(tx, matter)
    chosen = next((c for c in ranked if c.party == party), None)
    # Two operators, or an operator and a plan, may choose the same hand at the same time.
    if chosen is None or not store.hold_if_free(party):
        raise UnitBusy(unit=str(party))
    return _send(tx, matter, chosen, ranked)


def _send(tx: Tx, matter: MatterState, chosen: Candidate, ranked: list[Candidate]) -> MatterState:
    others = [c.facts() for c in ranked if c.party != chosen.party][:RUNNERS_UP]
    why = {"chosen": chosen.facts(), "runners_up": others, "considered": len(ranked)}
    return matters.offer_task(tx, matter.id, chosen.party, why=why, patience=PATIENCE)


def _tell(tx: Tx, verb: str, shift: Shift) -> None:
    fact = Fact(
        verb,
        "party",
        tx.actor.id,
        audience=(*matters.DUTY_ROOM, f"party:{tx.actor.id}"),
        place_path=shift.place_path,
    )
    record(tx, fact)
