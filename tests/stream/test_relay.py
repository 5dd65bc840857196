# SPDX-License-Identifier: Apache-2.0
"""The upstream outlives its last viewer by a moment, and no longer."""

from pathlib import Path
from uuid import uuid4

import pytest

from jiedao.stream.relay import Relay
from tests.stream.fake_media import FakeMedia

pytestmark = pytest.mark.anyio


async def test_the_upstream_closes_after_the_last_viewer(tmp_path: Path) -> None:
    media, path = FakeMedia(), tmp_path / "m"
    media.begins()
    async with media.listening(path):
        relay, camera = Relay(path, linger_s=0.01), uuid4()
        with relay.watching(camera) as first:
            await first.take()
            with relay.watching(camera):
                assert relay.watched == 1
            assert relay.watched == 1
        await media.until(0)
        assert relay.watched == 0


async def test_a_viewer_that_returns_in_time_finds_the_same_upstream(tmp_path: Path) -> None:
    media, path = FakeMedia(), tmp_path / "m"
    media.begins()
    async with media.listening(path):
        relay, camera = Relay(path, linger_s=60), uuid4()
        for _ in range(3):
            with relay.watching(camera) as viewer:
                assert await viewer.take() is not None
        assert len(media.asked) == 1
        await relay.close()


async def test_two_cameras_have_two_upstreams(tmp_path: Path) -> None:
    media, path = FakeMedia(), tmp_path / "m"
    media.begins()
    async with media.listening(path):
        relay, cameras = Relay(path), (uuid4(), uuid4())
        with relay.watching(cameras[0]) as one, relay.watching(cameras[1]) as other:
            await one.take()
            await other.take()
            assert sorted(media.asked) == sorted(str(camera) for camera in cameras)
        await relay.close()
