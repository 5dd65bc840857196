# SPDX-License-Identifier: Apache-2.0
"""Our simulated camera against a client we did not write, and the other way round."""

from itertools import pairwise
from pathlib import Path
from statistics import median

import av
import pytest

from tests.peers import gstreamer
from tests.sim.camera_process import OPEN_OPTIONS, frames_until, running_cameras

pytestmark = pytest.mark.peer


def test_gstreamer_plays_a_drawn_scene(tmp_path: Path) -> None:
    with running_cameras(tmp_path, "--scene", "bridge=bridge") as cameras:
        seen = gstreamer.play(cameras.url("bridge"), frames=55)
    assert "error" not in seen
    assert (seen["width"], seen["height"]) == (640, 360)
    assert seen["pictures"] >= 50
    assert seen["keys"][:3] == [0, 25, 50]
    steps = [after - before for before, after in pairwise(seen["times"])]
    # Pictures carry the time at which they were drawn; a busy machine may draw one late.
    assert all(step > 0 for step in steps)
    assert median(steps) == pytest.approx(80e6, rel=0.2)
    assert sum(steps) == pytest.approx(80e6 * len(steps), rel=0.1)


def test_gstreamer_signs_in_with_digest(tmp_path: Path) -> None:
    arguments = ("--scene", "bridge=bridge", "--user", "duty", "--password", "p-1")
    with running_cameras(tmp_path, *arguments) as cameras:
        assert gstreamer.play(cameras.url("bridge", "duty:p-1@"), frames=5)["coded"] >= 5
        refused = gstreamer.play(cameras.url("bridge", "duty:wrong@"), frames=5)
    assert refused["coded"] == 0
    assert "error" in refused


def test_a_gstreamer_camera_can_be_watched() -> None:
    with gstreamer.camera(fps=10) as url, av.open(url, options=OPEN_OPTIONS) as container:
        frames = frames_until(container, lambda seen: len(seen) == 15)
    assert (frames[0].width, frames[0].height) == (320, 240)
    assert len(frames) == 15
