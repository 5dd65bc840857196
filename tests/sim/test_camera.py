# SPDX-License-Identifier: Apache-2.0
"""The simulated camera as a client sees it, through PyAV's own RTSP client."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import av
import pytest

from jiedao.sim.camera.stamp import read_ms_of_day
from tests.sim.camera_process import Cameras, frames_until, running_cameras


@pytest.fixture(scope="module")
def bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cameras]:
    with running_cameras(tmp_path_factory.mktemp("cameras"), "--scene", "bridge=bridge") as cameras:
        yield cameras


def test_a_viewer_sees_the_bridge_with_a_clock_that_runs(bridge: Cameras) -> None:
    with bridge.watch("bridge") as container:
        frames = frames_until(container, lambda seen: len(seen) == 20)
    clocks = [read_ms_of_day(frame.to_ndarray(format="gray")) for frame in frames]
    assert (frames[0].width, frames[0].height) == (640, 360)
    assert None not in clocks
    steps = [after - before for before, after in pairwise(c for c in clocks if c is not None)]
    assert all(0 < step < 2000 for step in steps)


def test_key_frames_come_every_two_seconds_and_nothing_else_is_one(bridge: Cameras) -> None:
    with bridge.watch("bridge") as container:
        packets = []
        for packet in container.demux(video=0):
            packets.append(packet)
            if len(packets) == 55:
                break
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert [after - before for before, after in pairwise(keys)] in ([25], [25, 25])
    # FFmpeg's parser leaves the very first packet of an RTSP stream without a time.
    times = [packet.pts for packet in packets[1:]]
    assert all(after > before for before, after in pairwise(times))


def test_a_cued_crossing_is_in_the_truth_with_the_moment_it_was_sent(bridge: Cameras) -> None:
    known = len(bridge.rows())
    with bridge.watch("bridge") as container:
        assert bridge.tell(cue="crossing", mount="bridge", variant="hurry")["sessions"] >= 1
        frames_until(container, lambda _: len(bridge.rows()) >= known + 2)
    crossing, enter = bridge.rows()[known : known + 2]
    assert (crossing["kind"], crossing["line"]) == ("crossing", "inner_line")
    assert crossing["heading"][1] < 0
    assert (enter["kind"], enter["zone"]) == ("enter", "water_edge")


def test_eight_viewers_are_eight_sessions(bridge: Cameras) -> None:
    before = bridge.tell(status=True)["mounts"]["bridge"]["sessions_ever"]
    with ThreadPoolExecutor(8) as pool:
        viewers = list(pool.map(bridge.watch, ["bridge"] * 8))
    assert bridge.tell(status=True)["mounts"]["bridge"]["sessions"] >= 8
    for viewer in viewers:
        viewer.close()
    assert bridge.tell(status=True)["mounts"]["bridge"]["sessions_ever"] == before + 8


def test_an_unknown_camera_is_not_found(bridge: Cameras) -> None:
    with pytest.raises(av.HTTPNotFoundError):
        bridge.watch("nowhere")


def test_a_wrong_command_is_answered_with_what_is_known(bridge: Cameras) -> None:
    assert "bridge" in bridge.tell(cue="crossing", mount="x")["error"]
    assert "hurry" in bridge.tell(cue="crossing", mount="bridge", variant="x")["error"]
    assert "halfopen" in bridge.tell(fault="x", mount="bridge")["error"]


def test_a_password_keeps_strangers_out_and_lets_the_right_one_in(tmp_path: Path) -> None:
    arguments = ("--scene", "bridge=bridge", "--user", "duty", "--password", "p-1")
    with running_cameras(tmp_path, *arguments) as cameras:
        with pytest.raises(av.HTTPUnauthorizedError):
            cameras.watch("bridge")
        with pytest.raises(av.HTTPUnauthorizedError):
            cameras.watch("bridge", login="duty:wrong@")
        with cameras.watch("bridge", login="duty:p-1@") as container:
            assert frames_until(container, lambda seen: len(seen) == 1)
