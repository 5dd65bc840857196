# SPDX-License-Identifier: Apache-2.0
"""The process itself: killed and started again, left by its parent, without a database."""

import asyncio
import hashlib
import json
import socket
from pathlib import Path

import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.health import wait_until_ready
from tests.stream.client import heard, next_event
from tests.stream.process import a_free_port, running, started
from tests.stream.test_uploads import CHUNK, SOUND, a_photo, begun, sent
from tests.stream.trail import Trail

pytestmark = pytest.mark.anyio


async def test_an_upload_goes_on_after_the_process_was_killed_in_the_middle(
    trail: Trail, tmp_path: Path
) -> None:
    photo = a_photo(1600, 1200)
    assert len(photo) > 4 * CHUNK
    async with running(tmp_path, trail.dsn) as (process, address), address.client() as phone:
        upload = await begun(phone, trail, photo, "image/jpeg")
        for offset in (0, CHUNK):
            await phone.patch(f"{upload}?offset={offset}", content=photo[offset : offset + CHUNK])
        # Half of the third chunk is under way when the process dies.
        _, writer = await asyncio.open_connection("127.0.0.1", address.port)
        head = f"PATCH {upload}?offset={2 * CHUNK} HTTP/1.1\r\nhost: x\r\n"
        writer.write(f"{head}content-length: {CHUNK}\r\n\r\n".encode() + photo[:1000])
        await writer.drain()
        process.kill()
        await process.wait()
        writer.close()
    async with running(tmp_path, trail.dsn) as (_, address), address.client() as phone:
        offset = (await phone.get(upload)).json()["offset"]
        assert offset == 2 * CHUNK
        receipt = (await sent(phone, upload, photo, start=offset)).json()
    assert receipt["received_sha256"] == hashlib.sha256(photo).hexdigest()
    assert BlobStore(tmp_path / "blobs").path(receipt["sha256"]).stat().st_size > 0


async def test_an_upload_that_could_not_be_noted_is_noted_once_the_database_is_back(
    trail: Trail, tmp_path: Path
) -> None:
    async with running(tmp_path, trail.dsn) as (_, address), address.client() as phone:
        upload = await begun(phone, trail, SOUND, "audio/wav")
        await sent(phone, upload, SOUND[:CHUNK])
    nowhere = f"postgresql://nobody@127.0.0.1:{a_free_port()}/none"
    async with (
        running(tmp_path, nowhere, path="/health") as (_, address),
        address.client() as phone,
    ):
        for offset in range(CHUNK, len(SOUND), CHUNK):
            answer = await phone.patch(
                f"{upload}?offset={offset}", content=SOUND[offset : offset + CHUNK]
            )
        assert (answer.status_code, answer.json()["code"]) == (503, "database.away")
        assert answer.headers["retry-after"] == "1"
    async with running(tmp_path, trail.dsn) as (_, address), address.client() as phone:
        receipt = (await phone.patch(f"{upload}?offset={len(SOUND)}", content=b"")).json()
    assert receipt["received_sha256"] == hashlib.sha256(SOUND).hexdigest()
    assert trail.rows("select count(*) from signals_upload") == [(1,)]


async def test_a_feed_that_was_cut_by_a_kill_goes_on_without_a_gap(
    trail: Trail, tmp_path: Path
) -> None:
    async with (
        running(tmp_path, trail.dsn) as (process, address),
        address.socket(f"/feed?ticket={trail.ticket()}") as desk,
    ):
        await heard(desk)
        first = trail.seal()
        assert (await next_event(desk))["position"] == first
        process.kill()
        await process.wait()
    missed = trail.seal()
    async with (
        running(tmp_path, trail.dsn) as (_, address),
        address.socket(f"/feed?ticket={trail.ticket()}&after={first}") as desk,
    ):
        assert (await next_event(desk))["position"] == missed


async def test_it_ends_when_its_parent_goes(trail: Trail, tmp_path: Path) -> None:
    async with running(tmp_path, trail.dsn) as (process, _):
        assert not await asyncio.to_thread(wait_until_ready, tmp_path / "run", {"stream"}, 30.0)
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    assert not (tmp_path / "run" / "stream.ready").exists()


async def test_it_ends_promptly_although_somebody_listens(trail: Trail, tmp_path: Path) -> None:
    async with (
        running(tmp_path, trail.dsn) as (process, address),
        address.socket(f"/feed?ticket={trail.ticket()}") as desk,
    ):
        await heard(desk)
        process.terminate()
        async with asyncio.timeout(30):
            assert await process.wait() == 0


async def test_without_a_database_it_lives_but_is_not_ready(tmp_path: Path) -> None:
    nowhere = f"postgresql://nobody@127.0.0.1:{a_free_port()}/none"
    async with running(tmp_path, nowhere, path="/health") as (_, address):
        async with address.client() as browser:
            answer = await browser.get("/ready")
        assert answer.status_code == 503
        assert answer.json()["why"] == _said(tmp_path)["why"] == "database.away"
        assert await address.refused("/feed?ticket=x") == (503, "database.away")


async def test_a_taken_port_stops_the_start_and_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        process = await started(tmp_path, "", other.getsockname()[1])
        _, errors = await process.communicate()
    assert process.returncode == 2
    assert "JIEDAO_STREAM_PORT" in errors.decode()
    assert "改正后再启动" in errors.decode()


def _said(data_dir: Path) -> dict[str, str]:
    said: dict[str, str] = json.loads((data_dir / "run" / "stream.ready").read_text())
    return said
