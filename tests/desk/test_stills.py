# SPDX-License-Identifier: Apache-2.0
"""Following a camera's stills is watching it, and leaves a record."""

from pathlib import Path

import pytest

from jiedao.desk import devices
from jiedao.trace.models import Record
from tests.world import World


def openings(world: World) -> list[str]:
    with world.platform():
        rows = Record.objects.filter(verb="camera.opened", subject_id=world.camera.id)
        return [row.payload["purpose"] for row in rows]


def test_following_the_stills_is_on_record_once_a_quarter_of_an_hour(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "still.jpg"
    picture.write_bytes(b"a picture")
    monkeypatch.setattr(devices, "still_file", lambda _camera: picture)
    desk = world.phone("chen", "desk").client
    for _ in range(3):
        assert desk.get(f"/api/cameras/{world.camera.id}/still").status_code == 200
    assert openings(world) == ["值守"]
    world.sweep(after_s=16 * 60)
    desk.get(f"/api/cameras/{world.camera.id}/still")
    assert openings(world) == ["值守", "值守"]


def test_a_still_that_there_is_not_leaves_no_record(world: World) -> None:
    desk = world.phone("chen", "desk").client
    assert desk.get(f"/api/cameras/{world.camera.id}/still").status_code == 404
    assert openings(world) == []
