# SPDX-License-Identifier: Apache-2.0
"""What is done with cameras: opening one for a purpose."""

from datetime import timedelta
from uuid import UUID

from jiedao.base.database import Tx
from jiedao.base.errors import BadInput
from jiedao.base.ids import MatterId, new_id
from jiedao.cameras.models import Camera, CameraOpening
from jiedao.trace.writing import Fact, record

#: What a camera may be opened for. The wall's standing purpose is 值守, per shift.
PURPOSES = ("值守", "告警", "事件", "巡查", "维修")
OPEN_FOR = timedelta(minutes=15)


def open_camera(tx: Tx, camera_id: UUID, purpose: str, matter: UUID | None = None) -> UUID:
    """Open a camera's live picture for a stated purpose; returns the opening's id.

    Raises:
        BadInput: no purpose, or none of PURPOSES.
    """
    if purpose not in PURPOSES:
        raise BadInput(where="purpose", why=" / ".join(PURPOSES))
    camera = Camera.objects.get(id=camera_id)
    opening = CameraOpening.objects.create(
        id=new_id(),
        camera=camera,
        party_id=tx.actor.id,
        purpose=purpose,
        matter_id=matter,
        opened_at=tx.now,
        until=tx.now + OPEN_FOR,
    )
    record(
        tx,
        Fact(
            "camera.opened",
            "camera",
            camera_id,
            matter=None if matter is None else MatterId(matter),
            payload={"purpose": purpose, "name": camera.name},
            place_path=camera.place_path,
        ),
    )
    return opening.id
