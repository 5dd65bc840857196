# SPDX-License-Identifier: Apache-2.0
"""Pack files: what ships is sound, and what is wrong is named with file, line and expectation."""

from pathlib import Path

import pytest

from jiedao.catalog.errors import BadPack
from jiedao.catalog.models import Pack
from jiedao.catalog.reading import parse_pack, read_pack
from jiedao.catalog.store import Catalogue, load_packs, shipped_packs
from jiedao.town.calendar import local_day
from tests.world import World

GOOD = next(p for p in shipped_packs() if p.name == "water_fence.yaml").read_text("utf-8")


def test_every_shipped_pack_reads() -> None:
    assert {read_pack(path).pack for path in shipped_packs()} >= {
        "incident",
        "water_fence",
        "public_report",
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("severity: 1", "severity: 9", 10, "<= 4"),
        ("plan: water_fence\n", "plan: nowhere\n", 13, "a plan of this pack"),
        ("name: {zh-CN: 再次喊话", "nam: {zh-CN: 再次喊话", 32, "nam"),
        ("follows: look,", "follows: nothing,", 32, "an earlier step"),
        ("phrase: water_leave}", "phrase: sing}", 29, "phrase, one of"),
        ("pack: water_fence", "pack: [water_fence", 3, "YAML"),
        ("version: 1", "version: one", 3, "int"),
        ("do: dispatch}", "do: fly}", 30, "fly"),
    ],
)
def test_what_is_wrong_in_a_pack_is_named(old: str, new: str, line: int, expected: str) -> None:
    with pytest.raises(BadPack) as refusal:
        parse_pack(GOOD.replace(old, new, 1), "water_fence.yaml")
    assert refusal.value.facts["file"] == "water_fence.yaml"
    assert expected in str(refusal.value.facts["expected"])
    assert abs(int(str(refusal.value.facts["line"])) - line) <= 3
    assert "water_fence.yaml" in refusal.value.in_words("zh-CN")


@pytest.mark.parametrize("text", ["", "[]", "null", "1", "pack: x", "\x00", "a: &a [*a]"])
def test_whatever_is_no_pack_is_refused_and_nothing_else_happens(text: str) -> None:
    with pytest.raises(BadPack):
        parse_pack(text, "x.yaml")


def test_an_edited_pack_under_the_same_version_is_refused_with_what_differs(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "water_fence.yaml"
    file.write_text(
        GOOD.replace("severity: 1", "severity: 2").replace("life_safety: true, ", "", 1)
    )
    with pytest.raises(BadPack) as refusal, world.platform() as tx:
        load_packs(tx, [file])
    facts = refusal.value.facts
    assert (facts["file"], facts["line"]) == ("water_fence.yaml", 3)
    assert "version > 1" in str(facts["expected"])
    assert "items.water_fence.severity, phrases.water_leave.life_safety" in str(facts["expected"])


def test_an_edited_pack_under_a_higher_version_is_loaded_beside_the_old_one(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "water_fence.yaml"
    file.write_text(GOOD.replace("severity: 1", "severity: 2").replace("version: 1", "version: 2"))
    with world.platform() as tx:
        assert load_packs(tx, [file]) == 1
        assert Catalogue(local_day(tx.now)).item("water_fence")[0].severity == 2
        assert sorted(
            Pack.objects.filter(code="water_fence").values_list("version", flat=True)
        ) == [1, 2]


def test_comments_in_a_pack_may_change(world: World, tmp_path: Path) -> None:
    file = tmp_path / "water_fence.yaml"
    file.write_text(f"# 桥下\n{GOOD}")
    with world.platform() as tx:
        assert load_packs(tx, [file]) == 0


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("all_reported: verifying", "all_reported: nowhere", "states of this flow, not 'nowhere'"),
        ("on_the_spot: {state: solved", "on_the_spot: {state: gone", "not 'gone'"),
        ("        after_s: 60\n", "", "after_s, or of"),
        ("tell: [call]", "tell: [police]", "police"),
        ("share: 0.2", "share: 2", "<= 1"),
    ],
)
def test_what_is_wrong_in_a_flow_is_named(old: str, new: str, expected: str) -> None:
    flow = next(p for p in shipped_packs() if p.name == "incident.yaml").read_text("utf-8")
    assert old in flow
    with pytest.raises(BadPack) as refusal:
        parse_pack(flow.replace(old, new, 1), "incident.yaml")
    assert expected in str(refusal.value.facts["expected"])


def test_loading_the_same_packs_again_changes_nothing(world: World) -> None:
    with world.platform() as tx:
        assert load_packs(tx, shipped_packs()) == 0
