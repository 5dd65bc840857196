# SPDX-License-Identifier: Apache-2.0
"""What is kept of an alarm, and that the alarm passes when nothing can be kept."""

import queue
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import av
import numpy as np
import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import HandClock
from jiedao.cameras.keeping import Alarm, Keeper
from jiedao.cameras.messages import FromShard, Observed
from jiedao.cameras.relay import Ring
from jiedao.cameras.watching import Look
from jiedao.vision.values import Event, Kind, Sighting
from tests.small_disk import fill, small_disk
from tests.world import NOON


def an_alarm() -> Alarm:
    picture = av.VideoFrame.from_ndarray(np.full((60, 50), 90, np.uint8), format="yuv420p")
    event = Event(Kind.CROSSING, NOON.timestamp(), "inner_line")
    look = Look(Sighting(NOON.timestamp()), picture)
    return Alarm(uuid4(), 1, "fence.crossing", event, look, Ring())


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 512) as folder:
        yield folder


def test_an_alarm_is_told_with_its_picture_and_on_a_full_disk_without_it(disk: Path) -> None:
    told: queue.Queue[FromShard] = queue.Queue()
    blobs = BlobStore(disk / "blobs")
    keeper = Keeper(blobs, disk, HandClock(NOON), told.put)

    def after_an_alarm() -> Observed:
        alarm = an_alarm()
        keeper.alarm(alarm)
        seen = told.get(timeout=30)
        assert isinstance(seen, Observed)
        assert seen.camera == alarm.camera
        return seen

    before = after_an_alarm()
    hog = fill(disk)
    without = after_an_alarm()
    hog.unlink()
    after = after_an_alarm()
    keeper.close()
    assert without.still is None
    for one in (before, after):
        assert one.still is not None
        assert blobs.path(one.still).is_file()
