# SPDX-License-Identifier: Apache-2.0
"""The drawn scenes: believable to a motion detector, and true to their own zone files."""

import json
from dataclasses import replace
from importlib import resources
from typing import Any

import numpy as np
import pytest

from jiedao.sim.camera.encode import Picture
from jiedao.sim.camera.figure import LOOKS, draw_figure
from jiedao.sim.camera.scenes import SCENES, make
from jiedao.sim.camera.scenes.stage import Stage, UnknownCue
from jiedao.sim.camera.truth import Happening, Rules
from jiedao.sim.camera.walk import Pose, Stop, Walk, crosses, inside

STEP_S = 0.08


def unstamped(_image: Picture, _t_s: float) -> None:
    """No clock, so that two pictures can be compared."""


def play(stage: Stage, seconds: float, start_s: float = 0.0) -> list[Happening]:
    """What happens while the stage plays."""
    found: list[Happening] = []
    for number in range(int(seconds / STEP_S)):
        found += stage.picture(start_s + number * STEP_S, unstamped)[1]
    return found


def crossings(happenings: list[Happening]) -> list[tuple[str, bool]]:
    """Lines crossed, and whether the way went up the picture (toward the water)."""
    return [(h.where, h.heading[1] < 0) for h in happenings if h.kind == "crossing" and h.heading]


@pytest.fixture(scope="module")
def bridge() -> Any:
    return make("bridge")


@pytest.mark.parametrize("name", sorted(SCENES))
def test_every_scene_moves_and_keeps_its_size(name: str) -> None:
    stage = Stage(make(name), seed=3)
    first, _ = stage.picture(0.0, unstamped)
    later, _ = stage.picture(1.0, unstamped)
    assert first.shape == (540, 640)
    assert np.abs(first.astype(int) - later.astype(int)).max() > 10


def test_one_walker_crosses_in_lingers_and_crosses_out(bridge: Any) -> None:
    stage = Stage(bridge, seed=1)
    stage.cue("from_right")
    happenings = play(stage, 45)
    assert crossings(happenings) == [("inner_line", True), ("inner_line", False)]
    zone = [(h.kind, h.where) for h in happenings if h.kind != "crossing"]
    assert zone == [("enter", "water_edge"), ("leave", "water_edge")]


@pytest.mark.parametrize(("variant", "expected"), [("from_left", 1), ("hurry", 1), ("two", 2)])
def test_every_crossing_variant_crosses_within_eight_seconds(
    bridge: Any, variant: str, expected: int
) -> None:
    stage = Stage(bridge, seed=1)
    stage.cue(variant)
    assert crossings(play(stage, 8)) == [("inner_line", True)] * expected


def test_nobody_crosses_without_a_cue_or_walking_along(bridge: Any) -> None:
    stage = Stage(bridge, seed=1)
    assert play(stage, 4) == []
    stage.cue("along")
    assert play(stage, 20, start_s=4) == []


def test_somebody_who_is_sent_away_leaves_the_water_at_once(bridge: Any) -> None:
    stage = Stage(bridge, seed=1)
    stage.cue("from_right")
    play(stage, 6)
    stage.send_away()
    happenings = play(stage, 6, start_s=6)
    assert ("leave", "water_edge") in [(h.kind, h.where) for h in happenings]


def test_only_who_heeds_leaves_when_told_to_and_all_when_the_place_is_cleared(bridge: Any) -> None:
    stays = replace(bridge.cues["from_right"][0], heeds=False)
    stage = Stage(replace(bridge, cues={"stays": [stays]}), seed=1)
    stage.cue("stays")
    play(stage, 6)
    stage.send_away()
    assert play(stage, 6, start_s=6) == []
    stage.send_away("all")
    assert ("leave", "water_edge") in [(h.kind, h.where) for h in play(stage, 6, start_s=12)]


def test_a_cue_that_the_scene_does_not_know_names_those_it_knows(bridge: Any) -> None:
    with pytest.raises(UnknownCue, match="from_right"):
        Stage(bridge, seed=1).cue("flying")
    with pytest.raises(UnknownCue, match="none"):
        Stage(make("high"), seed=1).cue(None)


def test_the_feet_touch_the_ground_point() -> None:
    for stride in np.linspace(0, 6.2, 12):
        image: Picture = np.full((360, 640, 3), 255, dtype=np.uint8)
        pose = Pose((0.5, 0.8), 0.3, (1.0, 0.0), float(stride), walking=True)
        draw_figure(image, pose, LOOKS[0])
        body = np.flatnonzero((image.max(axis=2) < 120).any(axis=1))
        assert abs(int(body[-1]) - 0.8 * 360) <= 3
        assert abs(int(body[0]) - (0.8 - 0.3) * 360) <= 4


def test_a_walk_takes_its_time_and_stands_where_it_should() -> None:
    walk = Walk([Stop((0.2, 0.8)), Stop((0.4, 0.8), stand_s=2.0)], lambda _y: 0.25)
    standing = walk.pose(walk.duration_s - 1.0)
    assert standing is not None
    assert not standing.walking
    assert standing.foot == pytest.approx((0.4, 0.8), abs=0.01)
    # 0.2 of the width at 0.8 body heights a second.
    assert walk.duration_s == pytest.approx(2.0 + 0.2 * 16 / 9 / (0.8 * 0.25), abs=0.1)
    assert walk.pose(walk.duration_s + 0.1) is None
    assert walk.pose(-0.1) is None


def test_a_step_beside_the_end_of_a_line_does_not_cross_it() -> None:
    line = ((0.2, 0.5), (0.4, 0.5), (0.4, 0.8))
    assert crosses((0.3, 0.6), (0.3, 0.4), line)
    assert crosses((0.3, 0.7), (0.5, 0.7), line)
    assert not crosses((0.5, 0.6), (0.5, 0.4), line)
    assert not crosses((0.3, 0.6), (0.3, 0.6), line)


def test_a_point_is_inside_a_polygon_or_not() -> None:
    corner = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0), (0.5, 0.5), (0.0, 0.5))
    assert inside((0.25, 0.25), corner)
    assert inside((0.75, 0.9), corner)
    assert not inside((0.25, 0.9), corner)


def test_zone_files_of_the_scenes_can_be_read_and_lie_in_the_picture() -> None:
    for name in ("bridge", "market", "station"):
        text = resources.files("jiedao.sim.packs").joinpath(f"{name}.zones.json").read_text()
        rules = Rules.read(text)
        points = [p for shape in (*rules.lines.values(), *rules.zones.values()) for p in shape]
        assert points
        assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in points)
        assert json.loads(text)["target"] == "person"
