# SPDX-License-Identifier: Apache-2.0
"""A camera is pulled, its faults are named, and it is live again after its return."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from jiedao.base.clock import SystemClock
from jiedao.cameras.errors import CameraFault
from jiedao.cameras.probe import probe
from jiedao.cameras.pull import BackOff, Puller, RtspSource
from tests.cameras.conftest import address_of
from tests.cameras.fake_camera import FakeCamera
from tests.cameras.listening import Listening

Pull = Callable[[FakeCamera], Listening]


def test_packets_come_with_the_server_time_at_which_they_were_taken(pull: Pull) -> None:
    with FakeCamera() as camera:
        heard = pull(camera)
        heard.wait(lambda: len(heard.arrivals) >= 30)
    now_s = datetime.now(UTC).timestamp()
    assert all(now_s - 12 < arrival.captured_s <= now_s for arrival in heard.arrivals)
    assert not heard.faults


def test_one_pull_makes_one_session(pull: Pull) -> None:
    with FakeCamera() as camera:
        heard = pull(camera)
        heard.wait(lambda: len(heard.arrivals) >= 5)
        assert camera.plays == 1


@pytest.mark.parametrize("scheme", ["digest", "basic"])
def test_a_camera_with_a_login_is_opened_by_it(scheme: str) -> None:
    with FakeCamera(login="op:secret", scheme=scheme) as camera:
        heard = Listening()
        source = RtspSource(address_of(camera, "op", "secret"))
        puller = Puller(source, heard, SystemClock())
        puller.start()
        heard.wait(lambda: bool(heard.arrivals))
        puller.stop()


def test_a_wrong_login_is_named(pull: Pull) -> None:
    with FakeCamera(login="op:secret") as camera:
        with pytest.raises(CameraFault) as fault:
            probe(address_of(camera, "op", "wrong"))
        assert fault.value.code == "camera.refused_login"
        heard = pull(camera)
        heard.wait(lambda: bool(heard.faults))
        assert heard.codes == {"camera.refused_login"}


@pytest.mark.parametrize(
    ("habit", "code"),
    [
        ("junk", "camera.garbled"),
        ("redirect", "camera.redirects"),
        ("missing", "camera.no_such_stream"),
        ("silent", "camera.silent"),
        ("mute", "camera.silent"),
        ("stall", "camera.silent"),
        ("drip", "camera.silent"),
        ("hang_up", "camera.hung_up"),
    ],
)
def test_a_fault_is_named_within_ten_seconds(pull: Pull, habit: str, code: str) -> None:
    with FakeCamera(habit) as camera:
        heard = pull(camera)
        heard.wait(lambda: bool(heard.faults), at_most_s=30)
        assert heard.faults[0].code == code
        assert str(camera.port) in heard.faults[0].in_words("zh-CN")
        assert str(camera.port) in heard.faults[0].in_words("en")


def test_an_address_where_nothing_listens_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    camera = FakeCamera()
    with camera:
        pass
    camera.port = port
    with pytest.raises(CameraFault) as fault:
        probe(address_of(camera))
    assert fault.value.code == "camera.unreachable"


def test_a_redirect_is_never_followed() -> None:
    with FakeCamera("redirect") as camera:
        with pytest.raises(CameraFault):
            RtspSource(address_of(camera)).open()
        assert len(camera.seen) == 1


def test_a_camera_that_reboots_is_pulled_again(pull: Pull) -> None:
    with FakeCamera() as camera:
        heard = pull(camera)
        heard.wait(lambda: len(heard.arrivals) >= 5)
        camera.cut()
        heard.wait(lambda: heard.openings == 2)
        seen = len(heard.arrivals)
        heard.wait(lambda: len(heard.arrivals) > seen)


def test_the_back_off_doubles_up_to_a_bound_that_keeps_fifteen_seconds() -> None:
    waits = BackOff(chance=lambda: 1.0)
    steps = [waits.next_s() for _ in range(8)]
    assert steps[:4] == [0.25, 0.5, 1.0, 2.0]
    assert max(steps) + 2 * 3.0 <= 15


def test_the_back_off_is_scattered_by_chance() -> None:
    early, late = BackOff(chance=lambda: 0.0), BackOff(chance=lambda: 1.0)
    assert early.next_s() < late.next_s()
