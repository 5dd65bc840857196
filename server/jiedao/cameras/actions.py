# SPDX-License-Identifier: Apache-2.0
"""What is done with cameras, and what is noted of them; each leaves a record."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import BadInput
from jiedao.base.ids import MatterId, new_id
from jiedao.cameras import store
from jiedao.cameras.address import CameraAddress
from jiedao.cameras.errors import CameraNotOpenable
from jiedao.cameras.models import Camera, CameraOpening, ClipAsked
from jiedao.cameras.seal import seal
from jiedao.trace.writing import Fact, record

#: What a camera may be opened for. The wall's standing purpose is 值守, per shift.
STANDING_PURPOSE = "值守"
PURPOSES = (STANDING_PURPOSE, "告警", "事件", "巡查", "维修")
OPEN_FOR = timedelta(minutes=15)
#: The wall states its purpose once a shift, for each camera that it shows.
SHIFT = timedelta(hours=8)
DUTY_ROOM = ("role:operator", "role:duty_lead")


def open_camera(tx: Tx, camera_id: UUID, purpose: str, matter: UUID | None = None) -> UUID:
    """Open a camera's live picture for a stated purpose; returns the opening's id.

    Raises:
        BadInput: no purpose, or none of PURPOSES.
        NotFound: no such camera, or none that the acting party may see.
        CameraNotOpenable: it is registered only, so there is no picture to open.
    """
    if purpose not in PURPOSES:
        raise BadInput(where="purpose", why=" / ".join(PURPOSES))
    camera = store.camera_by_id(camera_id)
    if camera.registered_only:
        why = "只登记，不取流 / registered only"
        raise CameraNotOpenable(action="open_camera", name=camera.name, why=why)
    opening = CameraOpening.objects.create(
        id=new_id(),
        camera=camera,
        party_id=tx.actor.id,
        purpose=purpose,
        matter_id=matter,
        opened_at=tx.now,
        until=tx.now + OPEN_FOR,
    )
    payload = {"purpose": purpose, "name": camera.name}
    _note(tx, camera, "camera.opened", payload, None if matter is None else MatterId(matter))
    return opening.id


def note_watching(tx: Tx, camera_id: UUID) -> None:
    """Put on record that somebody follows a camera: once for as long as an opening lasts, from
    the wall once a shift.

    Still after still is a film, and nobody watches one without a purpose: here it is to be on
    duty.
    """
    spell = SHIFT if tx.actor.screen == "wall" else OPEN_FOR
    openings = CameraOpening.objects.filter(camera_id=camera_id, party_id=tx.actor.id)
    if not openings.filter(opened_at__gt=tx.now - spell).exists():
        open_camera(tx, camera_id, STANDING_PURPOSE)


def ask_clip(tx: Tx, camera_id: UUID, matter: UUID) -> None:
    """Have what the camera just showed kept for a matter that a person raised from its picture.

    The half minute before comes to the matter within seconds, the half minute after follows.
    """
    ClipAsked.objects.create(id=new_id(), camera_id=camera_id, matter_id=matter, asked_at=tx.now)


def set_address(tx: Tx, camera_id: UUID, address: CameraAddress, secret: str) -> None:
    """Store where a camera is pulled from; its password is sealed, and neither is on record.

    Args:
        address: as it came through ``address.check_address``, the one door.
        secret: the installation's key, outside the database.

    Raises:
        NotAllowed: the acting party does not administer the platform.
        NotFound: no such camera, or none that the acting party may see.
    """
    tx.actor.require("set_camera_address", "administrator", "system")
    camera = store.camera_by_id(camera_id)
    camera.host, camera.port, camera.path = str(address.host), address.port, address.path
    camera.login = address.login
    camera.password_sealed = seal(address.password, secret)
    camera.save(update_fields=["host", "port", "path", "login", "password_sealed", "changed_at"])
    _note(tx, camera, "camera.addressed", {"name": camera.name})


def accept_view(tx: Tx, camera_id: UUID) -> None:
    """What the camera looks at now is what it is meant to look at; it was moved on purpose.

    Raises:
        NotAllowed: the acting party is not of the duty room.
        NotFound: no such camera, or none that the acting party may see.
    """
    tx.actor.require("accept_view", "operator", "duty_lead", "administrator")
    camera = store.camera_by_id(camera_id)
    camera.view_since = tx.now
    camera.save(update_fields=["view_since", "changed_at"])
    _note(tx, camera, "camera.view_accepted", {"name": camera.name})


def note_lost(tx: Tx, camera_id: UUID, code: str) -> None:
    """Put on record that a camera gives no usable picture, and by which fault."""
    camera = store.camera_by_id(camera_id)
    _note(tx, camera, "camera.lost", {"code": code, "name": camera.name})


def note_back(tx: Tx, camera_id: UUID, lost_for_s: float) -> None:
    """Put on record that it gives one again."""
    camera = store.camera_by_id(camera_id)
    payload = {"lost_for_s": round(lost_for_s, 1), "name": camera.name}
    _note(tx, camera, "camera.back", payload)


def _note(
    tx: Tx, camera: Camera, verb: str, payload: Mapping[str, object], matter: MatterId | None = None
) -> None:
    record(
        tx,
        Fact(
            verb,
            "camera",
            camera.id,
            matter=matter,
            payload=payload,
            audience=DUTY_ROOM,
            place_path=camera.place_path,
        ),
    )
