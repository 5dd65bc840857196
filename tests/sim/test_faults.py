# SPDX-License-Identifier: Apache-2.0
"""A camera that fails on request, so that whoever watches it can be tested."""

from collections.abc import Iterator
from typing import Any

import av
import pytest

from jiedao.sim.camera.faults import Fault, Faults
from tests.sim.camera_process import OPEN_OPTIONS, Cameras, frames_until, running_cameras


@pytest.fixture(scope="module")
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cameras]:
    with running_cameras(tmp_path_factory.mktemp("cameras"), "--scene", "bridge=bridge") as found:
        yield found


@pytest.fixture
def bridge(cameras: Cameras) -> Iterator[Cameras]:
    yield cameras
    cameras.tell(fault="silent", mount="bridge", for_s=0)


def impatient(cameras: Cameras, open_s: float = 10) -> Any:
    return av.open(cameras.url("bridge"), options=OPEN_OPTIONS, timeout=(open_s, 2))


def test_a_fault_ends_by_itself() -> None:
    now = [0.0]
    faults = Faults(lambda: now[0])
    faults.begin(Fault.SILENT, for_s=2)
    assert faults.now is Fault.SILENT
    now[0] = 2.0
    assert faults.now is None


def test_garbled_units_keep_their_first_byte_and_length() -> None:
    faults = Faults()
    before = [b"\x65" + bytes(400), b"\x41\x00"]
    after = faults.garble(before)
    assert [len(unit) for unit in after] == [401, 2]
    assert [unit[0] for unit in after] == [0x65, 0x41]
    assert after[0] != before[0]


def pictures_left(container: Any) -> int:
    """How many more pictures come before the stream ends or the patience does."""
    try:
        return len(frames_until(container, lambda _: False, limit=40))
    except av.FFmpegError:
        return 0


@pytest.mark.parametrize("fault", ["silent", "drop", "refuse", "halfopen", "drip"])
def test_a_failing_camera_shows_its_viewer_no_more_than_was_on_the_way(
    bridge: Cameras, fault: str
) -> None:
    with impatient(bridge) as container:
        frames_until(container, lambda seen: len(seen) == 2)
        assert bridge.tell(fault=fault, mount="bridge", for_s=30)["ok"]
        assert pictures_left(container) < 10


@pytest.mark.parametrize("fault", ["refuse", "halfopen"])
def test_a_new_viewer_is_turned_away(bridge: Cameras, fault: str) -> None:
    bridge.tell(fault=fault, mount="bridge", for_s=30)
    with pytest.raises(av.FFmpegError):
        impatient(bridge, open_s=1)


def test_a_frozen_camera_shows_the_same_moment_again_and_again(bridge: Cameras) -> None:
    with bridge.watch("bridge") as container:
        frames_until(container, lambda seen: len(seen) == 3)
        bridge.tell(fault="freeze", mount="bridge", for_s=30)
        frames = frames_until(container, lambda seen: len(seen) == 12)
    last, one = (frame.to_ndarray(format="gray").astype(int) for frame in (frames[-1], frames[-4]))
    assert abs(last - one).mean() < 1.0


def test_a_camera_that_recovers_can_be_watched_again(bridge: Cameras) -> None:
    with bridge.watch("bridge") as container:
        frames_until(container, lambda seen: len(seen) == 2)
        bridge.tell(fault="drop", mount="bridge", for_s=0)
    with bridge.watch("bridge") as container:
        assert frames_until(container, lambda seen: len(seen) == 2)
