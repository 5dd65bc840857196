# SPDX-License-Identifier: Apache-2.0
"""A timeline of any length is read page by page, and no record is left out or told twice."""

from uuid import UUID

import pytest

from jiedao.trace import store
from jiedao.trace.models import Seal, Unsealed
from tests.world import World, matter_id, role


def seal(world: World) -> None:
    """Give what waits its positions, as the sequencer does; the chain does not matter here."""
    with world.platform():
        waiting = list(Unsealed.objects.order_by("arrival").values_list("record_id", flat=True))
        sealed = set(Seal.objects.values_list("record_id", flat=True))
    with role("jiedao_seal"):
        for record in waiting:
            if record not in sealed:
                position = 1 + (Seal.objects.count())
                Seal.objects.create(
                    position=position, record_id=record, algorithm="", previous=b"", hash=b""
                )


@pytest.fixture
def busy(world: World, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """A matter with more records than a page holds, the last of them not sealed yet."""
    monkeypatch.setattr(store, "PAGE", 5)
    matter = matter_id(world.see())
    desk = world.phone("chen", "desk")
    for number in range(12):
        desk.post(f"/matters/{matter}/acts/note", note=f"第 {number} 条")
    seal(world)
    desk.post(f"/matters/{matter}/acts/note", note="最后一条")
    return matter


def test_a_long_timeline_is_read_backwards_to_its_beginning(world: World, busy: UUID) -> None:
    desk = world.phone("chen", "desk")
    shown = desk.get(f"/matters/{busy}")
    rows = shown["timeline"]
    assert rows[-1]["note"] == "最后一条"
    while earlier := desk.get(f"/matters/{busy}/timeline?before={rows[0]['position']}"):
        assert len(earlier) <= 5
        rows = [*earlier, *rows]
    assert len(rows) == shown["trace"]["records"]
    positions = [row["position"] for row in rows[:-1]]
    assert positions == sorted(set(positions))
    assert [row["note"] for row in rows if row["note"]] == [
        *(f"第 {number} 条" for number in range(12)),
        "最后一条",
    ]
    assert rows[0]["verb"] == "matter.reported"


def test_the_trail_of_a_long_matter_is_read_the_same_way(world: World, busy: UUID) -> None:
    desk = world.phone("chen", "desk")
    page = desk.get(f"/trace/matters/{busy}")
    seen = list(page)
    while page := desk.get(f"/trace/matters/{busy}?before={page[0]['position']}"):
        seen = [*page, *seen]
    assert len(seen) == desk.get(f"/matters/{busy}")["trace"]["records"]


@pytest.mark.parametrize("before", ["-1", "x", str(2**63), "1.5", ""])
def test_a_position_that_cannot_be_is_refused(world: World, busy: UUID, before: str) -> None:
    desk = world.phone("chen", "desk")
    for path in (f"/matters/{busy}/timeline", f"/trace/matters/{busy}"):
        desk.get(f"{path}?before={before}")
        assert desk.status == 422


def test_whoever_does_not_see_the_matter_does_not_see_its_earlier_pages(
    world: World, busy: UUID
) -> None:
    other = world.phone("elsewhere", "desk")
    other.get(f"/matters/{busy}/timeline?before=5")
    assert other.status == 404
