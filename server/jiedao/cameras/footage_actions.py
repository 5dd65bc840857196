# SPDX-License-Identifier: Apache-2.0
"""What is done with recordings: looked at, handed out, held, switched; each leaves a record."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import BadInput, NotFound
from jiedao.base.ids import MatterId, new_id
from jiedao.cameras import footage, store
from jiedao.cameras.actions import DUTY_ROOM, OPEN_FOR, PURPOSES
from jiedao.cameras.errors import ForeignCamera, PurposeNeeded
from jiedao.cameras.models import Camera, CameraOpening, Export, Hold, Segment
from jiedao.trace.writing import Fact, record

LONGEST: Final = timedelta(hours=24)
"""Nobody looks at, or takes out, more than a day of a camera at once."""


def replay(
    tx: Tx,
    camera_id: UUID,
    span: tuple[datetime, datetime],
    purpose: str,
    matter: UUID | None = None,
) -> CameraOpening:
    """Open a span of a camera's recording for a stated purpose, for a quarter of an hour.

    Raises:
        BadInput: no purpose, or no sensible span.
        NotFound: no such camera, or none that the acting party may see.
    """
    camera = _camera(camera_id, span, purpose)
    opening = CameraOpening.objects.create(
        id=new_id(),
        camera=camera,
        party_id=tx.actor.id,
        purpose=purpose,
        matter_id=matter,
        opened_at=tx.now,
        until=tx.now + OPEN_FOR,
        from_at=span[0],
        to_at=span[1],
    )
    _note(tx, camera, "camera.replayed", {"purpose": purpose, **_span(span)}, matter)
    return opening


def opened_segment(tx: Tx, camera_id: UUID, segment_id: UUID) -> Segment:
    """A segment that lies in a span which the acting party has open.

    Raises:
        NotFound: no such segment.
        PurposeNeeded: it was not opened, or too long ago.
    """
    found = footage.segment(camera_id, segment_id)
    openings = CameraOpening.objects.filter(
        camera_id=camera_id,
        party_id=tx.actor.id,
        until__gt=tx.now,
        from_at__lt=found.to_at,
        to_at__gt=found.from_at,
    )
    if not openings.exists():
        raise PurposeNeeded(action="replay", purposes=" / ".join(PURPOSES))
    return found


def ask_export(
    tx: Tx,
    camera_id: UUID,
    span: tuple[datetime, datetime],
    purpose: str,
    matter: UUID | None = None,
) -> UUID:
    """Have a span made into one file to be handed out; returns the export's id.

    Raises:
        NotAllowed: the acting party is not of the duty room.
        BadInput, NotFound: as for ``replay``.
    """
    tx.actor.require("export_recording", "operator", "duty_lead")
    camera = _camera(camera_id, span, purpose)
    if not footage.segments_of(camera_id, *span):
        raise NotFound(what="recording / 录像")
    export = Export.objects.create(
        id=new_id(),
        camera=camera,
        from_at=span[0],
        to_at=span[1],
        purpose=purpose,
        matter_id=matter,
        asked_by=tx.actor.id,
        asked_at=tx.now,
        state=Export.ASKED,
    )
    _note(tx, camera, "recording.export_asked", {"purpose": purpose, **_span(span)}, matter)
    return export.id


def note_taken(tx: Tx, export: Export) -> None:
    """Put on record that the file of an export was taken."""
    payload: dict[str, object] = {"sha256": export.sha256, "export": str(export.id)}
    _note(tx, export.camera, "recording.taken", payload, export.matter_id)


def hold(
    tx: Tx,
    camera_id: UUID,
    span: tuple[datetime, datetime],
    reason: str,
    matter: UUID | None = None,
) -> UUID:
    """Keep a span whatever its age; returns the hold's id.

    Raises:
        NotAllowed: only the duty lead may hold.
        BadInput: no reason, or no sensible span.
    """
    tx.actor.require("hold_recording", "duty_lead")
    camera = _camera(camera_id, span, PURPOSES[0])
    if not reason.strip():
        raise BadInput(where="reason", why="请写明依据 / say on what ground")
    made = Hold.objects.create(
        id=new_id(),
        camera=camera,
        from_at=span[0],
        to_at=span[1],
        matter_id=matter,
        set_by=tx.actor.id,
        set_at=tx.now,
    )
    _note(tx, camera, "recording.held", _span(span), matter, private=reason)
    return made.id


def lift_hold(tx: Tx, hold_id: UUID) -> None:
    """Let a held span go the way of all others again.

    Raises:
        NotAllowed: only the duty lead may.
        NotFound: no such hold in force.
    """
    tx.actor.require("hold_recording", "duty_lead")
    held = Hold.objects.select_related("camera").filter(id=hold_id, lifted_at=None).first()
    if held is None:
        raise NotFound(what="hold / 保全")
    held.lifted_at, held.lifted_by = tx.now, tx.actor.id
    held.save(update_fields=["lifted_at", "lifted_by"])
    _note(tx, held.camera, "recording.released", _span((held.from_at, held.to_at)), held.matter_id)


def set_recording(tx: Tx, camera_id: UUID, *, recorded: bool) -> None:
    """Record a camera round the clock, or stop it.

    Raises:
        NotAllowed: the acting party does not administer the platform.
        ForeignCamera: another authority's, without its order.
    """
    tx.actor.require("set_recording", "administrator", "system")
    camera = store.camera_by_id(camera_id)
    if recorded and not camera.may_be_judged:
        raise ForeignCamera(name=camera.name)
    camera.recorded = recorded
    camera.save(update_fields=["recorded", "changed_at"])
    _note(tx, camera, "camera.recording_set", {"recorded": recorded})


def attach_order(tx: Tx, camera_id: UUID, sha256: str, on: date) -> None:
    """Attach the authority's order that lets a foreign camera be recorded and analysed.

    Args:
        sha256: of the order's file, which the acting party has uploaded.
        on: the order's date.

    Raises:
        NotAllowed: the acting party does not administer the platform.
    """
    tx.actor.require("attach_order", "administrator", "system")
    camera = store.camera_by_id(camera_id)
    camera.order_sha256, camera.order_on = sha256, on
    camera.save(update_fields=["order_sha256", "order_on", "changed_at"])
    _note(tx, camera, "camera.order_attached", {"sha256": sha256, "on": on.isoformat()})


def _camera(camera_id: UUID, span: tuple[datetime, datetime], purpose: str) -> Camera:
    if purpose not in PURPOSES:
        raise BadInput(where="purpose", why=" / ".join(PURPOSES))
    if not timedelta(0) < span[1] - span[0] <= LONGEST:
        raise BadInput(where="from, to", why="最多 24 小时 / at most 24 hours")
    return store.camera_by_id(camera_id)


def _span(span: tuple[datetime, datetime]) -> dict[str, object]:
    return {"from": span[0].isoformat(), "to": span[1].isoformat()}


def _note(
    tx: Tx,
    camera: Camera,
    verb: str,
    payload: dict[str, object],
    matter: UUID | None = None,
    private: str | None = None,
) -> None:
    record(
        tx,
        Fact(
            verb,
            "camera",
            camera.id,
            matter=None if matter is None else MatterId(matter),
            payload={"name": camera.name, **payload},
            private=private,
            audience=DUTY_ROOM,
            place_path=camera.place_path,
        ),
    )
