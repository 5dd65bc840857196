# SPDX-License-Identifier: Apache-2.0
"""The zone file: what is read from it, and how each mistake is named in both languages."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from jiedao.base.words import LANGUAGES
from jiedao.vision import ZonePlan
from jiedao.vision.errors import (
    PlanEdgesCross,
    PlanEmpty,
    PlanNameTwice,
    PlanNotJson,
    PlanOutsidePicture,
    PlanTooFewPoints,
    PlanUnknownTarget,
    PlanUnreadable,
    PlanWrongShape,
)

SQUARE = [[0.1, 0.1], [0.4, 0.1], [0.4, 0.4], [0.1, 0.4]]


def a_zone(**changes: object) -> dict[str, object]:
    return {"name": "bank", "polygon": SQUARE, **changes}


def a_line(**changes: object) -> dict[str, object]:
    return {"name": "kerb", "points": [[0.2, 0.2], [0.2, 0.8]], **changes}


def test_zones_lines_rules_and_target_are_read_and_other_keys_ignored() -> None:
    plan = ZonePlan.parse(
        {
            "format": "zone-truth/1",
            "target": "person",
            "zones": [
                a_zone(
                    events=[{"enter_s": 1}],
                    rules=[
                        {"rule": "loitering", "threshold_s": 30},
                        {"rule": "loitering", "threshold_s": 8.0, "expected_alerts": 0},
                        {"rule": "intrusion"},
                    ],
                )
            ],
            "lines": [a_line(target="vehicle")],
            "count": {"every_s": 1},
        }
    )
    assert plan.zones[0].loitering_s == (8.0, 30.0)
    assert plan.zones[0].target == "person"
    assert plan.lines[0].target == "vehicle"
    assert plan.count_every_s == 1.0


def test_a_polygon_closed_by_its_first_corner_is_the_same_polygon() -> None:
    plan = ZonePlan.parse({"zones": [a_zone(polygon=[*SQUARE, SQUARE[0]])]})
    assert len(plan.zones[0].polygon) == 4


@pytest.mark.parametrize(
    ("source", "error", "where"),
    [
        ({}, PlanEmpty, ""),
        ({"zones": []}, PlanEmpty, ""),
        ({"zones": {}}, PlanWrongShape, "zones"),
        ({"zones": [3]}, PlanWrongShape, "zones[0]"),
        ({"zones": [{"polygon": SQUARE}]}, PlanWrongShape, "zones[0].name"),
        ({"zones": [{"name": "a"}]}, PlanWrongShape, "zones[0]"),
        ({"zones": [a_zone(polygon=SQUARE[:2])]}, PlanTooFewPoints, "zones[0].polygon"),
        ({"zones": [a_zone(polygon=[*SQUARE, [0.1]])]}, PlanWrongShape, "zones[0].polygon[4]"),
        ({"zones": [a_zone(polygon=[*SQUARE, [0, "1"]])]}, PlanWrongShape, "zones[0].polygon[4]"),
        ({"zones": [a_zone(polygon=[*SQUARE, [0, 1.2]])]}, PlanOutsidePicture, "polygon[4]"),
        ({"zones": [a_zone(polygon=[*SQUARE, [0, float("nan")]])]}, PlanOutsidePicture, "[4]"),
        ({"zones": [a_zone(), a_zone()]}, PlanNameTwice, "bank"),
        ({"zones": [a_zone(polygon=[[0, 0], [1, 1], [1, 0], [0, 1]])]}, PlanEdgesCross, "bank"),
        ({"zones": [a_zone(polygon=[[0, 0], [0.5, 0.5], [1, 1]])]}, PlanEdgesCross, "bank"),
        ({"zones": [a_zone(target="ghost")]}, PlanUnknownTarget, "zones[0].target"),
        ({"zones": [a_zone()], "target": 3}, PlanWrongShape, "target"),
        ({"lines": [a_line(points=[[0.2, 0.2]])]}, PlanTooFewPoints, "lines[0].points"),
        ({"lines": [a_line(points=[[0.2, 0.2]] * 2)]}, PlanTooFewPoints, "lines[0].points"),
        ({"lines": [a_line(), a_line()]}, PlanNameTwice, "kerb"),
        ({"zones": [a_zone(rules=[{"rule": "loitering"}])]}, PlanWrongShape, "threshold_s"),
        ({"count": {"every_s": 0}}, PlanWrongShape, "count.every_s"),
    ],
)
def test_a_mistake_is_named_with_its_place_in_both_languages(
    source: Mapping[str, object], error: type[Exception], where: str
) -> None:
    with pytest.raises(error) as refusal:
        ZonePlan.parse(source)
    for language in LANGUAGES:
        words = refusal.value.in_words(language)  # type: ignore[attr-defined]  # all are ours
        assert where in words
        assert "{" not in words.replace("{…}", "")


def test_broken_json_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "zones.json"
    file.write_text('{\n "zones": [\n  {"name" "bank"}\n ]\n}', "utf-8")
    with pytest.raises(PlanNotJson) as refusal:
        ZonePlan.parse(file)
    assert refusal.value.facts["line"] == 3
    assert "3" in refusal.value.in_words("zh-CN")


def test_json_nested_beyond_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "zones.json"
    file.write_text("[" * 100_000, "utf-8")
    with pytest.raises(PlanNotJson):
        ZonePlan.parse(file)


def test_a_missing_file_and_one_that_is_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(PlanUnreadable):
        ZonePlan.parse(tmp_path / "none.json")
    noise = tmp_path / "noise.json"
    noise.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(PlanUnreadable):
        ZonePlan.parse(noise)


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    file = tmp_path / "zones.json"
    file.write_text(json.dumps({"zones": [a_zone()]}), "utf-8-sig")
    assert ZonePlan.parse(file).zones[0].name == "bank"
