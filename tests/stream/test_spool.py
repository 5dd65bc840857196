# SPDX-License-Identifier: Apache-2.0
"""The spool alone: what is on disk is the truth."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.errors import DiskFull
from jiedao.stream.errors import UploadUnknown
from jiedao.stream.spool import KEEP, Spool
from tests.base.test_recordings import a_recording

SOUND = a_recording("audio/wav", seconds=0.5)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def a_spool(folder: Path) -> Spool:
    return Spool(folder / "spool", BlobStore(folder / "blobs"), room_bytes=0)


def test_another_process_goes_on_where_the_first_was_cut(tmp_path: Path) -> None:
    first = a_spool(tmp_path)
    name = first.open(uuid4(), len(SOUND), "audio/wav", NOON)
    first.append(name, 0, SOUND[:4])
    second = a_spool(tmp_path)
    assert second.standing(name).offset == 4
    assert second.append(name, 4, SOUND[4:]).is_whole
    assert second.keep(name).size_bytes > 0


def test_an_upload_whole_but_not_yet_kept_can_be_kept_later(tmp_path: Path) -> None:
    name = a_spool(tmp_path).open(uuid4(), len(SOUND), "audio/wav", NOON)
    assert a_spool(tmp_path).append(name, 0, SOUND).is_whole
    again = a_spool(tmp_path)
    assert again.append(name, len(SOUND), b"").is_whole
    receipt = again.keep(name)
    again.finish(name, receipt)
    assert a_spool(tmp_path).standing(name).upload.receipt == receipt


def test_a_full_disk_is_said_and_the_upload_goes_on_later(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    name = spool.open(uuid4(), 4, "audio/ogg", NOON)
    part = next(tmp_path.rglob("*.part"))
    part.unlink()
    part.symlink_to("/dev/full")
    with pytest.raises(DiskFull):
        spool.append(name, 0, b"OggS")
    part.unlink()
    part.touch()
    assert spool.append(name, 0, b"OggS").is_whole


def test_the_key_to_an_upload_cannot_be_read_from_the_disk(tmp_path: Path) -> None:
    name = a_spool(tmp_path).open(uuid4(), 8, "audio/ogg", NOON)
    key = name.partition(".")[2]
    for path in tmp_path.rglob("*"):
        assert key not in path.name
        assert path.is_dir() or key.encode() not in path.read_bytes()


def test_what_nobody_finishes_is_forgotten_after_a_day(tmp_path: Path) -> None:
    spool = a_spool(tmp_path)
    old = spool.open(uuid4(), 8, "audio/ogg", NOON)
    new = spool.open(uuid4(), 8, "audio/ogg", NOON + timedelta(hours=2))
    assert spool.sweep(NOON + KEEP + timedelta(hours=1)) == 1
    with pytest.raises(UploadUnknown):
        spool.standing(old)
    assert spool.standing(new).offset == 0
