# SPDX-License-Identifier: Apache-2.0
"""Live pictures: one upstream a camera, a first picture at once, nobody slow in the way."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from jiedao.base.settings import Settings
from jiedao.stream.frames import Frame, Kind
from jiedao.stream.sockets import SESSION_ENDED
from jiedao.stream.viewer import MOST_BYTES, MOST_PIECES, SKIPPED, Viewer
from tests.stream.client import PATIENCE_S, Address
from tests.stream.fake_media import CODEC, FakeMedia
from tests.stream.trail import Trail

CAMERA = uuid4()


@pytest.fixture
async def media(settings: Settings) -> AsyncIterator[FakeMedia]:
    """Listening where the stream process expects it, with a picture to show."""
    fake = FakeMedia()
    fake.begins()
    async with fake.listening(settings.socket_path):
        yield fake


def the_door(trail: Trail) -> str:
    return f"/video?ticket={trail.ticket('video', subject=CAMERA)}"


async def seen(viewer: ClientConnection, count: int) -> list[object]:
    """The next messages: texts as JSON, pieces as they are."""
    messages: list[object] = []
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(count):
            message = await viewer.recv()
            messages.append(json.loads(message) if isinstance(message, str) else message)
    return messages


@pytest.mark.anyio
async def test_a_viewer_gets_codec_then_beginning_then_pictures(
    stream: Address, trail: Trail, media: FakeMedia
) -> None:
    async with stream.socket(the_door(trail)) as viewer:
        assert await seen(viewer, 2) == [CODEC, b"init"]
        media.say(b"K", b"key 1")
        media.say(b"F", b"more 1")
        assert await seen(viewer, 2) == [b"key 1", b"more 1"]
    assert media.asked == [str(CAMERA)]


@pytest.mark.anyio
async def test_a_later_viewer_begins_with_the_group_under_way(
    stream: Address, trail: Trail, media: FakeMedia
) -> None:
    async with stream.socket(the_door(trail)) as first:
        await seen(first, 2)
        for kind, body in ((b"K", b"k1"), (b"F", b"f1"), (b"K", b"k2"), (b"F", b"f2")):
            media.say(kind, body)
        await seen(first, 4)
        async with stream.socket(the_door(trail)) as second:
            assert await seen(second, 4) == [CODEC, b"init", b"k2", b"f2"]


@pytest.mark.anyio
async def test_eight_viewers_are_one_session_at_the_camera(
    stream: Address, trail: Trail, media: FakeMedia
) -> None:
    async with contextlib.AsyncExitStack() as room:
        viewers = [await room.enter_async_context(stream.socket(the_door(trail))) for _ in range(8)]
        for viewer in viewers:
            await seen(viewer, 2)
        media.say(b"K", b"key")
        assert [await seen(viewer, 1) for viewer in viewers] == [[b"key"]] * 8
        assert (len(media.asked), media.now) == (1, 1)


@pytest.mark.anyio
async def test_why_there_is_no_picture_is_passed_on_to_everybody(
    stream: Address, trail: Trail, media: FakeMedia
) -> None:
    async with stream.socket(the_door(trail)) as early:
        await seen(early, 2)
        media.say(b"E", b'{"code":"camera.unreachable"}')
        assert await seen(early, 1) == [{"code": "camera.unreachable"}]
        async with stream.socket(the_door(trail)) as late:
            assert (await seen(late, 3))[-1] == {"code": "camera.unreachable"}
            media.say(b"K", b"back")
            assert await seen(late, 1) == [b"back"]


@pytest.mark.anyio
async def test_a_dead_media_process_is_said_and_its_return_shows_pictures_again(
    stream: Address, trail: Trail, settings: Settings
) -> None:
    fake = FakeMedia()
    fake.begins()
    async with fake.listening(settings.socket_path):
        open_socket = stream.socket(the_door(trail))
        viewer = await open_socket.__aenter__()
        await seen(viewer, 2)
    [trouble] = await seen(viewer, 1)
    assert isinstance(trouble, dict)
    assert trouble["code"] == "video.media_away"
    assert set(trouble["message"]) == {"zh-CN", "en"}
    async with fake.listening(settings.socket_path):
        assert await seen(viewer, 2) == [CODEC, b"init"]
        await open_socket.__aexit__(None, None, None)


@pytest.mark.anyio
@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\x02"])
async def test_an_upstream_that_makes_no_sense_harms_nobody(
    stream: Address, trail: Trail, media: FakeMedia, size: bytes
) -> None:
    async with stream.socket(the_door(trail)) as viewer:
        await seen(viewer, 2)
        for writer in list(media._writers):
            writer.write(size + b"?!")
        assert [type(message) for message in await seen(viewer, 3)] == [dict, dict, bytes]


@pytest.mark.anyio
async def test_a_video_ticket_without_a_camera_or_for_something_else_is_refused(
    stream: Address, trail: Trail
) -> None:
    for ticket in (trail.ticket("video"), trail.ticket("feed", subject=CAMERA), "x"):
        refusal = await stream.refused(f"/video?ticket={ticket}")
        assert refusal == (403, "stream.ticket_refused")


@pytest.mark.anyio
async def test_the_end_of_a_session_ends_its_pictures(
    stream: Address, trail: Trail, media: FakeMedia
) -> None:
    account = uuid4()
    ticket = trail.ticket("video", subject=CAMERA, account=account)
    async with stream.socket(f"/video?ticket={ticket}") as viewer:
        await seen(viewer, 2)
        soon = datetime.now(UTC) + timedelta(seconds=1)
        trail.seal("session.ended", subject=account, at=soon)
        with pytest.raises(ConnectionClosed) as closed:
            await seen(viewer, 1)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == SESSION_ENDED


CODEC_FRAME, INIT = Frame(Kind.CODEC, b"{}"), Frame(Kind.INIT, b"init")


def key(name: str, size: int = 0) -> Frame:
    return Frame(Kind.KEY, name.encode() + bytes(size))


def more(name: str) -> Frame:
    return Frame(Kind.FRAGMENT, name.encode())


def waiting_for(viewer: Viewer) -> list[str | bytes | None]:
    """Everything that would be sent now."""

    async def take_all() -> list[str | bytes | None]:
        return [await viewer.take() for _ in range(len(viewer._waiting))]

    return asyncio.run(take_all())


def test_a_viewer_never_begins_in_the_middle_of_a_group() -> None:
    viewer = Viewer()
    viewer.begin(CODEC_FRAME, INIT)
    for frame in (more("lost"), key("k"), more("f")):
        viewer.give(frame)
    assert waiting_for(viewer) == ["{}", b"init", b"k", b"f"]


def test_a_slow_viewer_goes_on_with_the_next_key_frame_and_keeps_the_beginning() -> None:
    viewer = Viewer()
    viewer.begin(CODEC_FRAME, INIT)
    viewer.give(key("old"))
    for _ in range(MOST_PIECES + 5):
        viewer.give(more("old"))
    viewer.give(key("new"))
    viewer.give(more("then"))
    assert waiting_for(viewer) == ["{}", b"init", SKIPPED, b"new", b"then"]


def test_what_waits_for_a_viewer_is_bounded_in_bytes_too() -> None:
    viewer = Viewer()
    viewer.begin(CODEC_FRAME, INIT)
    for name in ("a", "b", "c"):
        viewer.give(key(name, size=MOST_BYTES // 2))
    rest = [item for item in waiting_for(viewer) if isinstance(item, bytes)]
    assert sum(len(item) for item in rest) <= MOST_BYTES
    assert rest[-1].startswith(b"c")


def test_a_camera_that_starts_again_leaves_nothing_of_its_earlier_stream() -> None:
    viewer = Viewer()
    viewer.begin(CODEC_FRAME, INIT)
    viewer.give(key("old"))
    viewer.begin(CODEC_FRAME, Frame(Kind.INIT, b"init 2"))
    viewer.give(more("lost"))
    viewer.give(key("new"))
    assert waiting_for(viewer) == ["{}", b"init 2", b"new"]
