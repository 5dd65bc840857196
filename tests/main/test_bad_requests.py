# SPDX-License-Identifier: Apache-2.0
"""What no honest screen sends: each gets a clear refusal in both languages, never a defect."""

import pytest

from tests.world import BRIDGE, World, matter_id


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff\xfe",
        b'{"act_id": "6f0b2b52-0a3c-4b0e-9a52-000000000001", "note": "\\u0000"}',
        b'{"act_id": "6f0b2b52-0a3c-4b0e-9a52-000000000001", "note": "\\ud800"}',
        b'{"act_id": "6f0b2b52-0a3c-4b0e-9a52-000000000001", "rating": NaN}',
    ],
)
def test_a_body_that_cannot_be_kept_is_refused_in_words(world: World, body: bytes) -> None:
    matter = matter_id(world.see())
    answer = world.phone("chen", "desk").client.post(
        f"/api/matters/{matter}/acts/note", body, content_type="application/json"
    )
    assert answer.status_code == 400
    told = answer.json()
    assert told["code"] == "input.bad"
    assert set(told["message"]) == {"zh-CN", "en"}


@pytest.mark.parametrize("path", ["/%00", "/" + "x" * 5000, "/../../etc/passwd", "//etc/passwd"])
def test_a_screen_that_cannot_be_is_not_there(world: World, path: str) -> None:
    assert world.phone("chen", "desk").client.get(path).status_code == 404


def test_a_seat_that_cannot_be_is_not_there(world: World) -> None:
    screen = world.phone("chen", "desk")
    screen.post("/demo/seats/%00")
    assert screen.status == 404


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_the_database_could_not_give_back_is_refused(world: World, at: str) -> None:
    phone = world.phone("near")
    phone.post("/shifts/check-in", at=at, lon=BRIDGE[0], lat=BRIDGE[1])
    assert phone.status == 422


def test_a_camera_is_opened_for_a_matter_that_there_is(world: World) -> None:
    desk = world.phone("chen", "desk")
    nowhere = "6f0b2b52-0a3c-4b0e-9a52-000000000001"
    desk.post(f"/cameras/{world.camera.id}/open", purpose="事件", matter=nowhere)
    assert desk.status == 404
    matter = str(matter_id(world.see()))
    desk.post(f"/cameras/{world.camera.id}/open", purpose="事件", matter=matter)
    assert desk.status == 200


def test_a_matter_is_raised_from_a_camera_that_shows_nothing_now(world: World) -> None:
    desk = world.phone("chen", "desk")
    raised = desk.post("/matters", camera=str(world.camera.id), note="有人翻栏杆")
    assert desk.status == 200, raised
    assert raised["card"]["still"] is None
