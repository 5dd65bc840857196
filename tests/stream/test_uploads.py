# SPDX-License-Identifier: Apache-2.0
"""Uploads over HTTP: in chunks, resumable, and answered only once they lie on disk."""

import hashlib
import io
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from jiedao.base.blobs import BlobStore
from jiedao.base.settings import Settings
from jiedao.stream import spool
from tests.base.test_recordings import a_recording, packets
from tests.stream.client import Address
from tests.stream.trail import Trail

pytestmark = pytest.mark.anyio

CHUNK = spool.CHUNK_BYTES
SOUND = a_recording("audio/wav", seconds=6)


def a_photo(width: int = 640, height: int = 480) -> bytes:
    """A JPEG of noise, some hundred kilobytes."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(file, "JPEG", quality=95)
    return file.getvalue()


async def announced(
    browser: httpx.AsyncClient, trail: Trail, length: int, media_type: str, **headers: str
) -> httpx.Response:
    return await browser.post(
        f"/upload?ticket={trail.ticket('upload')}",
        headers={"upload-length": str(length), "upload-type": media_type, **headers},
    )


async def begun(
    browser: httpx.AsyncClient, trail: Trail, body: bytes, media_type: str, **headers: str
) -> str:
    """The address of an upload for which nothing was sent yet."""
    answer = await announced(browser, trail, len(body), media_type, **headers)
    assert answer.status_code == 201, answer.text
    return f"/upload/{answer.json()['id']}"


async def sent(
    browser: httpx.AsyncClient, address: str, body: bytes, start: int = 0
) -> httpx.Response:
    """The answer to the last chunk."""
    answer = None
    for offset in range(start, len(body), CHUNK):
        answer = await browser.patch(
            f"{address}?offset={offset}", content=body[offset : offset + CHUNK]
        )
        assert answer.status_code == 200, answer.text
    assert answer is not None
    return answer


async def test_a_recording_sent_in_chunks_keeps_its_sound(
    stream: Address, trail: Trail, settings: Settings
) -> None:
    async with stream.client() as browser:
        address = await begun(browser, trail, SOUND, "audio/wav")
        receipt = (await sent(browser, address, SOUND)).json()
    assert receipt["received_sha256"] == hashlib.sha256(SOUND).hexdigest()
    with BlobStore(settings.blob_dir).open(receipt["sha256"]) as kept:
        assert packets(kept.read()) == packets(SOUND)


async def test_who_brought_a_file_is_noted_once(stream: Address, trail: Trail) -> None:
    party = uuid4()
    async with stream.client() as browser:
        answer = await browser.post(
            f"/upload?ticket={trail.ticket('upload', party=party)}",
            headers={"upload-length": str(len(SOUND)), "upload-type": "audio/wav"},
        )
        address = f"/upload/{answer.json()['id']}"
        receipt = (await sent(browser, address, SOUND)).json()
        again = (await browser.patch(f"{address}?offset={len(SOUND)}", content=b"")).json()
    assert again == receipt
    rows = trail.rows("select sha256, size_bytes, media_type, party_id from signals_upload")
    assert rows == [(receipt["sha256"], receipt["size_bytes"], "audio/wav", party)]


async def test_a_photo_is_kept_redrawn(stream: Address, trail: Trail, settings: Settings) -> None:
    photo = a_photo()
    async with stream.client() as browser:
        address = await begun(browser, trail, photo, "image/jpeg")
        receipt = (await sent(browser, address, photo)).json()
    assert receipt["received_sha256"] == hashlib.sha256(photo).hexdigest()
    assert receipt["sha256"] != receipt["received_sha256"]
    with BlobStore(settings.blob_dir).open(receipt["sha256"]) as kept:
        assert Image.open(kept).size == (640, 480)


async def test_a_sender_that_lost_the_last_answer_hears_it_again(
    stream: Address, trail: Trail
) -> None:
    async with stream.client() as browser:
        address = await begun(browser, trail, SOUND, "audio/wav")
        receipt = (await sent(browser, address, SOUND)).json()
        assert (await browser.get(address)).json() == receipt


async def test_a_chunk_for_another_place_is_refused_with_the_true_offset(
    stream: Address, trail: Trail
) -> None:
    async with stream.client() as browser:
        address = await begun(browser, trail, SOUND, "audio/wav")
        await browser.patch(f"{address}?offset=0", content=SOUND[:1000])
        for wrong in (0, 999, 5000):
            refusal = await browser.patch(f"{address}?offset={wrong}", content=b"x")
            assert refusal.status_code == 409
            assert refusal.json()["code"] == "upload.wrong_offset"
            assert refusal.json()["facts"] == {"offset": 1000}
        asked = await browser.head(address)
        assert asked.headers["upload-offset"] == "1000"
        receipt = (await sent(browser, address, SOUND, start=1000)).json()
    assert receipt["received_sha256"] == hashlib.sha256(SOUND).hexdigest()


@pytest.mark.parametrize("size", [CHUNK + 1, 3 * CHUNK])
async def test_a_chunk_over_the_agreed_size_is_refused(
    stream: Address, trail: Trail, size: int
) -> None:
    async with stream.client() as browser:
        address = await begun(browser, trail, SOUND, "audio/wav")
        refusal = await browser.patch(f"{address}?offset=0", content=b"x" * size)
        assert (refusal.status_code, refusal.json()["code"]) == (413, "upload.chunk_too_large")
        assert (await browser.get(address)).json()["offset"] == 0


async def test_a_chunk_past_the_announced_end_is_refused(stream: Address, trail: Trail) -> None:
    async with stream.client() as browser:
        address = await begun(browser, trail, b"OggS", "audio/ogg")
        refusal = await browser.patch(f"{address}?offset=0", content=b"OggS+")
    assert refusal.json()["code"] == "upload.chunk_too_large"


async def test_a_file_damaged_on_the_way_is_not_kept(
    stream: Address, trail: Trail, settings: Settings
) -> None:
    expected = hashlib.sha256(SOUND).hexdigest()
    broken = b"OggS" + b"\0" * 96
    async with stream.client() as browser:
        address = await begun(browser, trail, broken, "audio/ogg", **{"upload-sha256": expected})
        refusal = await browser.patch(f"{address}?offset=0", content=broken)
        assert (refusal.status_code, refusal.json()["code"]) == (422, "upload.damaged")
        assert (await browser.get(address)).json()["code"] == "upload.unknown"
    assert not settings.blob_dir.exists()


@pytest.mark.parametrize(
    "media_type", ["text/html", "image/svg+xml", "image/gif", "application/pdf", "", "video/x"]
)
async def test_other_kinds_of_files_are_refused(
    stream: Address, trail: Trail, media_type: str
) -> None:
    async with stream.client() as browser:
        refusal = await announced(browser, trail, 10, media_type)
    assert (refusal.status_code, refusal.json()["code"]) == (415, "upload.type")


async def test_a_page_that_calls_itself_a_recording_is_not_kept(
    stream: Address, trail: Trail, settings: Settings
) -> None:
    page = b"<html><script>alert(1)</script></html>"
    async with stream.client() as browser:
        address = await begun(browser, trail, page, "audio/mpeg")
        refusal = await browser.patch(f"{address}?offset=0", content=page)
    assert refusal.json()["code"] == "recording.unreadable"
    assert not list(settings.blob_dir.rglob("[0-9a-f]*"))


@pytest.mark.parametrize("length", ["0", "-1", "x", "", str(50 * 1024 * 1024 + 1), "9" * 40])
async def test_a_senseless_or_too_large_length_is_refused(
    stream: Address, trail: Trail, length: str
) -> None:
    async with stream.client() as browser:
        refusal = await browser.post(
            f"/upload?ticket={trail.ticket('upload')}",
            headers={"upload-length": length, "upload-type": "image/jpeg"},
        )
    assert refusal.status_code in (413, 422)


async def test_the_end_of_the_disk_is_said_and_alarms_still_have_room(
    stream: Address, trail: Trail, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = type("Usage", (), {"free": 100 * 1024 * 1024})()
    monkeypatch.setattr("shutil.disk_usage", lambda _path: full)
    async with stream.client() as browser:
        refusal = await announced(browser, trail, 1000, "audio/ogg")
    assert (refusal.status_code, refusal.json()["code"]) == (507, "disk.full")


async def test_nobody_leaves_more_than_twenty_uploads_unfinished(
    stream: Address, trail: Trail
) -> None:
    party = uuid4()
    async with stream.client() as browser:
        statuses = [
            (
                await browser.post(
                    f"/upload?ticket={trail.ticket('upload', party=party)}",
                    headers={"upload-length": "10", "upload-type": "audio/ogg"},
                )
            ).status_code
            for _ in range(spool.UNFINISHED + 1)
        ]
        assert statuses == [201] * spool.UNFINISHED + [429]
        assert (await announced(browser, trail, 10, "audio/ogg")).status_code == 201


@pytest.mark.parametrize("name", ["x", "..%2F..%2Fetc%2Fpasswd", "a" * 32 + "." + "b" * 43])
async def test_an_unknown_upload_is_refused(stream: Address, name: str) -> None:
    async with stream.client() as browser:
        refusal = await browser.patch(f"/upload/{name}?offset=0", content=b"x")
    assert refusal.status_code == 404


async def test_an_upload_needs_an_unused_ticket_of_its_purpose(
    stream: Address, trail: Trail
) -> None:
    headers = {"upload-length": "10", "upload-type": "audio/ogg"}
    used = trail.ticket("upload")
    async with stream.client() as browser:
        assert (await browser.post(f"/upload?ticket={used}", headers=headers)).status_code == 201
        for ticket in (used, trail.ticket("feed"), ""):
            refusal = await browser.post(f"/upload?ticket={ticket}", headers=headers)
            assert (refusal.status_code, refusal.json()["code"]) == (403, "stream.ticket_refused")


async def test_our_pages_may_upload_from_their_own_port_and_others_may_not(
    stream: Address, trail: Trail
) -> None:
    ours, elsewhere = "http://127.0.0.1:8420", "https://elsewhere.example"
    ask = {"access-control-request-method": "PATCH"}
    async with stream.client(ours) as browser:
        allowed = await browser.options("/upload/x", headers=ask)
        assert allowed.headers["access-control-allow-origin"] == ours
        assert "PATCH" in allowed.headers["access-control-allow-methods"]
        answer = await announced(browser, trail, 10, "audio/ogg")
        assert answer.headers["access-control-allow-origin"] == ours
    async with stream.client(elsewhere) as browser:
        assert (await browser.options("/upload/x", headers=ask)).status_code == 403
        refusal = await announced(browser, trail, 10, "audio/ogg")
        assert (refusal.status_code, refusal.json()["code"]) == (403, "stream.wrong_origin")
        assert "access-control-allow-origin" not in refusal.headers
