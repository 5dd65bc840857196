# SPDX-License-Identifier: Apache-2.0
"""A matter goes by the versions of its item and flow that it was opened under."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from jiedao.base.actor import system
from jiedao.catalog.store import load_packs, shipped_packs
from jiedao.matters import models
from jiedao.matters.pinned import flow_of
from jiedao.matters.rebuild import rebuild
from jiedao.matters.rules import fold
from jiedao.matters.store import history
from jiedao.trace.models import Record
from tests.world import BRIDGE, World, matter_id, role

SPOT = {"lon": BRIDGE[0], "lat": BRIDGE[1]}


def load(world: World, folder: Path, name: str, *changes: tuple[str, str]) -> None:
    """Load the next version of a shipped pack, changed in places."""
    shipped = next(p for p in shipped_packs() if p.name == name).read_text("utf-8")
    version = int(shipped.split("version: ")[1].split()[0])
    for old, new in (*changes, (f"version: {version}\n", f"version: {version + 1}\n")):
        assert old in shipped
        shipped = shipped.replace(old, new)
    (folder / name).write_text(shipped)
    with world.platform() as tx:
        assert load_packs(tx, [folder / name]) == 1


def offered(world: World, matter: object) -> set[str]:
    shown = world.phone("chen", "desk").get(f"/matters/{matter}")
    return {offer["action"] for offer in shown["actions"]}


def test_a_matter_goes_on_by_the_flow_that_it_began_with(world: World, tmp_path: Path) -> None:
    old = matter_id(world.see())
    load(world, tmp_path, "incident.yaml", ("confirm:\n", "acknowledge:\n"))
    world.clock.forward(timedelta(minutes=11))
    new = matter_id(world.see())
    assert new != old
    assert "confirm" in offered(world, old)
    assert "acknowledge" in offered(world, new)
    desk = world.phone("chen", "desk")
    assert desk.post(f"/matters/{old}/acts/confirm")["card"]["state"] == "filed"
    desk.post(f"/matters/{new}/acts/acknowledge")
    assert desk.status == 200


def test_whether_the_same_again_is_counted_is_asked_of_the_matters_own_flow(
    world: World, tmp_path: Path
) -> None:
    old = matter_id(world.see())
    load(world, tmp_path, "incident.yaml", ("&under_way [reported, filed,", "&under_way [filed,"))
    assert matter_id(world.see()) == old


def test_dispatch_asks_for_the_skills_that_the_item_had(world: World, tmp_path: Path) -> None:
    world.on_duty("near")
    raised = world.phone("chen", "desk").post("/matters", item="exposed_rubbish", **SPOT)
    matter = raised["card"]["id"]
    change = ("name: {zh-CN: 暴露垃圾", "skills: [crane]\n    name: {zh-CN: 暴露垃圾")
    load(world, tmp_path, "public_report.yaml", change)
    desk = world.phone("chen", "desk")
    assert len(desk.get(f"/matters/{matter}/candidates")) == 1
    later = desk.post("/matters", item="exposed_rubbish", **SPOT)["card"]["id"]
    assert desk.get(f"/matters/{later}/candidates") == []


def test_folding_again_keeps_the_versions(world: World, tmp_path: Path) -> None:
    matter = matter_id(world.see())
    load(world, tmp_path, "incident.yaml", ("share: 0.2", "share: 0.3"))
    with role("jiedao_system"):
        assert rebuild(system("rebuild"), world.clock).mended == ()
    with world.platform():
        models.Matter.objects.filter(id=matter).update(flow_pack_id=None, next_deadline_at=None)
    with role("jiedao_system"):
        assert rebuild(system("rebuild"), world.clock).mended == (matter,)
        assert rebuild(system("rebuild"), world.clock).mended == ()


def test_a_record_of_the_early_days_goes_by_the_first_flow(world: World, tmp_path: Path) -> None:
    matter = matter_id(world.see())
    load(world, tmp_path, "incident.yaml", ("share: 0.2", "share: 0.3"))
    with world.platform():
        [report, *rest] = history(matter)
        said: dict[str, Any] = Record.objects.get(matter_id=matter, version=1).payload
        early = {k: v for k, v in said.items() if k not in ("flow_pack", "deadlines")}
        step = type(report)(report.verb, report.at, 1, report.actor, early)
        folded = fold([step, *rest])
        assert (folded.flow_pack, folded.deadlines) == (None, ())
        rule = flow_of(folded).on_the_spot
        assert rule is not None
        assert rule.share == 0.2
