# SPDX-License-Identifier: Apache-2.0
"""Which cameras count as lost, and since when."""

from uuid import UUID

from jiedao.cameras.messages import Condition
from jiedao.cameras.reporting import Losses

CAMERA = UUID(int=7)
LIVE = [Condition(CAMERA, "live")]
SILENT = [Condition(CAMERA, "offline", "camera.silent")]


def test_a_hiccup_is_no_loss() -> None:
    losses = Losses()
    assert losses.hear(SILENT, 0.0) == ({}, {})
    assert losses.hear(LIVE, 2.0) == ({}, {})
    assert losses.hear(SILENT, 4.0) == ({}, {})


def test_trouble_that_lasts_is_told_once_with_its_reason() -> None:
    losses = Losses()
    losses.hear(SILENT, 0.0)
    assert losses.hear(SILENT, 3.5) == ({CAMERA: "camera.silent"}, {})
    assert losses.hear(SILENT, 9.0) == ({}, {})


def test_the_return_is_told_with_the_length_of_the_loss() -> None:
    losses = Losses()
    losses.hear(SILENT, 0.0)
    losses.hear(SILENT, 3.5)
    assert losses.hear(LIVE, 60.0) == ({}, {CAMERA: 60.0})


def test_a_camera_that_nobody_wants_any_more_is_neither_lost_nor_back() -> None:
    losses = Losses()
    losses.hear(SILENT, 0.0)
    losses.hear(SILENT, 3.5)
    assert losses.hear([Condition(CAMERA, "idle")], 5.0) == ({}, {})
