# SPDX-License-Identifier: Apache-2.0
"""A real clip against its hand-checked truth, where the shared test input is present."""

import pytest
from bench.vision import clip_frames, data_folder

from jiedao.vision import Watcher, ZonePlan, load_detector

DATA = data_folder()


@pytest.mark.skipif(DATA is None, reason="no clips beside the checkout: ../shared/data")
@pytest.mark.parametrize("phase_s", [0.0, 0.1])
@pytest.mark.parametrize("named", [False, True], ids=["motion alone", "with a detector"])
def test_the_worker_steps_over_the_stripe_once(phase_s: float, named: bool) -> None:
    assert DATA is not None
    detector = load_detector(next((DATA / "models").glob("*.onnx"))) if named else None
    watcher = Watcher(ZonePlan.parse(DATA / "video" / "worker_zone.truth.json"), detector)
    clip = DATA / "video" / "worker_zone.mp4"
    [crossing] = [e for frame in clip_frames(clip, phase_s) for e in watcher.see(frame).events]
    assert crossing.place == "hazard_stripe"
    assert crossing.t_s == pytest.approx(2.55, abs=0.5)
    assert crossing.heading is not None
    assert crossing.heading[0] < 0
