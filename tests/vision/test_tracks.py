# SPDX-License-Identifier: Apache-2.0
"""Objects from frame to frame: what stands keeps its place, what passes goes on."""

import numpy as np
import pytest

from jiedao.vision.boxes import PixelBox
from jiedao.vision.tracks import Look, Tracker
from jiedao.vision.values import Luma

A_VAN: PixelBox = (100.0, 60.0, 140.0, 84.0)


def a_street(*, van: bool) -> Luma:
    """A textured ground, with or without a van that has a texture of its own."""
    chance = np.random.default_rng(5)
    street = chance.integers(110, 140, (180, 320)).astype(np.uint8)
    body = chance.integers(20, 240, (24, 40)).astype(np.uint8)
    if van:
        street[60:84, 100:140] = body
    return street


def with_passer(street: Luma, box: PixelBox) -> Luma:
    x0, y0, x1, y1 = (round(v) for v in box)
    seen = street.copy()
    seen[y0:y1, x0:x1] = 15
    return seen


def a_named_van(tracker: Tracker, until_s: float = 2.0) -> float:
    """A detector names a van that stands in the background; gives the time afterwards."""
    t_s = 0.0
    while t_s < until_s:
        looks = [Look(A_VAN, "car", 0.8)] if t_s == 0.0 else []
        tracker.see(looks, t_s, a_street(van=True))
        t_s += 0.2
    return t_s


def test_what_was_named_and_stands_is_seen_by_its_own_pattern() -> None:
    tracker = Tracker()
    a_named_van(tracker, until_s=6.0)
    [van] = tracker.tracks
    assert van.seen_s == pytest.approx(5.8)
    assert van.box == pytest.approx(A_VAN)


def test_what_passes_before_it_does_not_carry_it_off() -> None:
    tracker = Tracker()
    t_s = a_named_van(tracker)
    for step in range(12):
        passer = (20.0 + 24 * step, 50.0, 70.0 + 24 * step, 110.0)
        seen = with_passer(a_street(van=True), passer)
        tracker.see([Look(passer)], t_s + step * 0.2, seen)
    van = next(track for track in tracker.tracks if track.number == 1)
    assert van.box == pytest.approx(A_VAN)
    assert van.label == "car"


def test_what_has_left_its_place_is_told_and_no_longer_followed() -> None:
    tracker = Tracker()
    t_s = a_named_van(tracker)
    tracker.see([], t_s, a_street(van=False))
    assert tracker.vacated == [pytest.approx(A_VAN)]
    for step in range(1, 15):
        tracker.see([], t_s + step * 0.2, a_street(van=False))
    assert tracker.tracks == []


def test_a_part_of_what_stands_is_no_second_object() -> None:
    tracker = Tracker()
    t_s = a_named_van(tracker)
    tracker.see([Look((102.0, 60.0, 124.0, 80.0), "car", 0.5)], t_s, a_street(van=True))
    assert [track.number for track in tracker.tracks] == [1]


def test_two_that_pass_each_other_keep_their_numbers() -> None:
    tracker = Tracker()
    for step in range(30):
        way = 2.0 * step
        tracker.see(
            [Look((way, 0.0, way + 12, 36.0)), Look((60 - way, 5.0, 72 - way, 41.0))], step * 0.2
        )
    right = max(tracker.tracks, key=lambda track: track.box[0])
    assert right.number == 1


def test_a_track_found_to_be_of_another_ones_body_is_its_heirs() -> None:
    tracker = Tracker()
    for step in range(12):
        x = 100.0 + 2 * step
        whole, inner = (x, 40.0, x + 20, 100.0), (x + 2, 45.0, x + 18, 95.0)
        looks = [Look(whole, "person", 0.9), Look(inner)]
        tracker.see(looks, step * 0.2)
    [body] = tracker.tracks
    assert body.label == "person"
    assert body.heir_of == (2,)
