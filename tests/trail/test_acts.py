# SPDX-License-Identifier: Apache-2.0
"""What came from outside is known again by a hash that tells nobody what it was."""

import hashlib
import json
from uuid import uuid4

from jiedao.desk.api import MatterAct
from jiedao.trace.models import Act
from tests.world import World, matter_id


def test_the_words_of_an_act_cannot_be_tried_out_on_what_is_kept(world: World) -> None:
    matter, given = matter_id(world.see()), MatterAct(act_id=uuid4(), note="家属住三号楼")
    desk = world.phone("chen", "desk")
    desk.post(f"/matters/{matter}/acts/note", **given.dict())
    assert desk.status == 200
    asked = {"do": "note", "matter": matter, **given.dict(exclude={"act_id"})}
    text = json.dumps(asked, sort_keys=True, ensure_ascii=False, default=str)
    with world.acting("chen"):
        kept = bytes(Act.objects.get(id=given.act_id).request_hash)
    assert kept != hashlib.sha256(text.encode()).digest()


def test_the_same_words_are_known_again_and_others_are_told_apart(world: World) -> None:
    matter, act = matter_id(world.see()), str(uuid4())
    desk = world.phone("chen", "desk")
    for note, status in (("家属住三号楼", 200), ("家属住三号楼", 200), ("家属住四号楼", 409)):
        desk.post(f"/matters/{matter}/acts/note", act_id=act, note=note)
        assert desk.status == status
