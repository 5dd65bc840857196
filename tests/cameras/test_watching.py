# SPDX-License-Identifier: Apache-2.0
"""Pictures are judged at their pace, the newest first, and what could not be judged is counted."""

import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from jiedao.cameras.detectors import Detectors
from jiedao.cameras.inwork import Marks
from jiedao.cameras.rules import signal_of
from jiedao.cameras.seal import seal, unseal
from jiedao.cameras.tamper import Tamper
from jiedao.cameras.watching import Analysers, Look, Watching, luma_of
from jiedao.vision.values import Event, Frame, Kind, Seen, Sighting
from jiedao.vision.watcher import Watcher
from jiedao.vision.zones import ZonePlan

PLAN = ZonePlan.parse({"lines": [{"name": "edge", "points": [[0.5, 0], [0.5, 1]]}]})


class ScriptedWatcher(Watcher):
    """Answers what it is told to."""

    def __init__(self, *, blind: bool = False, busy: bool = False) -> None:
        super().__init__(PLAN)
        self._answer_blind, self._answer_boxes = blind, (Seen(1, (0, 0, 1, 1)),) if busy else ()
        self.times: list[float] = []

    def see(self, frame: Frame) -> Sighting:
        self.times.append(frame.t_s)
        return Sighting(frame.t_s, boxes=self._answer_boxes, blind=self._answer_blind)


def a_picture(shade: int = 100, width: int = 50) -> Any:
    grey = np.full((60, width), shade, np.uint8)
    return av.VideoFrame.from_ndarray(grey, format="yuv420p")


def watching(watcher: Watcher) -> Watching:
    return Watching(watcher, lambda _: None)


def test_five_pictures_a_second_are_judged_whatever_the_cameras_rate() -> None:
    watcher = ScriptedWatcher()
    one = watching(watcher)
    for number in range(100):
        if one.offer(a_picture(number), 1000 + number * 0.04):
            one.work()
    assert len(watcher.times) == pytest.approx(20, abs=1)


def test_while_something_moves_it_is_ten() -> None:
    watcher = ScriptedWatcher(busy=True)
    one = watching(watcher)
    for number in range(100):
        if one.offer(a_picture(number), 1000 + number * 0.04):
            one.work()
    assert len(watcher.times) == pytest.approx(40, abs=2)


def test_a_picture_that_nobody_took_in_time_is_displaced_and_counted() -> None:
    watcher = ScriptedWatcher()
    one = watching(watcher)
    one.offer(a_picture(), 1000.0)
    one.offer(a_picture(), 1000.2)
    one.work()
    one.work()
    assert watcher.times == [1000.2]
    assert one.counters.dropped == 1
    assert one.counters.blindness > 0


def test_blind_sightings_and_undecoded_pictures_count_as_blindness() -> None:
    one = watching(ScriptedWatcher(blind=True))
    one.offer(a_picture(), 1000.0)
    one.work()
    one.skip(1000.3)
    assert (one.counters.calibrating, one.counters.skipped, one.counters.analysed) == (1, 1, 0)
    assert one.counters.blindness == pytest.approx(2 / 300, rel=0.01)


def test_the_very_same_picture_for_long_is_a_frozen_camera_and_a_new_one_is_not() -> None:
    tamper = Tamper()
    one = Watching(ScriptedWatcher(), lambda _: None, tamper)
    for number in range(60):
        one.offer(a_picture(100), 1000 + number * 0.2)
        one.work()
    assert tamper.fault == "camera.frozen"
    one.offer(a_picture(160), 1013.0)
    one.work()
    assert tamper.fault == ""


def test_the_brightness_plane_is_looked_at_without_its_padding() -> None:
    picture = a_picture(77, width=50)
    luma = luma_of(picture)
    assert luma.shape == (40, 50)
    assert not luma.flags.owndata
    assert (luma == 77).all()


def test_a_camera_whose_rules_fail_does_not_blind_the_others() -> None:
    class Failing(Watcher):
        def see(self, frame: Frame) -> Sighting:
            raise RuntimeError("a defect")

    done = threading.Event()
    analysers = Analysers()
    bad = watching(Failing(PLAN))
    good = Watching(ScriptedWatcher(), lambda _: done.set())
    for one in (bad, good):
        one.offer(a_picture(), 1000.0)
        analysers.wake(one)
    assert done.wait(30)
    analysers.close()
    assert bad.counters.blindness > 0


def test_a_look_carries_the_picture_it_was_made_from() -> None:
    looks: list[Look] = []
    one = Watching(ScriptedWatcher(), looks.append)
    picture = a_picture()
    one.offer(picture, 1000.0)
    one.work()
    assert looks[0].picture is picture


def crossing(heading: tuple[float, float]) -> Event:
    return Event(Kind.CROSSING, 1.0, "edge", heading)


def test_a_line_with_a_heading_alarms_one_way_only() -> None:
    zones = {"lines": [{"name": "edge", "points": [[0, 0.5], [1, 0.5]], "heading": [0, -1]}]}
    assert signal_of(crossing((0.1, -0.9)), zones) == "fence.crossing"
    assert signal_of(crossing((0.1, 0.9)), zones) is None


def test_a_line_without_a_heading_alarms_both_ways() -> None:
    zones = {"lines": [{"name": "edge", "points": [[0, 0.5], [1, 0.5]]}]}
    assert signal_of(crossing((0.1, 0.9)), zones) == "fence.crossing"


def test_leaving_and_counting_are_no_alarms_and_neither_is_a_zone_that_says_so() -> None:
    assert signal_of(Event(Kind.LEAVE, 1.0, "bank"), {}) is None
    assert signal_of(Event(Kind.COUNT, 1.0, n=3), {}) is None
    quiet = {"zones": [{"name": "bank", "alarm": False}]}
    assert signal_of(Event(Kind.ENTER, 1.0, "bank"), quiet) is None
    assert signal_of(Event(Kind.ENTER, 1.0, "bank"), {}) == "fence.enter"


def test_a_mark_stands_while_the_library_works_and_is_taken_back_after() -> None:
    marks = Marks.fresh()
    with marks.working(3):
        assert set(marks.since()) == {3}
    assert marks.since() == {}
    marks.close()


def test_a_mark_is_seen_by_whoever_shares_the_memory() -> None:
    marks = Marks.fresh()
    other = Marks(marks.handle)
    with marks.working(0):
        assert set(other.since()) == {0}


def test_a_sealed_password_opens_with_its_own_key_only() -> None:
    sealed = seal("geheim", "key one")
    assert "geheim" not in sealed
    assert unseal(sealed, "key one") == "geheim"
    assert unseal(sealed, "key two") == ""
    assert unseal(seal("", "key"), "key") == ""


@pytest.mark.parametrize("name", ["motion", "../../etc/passwd", "", "missing"])
def test_without_a_usable_model_a_cameras_rules_work_on_what_moves(
    tmp_path: Path, name: str
) -> None:
    assert Detectors(tmp_path).named(name) is None
