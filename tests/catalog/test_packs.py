# SPDX-License-Identifier: Apache-2.0
"""Pack files: what ships is sound, and what is wrong is named with file, line and expectation."""

import pytest

from jiedao.catalog.errors import BadPack
from jiedao.catalog.reading import parse_pack, read_pack
from jiedao.catalog.store import load_packs, shipped_packs
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


def test_loading_the_same_packs_again_changes_nothing(world: World) -> None:
    with world.platform() as tx:
        assert load_packs(tx, shipped_packs()) == 0
