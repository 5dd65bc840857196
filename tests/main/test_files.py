# SPDX-License-Identifier: Apache-2.0
"""Kept files over HTTP: to whoever may see the matter, whole or in the parts a player asks for."""

from pathlib import Path

import pytest
from django.test import Client

from jiedao.base.actor import system
from jiedao.base.blobs import BlobStore
from jiedao.base.database import transact
from jiedao.base.errors import JiedaoError
from jiedao.base.ids import new_id
from jiedao.main.ranges import Span, asked_span
from jiedao.signals.models import Upload
from tests.world import BRIDGE, World, role

RUBBISH = {"item": "exposed_rubbish", "note": "路边", "lon": BRIDGE[0], "lat": BRIDGE[1]}
CLIP = bytes(range(256)) * 1000


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("bytes=0-0", Span(0, 0)),
        ("bytes=0-", Span(0, 9)),
        ("bytes=4-6", Span(4, 6)),
        ("bytes=4-600", Span(4, 9)),
        ("bytes=-3", Span(7, 9)),
        ("bytes=-300", Span(0, 9)),
        ("", None),
        ("bytes=6-4", None),
        ("bytes=-", None),
        ("bytes=1-2,4-5", None),
        ("bytes=a-b", None),
        ("bytes=１-２", None),
        ("seconds=1-2", None),
        ("bytes=" + "9" * 40 + "-", None),
    ],
)
def test_a_part_is_read_as_the_standard_says_and_what_is_odd_gives_the_whole(
    header: str, span: Span | None
) -> None:
    assert asked_span(header, 10) == span


@pytest.mark.parametrize(("header", "size"), [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-", 0)])
def test_a_part_past_the_end_is_refused(header: str, size: int) -> None:
    with pytest.raises(JiedaoError) as refused:
        asked_span(header, size)
    assert (refused.value.code, refused.value.http_status) == ("file.range", 416)


@pytest.fixture
def clip(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A clip of a matter, noted by the operator; the path under which it is asked for."""
    monkeypatch.setenv("JIEDAO_DATA_DIR", str(tmp_path))
    kept = BlobStore(tmp_path / "blobs").put(CLIP)
    with role("jiedao_stream"), transact(system("stream"), world.clock) as tx:
        Upload.objects.create(
            id=new_id(),
            sha256=kept.sha256,
            size_bytes=kept.size_bytes,
            media_type="video/mp4",
            party_id=world.people["chen"].id,
            at=tx.now,
        )
    screen = world.phone("chen", "desk")
    matter = screen.post("/matters", **RUBBISH)["card"]["id"]
    screen.post(f"/matters/{matter}/acts/note", note="视频", blobs=[kept.sha256])
    assert screen.status == 200
    return f"/api/blobs/{kept.sha256}?matter={matter}"


def desk(world: World) -> Client:
    return world.phone("chen", "desk").client


def test_a_player_gets_the_whole_and_may_keep_it_for_ever(world: World, clip: str) -> None:
    answer = desk(world).get(clip)
    assert (answer.status_code, answer.getvalue()) == (200, CLIP)
    assert answer["Content-Type"] == "video/mp4"
    assert answer["Accept-Ranges"] == "bytes"
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_player_that_moves_on_gets_the_part_it_asks_for(world: World, clip: str) -> None:
    for asked, first, last in (("bytes=1000-1999", 1000, 1999), ("bytes=255000-", 255000, 255999)):
        answer = desk(world).get(clip, headers={"Range": asked})
        assert (answer.status_code, answer.getvalue()) == (206, CLIP[first : last + 1])
        assert answer["Content-Range"] == f"bytes {first}-{last}/256000"
        assert answer["Content-Length"] == str(last + 1 - first)
        assert answer["Content-Type"] == "video/mp4"


def test_a_player_that_asks_past_the_end_is_told_so(world: World, clip: str) -> None:
    answer = desk(world).get(clip, headers={"Range": "bytes=256000-"})
    assert (answer.status_code, answer.json()["code"]) == (416, "file.range")
    assert set(answer.json()["message"]) == {"zh-CN", "en"}


def test_a_part_of_another_version_is_not_mixed_in(world: World, clip: str) -> None:
    own = desk(world).get(clip)["ETag"]
    for known, status in ((own, 206), ('"another"', 200)):
        asked = {"Range": "bytes=0-9", "If-Range": known}
        assert desk(world).get(clip, headers=asked).status_code == status


@pytest.mark.parametrize("asked", ["", "bytes=0-9", "bytes=999999-"])
def test_who_may_not_see_the_matter_gets_no_part_of_it_either(
    world: World, clip: str, asked: str
) -> None:
    for who in ("elsewhere", "far"):
        answer = world.phone(who).client.get(clip, headers={"Range": asked})
        assert (answer.status_code, answer.json()["code"]) == (404, "input.not_found")
    assert Client().get(clip, headers={"Range": asked}).status_code == 401


def test_a_file_is_not_found_through_another_matter(world: World, clip: str) -> None:
    other = world.phone("near").post("/matters", **RUBBISH)
    through = f"{clip.split('?', maxsplit=1)[0]}?matter={other['card']['id']}"
    assert desk(world).get(through).status_code == 404
