# SPDX-License-Identifier: Apache-2.0
"""Rules on moving objects alone: drawn scenes in, events out. No detector anywhere here."""

import numpy as np
import pytest

from jiedao.vision import Frame, Kind, Watcher
from tests.vision.scenes import A_LINE, A_ZONE, Figure, Scene, events, watch


@pytest.mark.parametrize(("begin", "end", "way"), [(0.2, 0.8, 1.0), (0.8, 0.2, -1.0)])
def test_a_figure_that_crosses_a_line_is_told_once_with_its_way(
    begin: float, end: float, way: float
) -> None:
    walk = Figure([(0, begin, 0.7), (4, end, 0.7)])
    [crossing] = events(watch(Scene([walk]), A_LINE, 4))
    assert crossing.kind is Kind.CROSSING
    assert crossing.place == "kerb"
    assert crossing.t_s == pytest.approx(2.0, abs=0.4)
    assert crossing.heading is not None
    assert crossing.heading[0] == pytest.approx(way, abs=0.1)


def test_a_figure_that_passes_the_end_of_the_line_does_not_cross_it() -> None:
    walk = Figure([(0, 0.2, 0.22), (4, 0.8, 0.22)], height=0.18)
    assert events(watch(Scene([walk]), A_LINE, 4)) == []


def test_a_figure_that_turns_back_before_the_line_does_not_cross_it() -> None:
    walk = Figure([(0, 0.2, 0.7), (2, 0.45, 0.7), (4, 0.2, 0.7)])
    assert events(watch(Scene([walk]), A_LINE, 4)) == []


def test_two_figures_that_cross_at_once_in_opposite_ways_are_two() -> None:
    one = Figure([(0, 0.2, 0.6), (4, 0.8, 0.6)], shade=30)
    other = Figure([(0, 0.8, 0.95), (4, 0.2, 0.95)], shade=220)
    told = events(watch(Scene([one, other]), A_LINE, 4))
    assert sorted(round(e.heading[0]) for e in told if e.heading) == [-1, 1]


def test_a_figure_that_enters_and_leaves_a_zone_is_told_once_each() -> None:
    walk = Figure([(0, 0.1, 0.7), (2, 0.5, 0.7), (4, 0.7, 0.7), (7, 0.3, 0.7)])
    told = events(watch(Scene([walk]), A_ZONE, 7))
    assert [(e.kind, e.place) for e in told] == [(Kind.ENTER, "bank"), (Kind.LEAVE, "bank")]
    assert told[0].t_s == pytest.approx(2.0, abs=0.4)
    assert told[1].t_s == pytest.approx(5.5, abs=0.5)


def test_presence_counts_who_is_in_the_zone_while_he_stands_still() -> None:
    walk = Figure([(0, 0.3, 0.7), (2, 0.7, 0.7), (30, 0.7, 0.7)])
    sightings = watch(Scene([walk]), A_ZONE, 30)
    assert sightings[0].presence == {}
    assert {s.presence["bank"] for s in sightings if s.t_s > 3} == {1}


def test_jitter_on_the_edge_of_a_zone_gives_one_enter() -> None:
    steps = [(t * 0.2, 0.5 + (0.004 if t % 2 else -0.004), 0.7) for t in range(50)]
    walk = Figure([(-2, 0.3, 0.7), *steps])
    told = events(watch(Scene([walk]), A_ZONE, 9))
    assert len([e for e in told if e.kind is Kind.ENTER]) <= 1
    assert len(told) <= 2


def test_a_slow_figure_is_seen() -> None:
    walk = Figure([(1, 0.3, 0.7), (21, 0.6, 0.7)])  # Some 10 pixels of 640 a second.
    [enter] = events(watch(Scene([walk]), A_ZONE, 21))
    assert enter.t_s == pytest.approx(14.3, abs=1.0)


def test_who_moves_at_the_very_start_is_noticed_in_the_first_second() -> None:
    walk = Figure([(0, 0.46, 0.7), (4, 0.9, 0.7)])
    [enter] = [e for e in events(watch(Scene([walk]), A_ZONE, 1)) if e.kind is Kind.ENTER]
    assert enter.t_s <= 1.0


def test_sensor_noise_gives_nothing() -> None:
    assert events(watch(Scene(noise=6), A_ZONE, 20)) == []


@pytest.mark.parametrize("step", [70, -70])
def test_a_lamp_that_is_switched_gives_no_event_and_sight_is_back_within_a_second(
    step: float,
) -> None:
    sightings = watch(Scene(light=lambda t: step if t > 3.05 else 0), A_ZONE, 8)
    assert events(sightings) == []
    assert not any(s.blind for s in sightings if s.t_s > 4.05)


def test_a_crossing_after_the_lamp_was_switched_is_still_seen() -> None:
    walk = Figure([(0, 0.1, 0.7), (6, 0.9, 0.7)])
    lamp = Scene([walk], light=lambda t: 60 if t > 1.5 else 0)
    [crossing] = events(watch(lamp, A_LINE, 6))
    assert crossing.t_s == pytest.approx(3.0, abs=0.4)


def test_twelve_objects_that_always_move_do_not_blind_the_camera() -> None:
    crowd = [
        Figure([(t, 0.05 + 0.4 * ((t // 3 + i) % 2), 0.25 + 0.06 * i) for t in range(0, 121, 3)])
        for i in range(12)
    ]
    walk = Figure([(60, 0.45, 0.7), (64, 0.7, 0.7), (68, 0.45, 0.7)], shade=230)
    watcher = Watcher(A_ZONE)
    told = [e for frame in Scene([*crowd, walk]).frames(120) for e in watcher.see(frame).events]
    assert watcher.blind_share <= 0.01
    assert any(e.kind is Kind.ENTER and 60 <= e.t_s <= 62 for e in told)


@pytest.mark.parametrize("fps", [2.0, 10.0, 25.0])
def test_the_pace_of_the_frames_does_not_change_what_is_told(fps: float) -> None:
    walk = Figure([(0, 0.2, 0.7), (4, 0.8, 0.7)])
    [crossing] = events(watch(Scene([walk]), A_LINE, 4, fps))
    assert crossing.t_s == pytest.approx(2.0, abs=0.6)


def test_a_picture_that_changes_its_size_starts_afresh() -> None:
    watcher = Watcher(A_ZONE)
    scene = Scene()
    watcher.see(Frame(scene.at(0), 0.0))
    sighting = watcher.see(Frame(scene.at(0.2)[::2, ::2], 0.2))
    assert sighting.blind


def test_a_picture_that_is_no_luma_plane_is_refused() -> None:
    with pytest.raises(ValueError, match="luma"):
        Watcher(A_ZONE).see(Frame(np.zeros((4, 4, 3), np.uint8), 0.0))
