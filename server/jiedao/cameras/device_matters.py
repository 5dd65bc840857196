# SPDX-License-Identifier: Apache-2.0
"""Faults of devices as matters: one for each device and fault, which ends when the device is well.

They come in as signals, through the one intake, so that they are counted, queued, sent out and
verified as everything else is.
"""

from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.ids import new_id
from jiedao.cameras import store
from jiedao.cameras.troubles import SIGNALS
from jiedao.catalog.store import Catalogue
from jiedao.matters.actions import act
from jiedao.matters.errors import WrongState
from jiedao.matters.intake import Observation, take
from jiedao.matters.models import Matter

RECOVER = "recover"


def file_fault(tx: Tx, catalogue: Catalogue, camera_id: UUID, code: str) -> UUID | None:
    """Open the matter of a camera's fault, if none is open; return it.

    Args:
        code: of the fault, one of ``troubles.SIGNALS``.
    """
    camera = store.camera_by_id(camera_id)
    seen = Observation(
        id=new_id(),
        source="camera",
        source_id=camera.id,
        kind=SIGNALS[code],
        place_path=camera.place_path,
        captured_at=tx.now,
        received_at=tx.now,
        demo=camera.demo,
        facts={"code": code},
    )
    return file_once(tx, catalogue, seen)


def file_once(tx: Tx, catalogue: Catalogue, seen: Observation) -> UUID | None:
    """Take a device's fault in, unless its matter is open already; return that one, if any."""
    item = catalogue.item_for_signal(seen.kind)
    if item is not None:
        flow, _pack = catalogue.flow(catalogue.item(item)[0].flow)
        known = _open(seen.source_id, {item}, flow.open_states)
        if known:
            return known[0]
    return take(tx, seen).matter


def end_faults(tx: Tx, catalogue: Catalogue, source: UUID, standing: str = "") -> int:
    """End a well device's matters; return how many.

    Somebody who is on the way to it, or reported back, goes on with it.

    Args:
        standing: the signal of the one fault that is still there, "" for none.
    """
    return end_signals(tx, catalogue, source, set(SIGNALS.values()) - {standing})


def end_signals(tx: Tx, catalogue: Catalogue, source: UUID, signals: set[str]) -> int:
    """End the matters that a device's signals of these kinds opened; return how many."""
    items = {item for kind in signals if (item := catalogue.item_for_signal(kind)) is not None}
    flows = {catalogue.item(item)[0].flow for item in items}
    ended = 0
    for code in flows:
        flow, _pack = catalogue.flow(code)
        for matter in _open(source, items, flow.actions[RECOVER].start):
            try:
                act(tx, matter, RECOVER, {})
            except WrongState:
                # Somebody set out to it between the look and the lock.
                continue
            ended += 1
    return ended


def _open(source: UUID, items: set[str], states: list[str]) -> list[UUID]:
    rows = Matter.objects.filter(source_id=source, item__in=items, state__in=states)
    return list(rows.order_by("opened_at").values_list("id", flat=True))
