# SPDX-License-Identifier: Apache-2.0
"""What is done with the big screen."""

from uuid import UUID

from jiedao.base.database import Tx
from jiedao.desk.models import Wall
from jiedao.matters import actions as matters
from jiedao.trace.writing import Fact, record

#: The wall as a subject of records.
WALL_ID = UUID("00000000-0000-7000-8000-000000000001")


def set_wall(tx: Tx, page: str, *, visitors: bool) -> None:
    """Choose the wall's page, and whether guests are in the room.

    Raises:
        NotAllowed: the acting party does not sit in the duty room.
    """
    matters.require_duty_room(tx, "wall")
    wall, _new = Wall.objects.select_for_update().get_or_create(id=1)
    if (wall.page, wall.visitors) == (page, visitors):
        return
    wall.page, wall.visitors = page, visitors
    wall.save()
    set_to = {"page": page, "visitors": visitors}
    record(tx, Fact("wall.set", "wall", WALL_ID, payload=set_to, audience=matters.DUTY_ROOM))
