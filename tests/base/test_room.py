# SPDX-License-Identifier: Apache-2.0
"""A full disk, a real one: what was kept stays, what is refused is told, and room helps at once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from jiedao.base.blobs import BlobStore
from jiedao.base.clock import HandClock
from jiedao.base.errors import DiskFull
from jiedao.base.room import Reserve, has_room, is_full, told_when_full
from jiedao.trace.sequencer import append_synced
from tests.small_disk import fill, small_disk
from tests.world import NOON

CLOCK = HandClock(NOON)
PICTURE = bytes(100_000)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 1024) as folder:
        yield folder


def test_a_file_that_has_no_room_leaves_nothing_behind_and_those_before_it_stay(disk: Path) -> None:
    store = BlobStore(disk / "blobs")
    kept = store.put(b"an earlier picture")
    hog = fill(disk)
    with pytest.raises(OSError, match="No space") as refused:
        store.put(PICTURE)
    assert is_full(refused.value)
    assert list((disk / "blobs" / "incoming").iterdir()) == []
    with store.open(kept.sha256) as file:
        assert file.read() == b"an earlier picture"
    hog.unlink()
    assert store.put(PICTURE).size_bytes == len(PICTURE)


def test_what_may_hold_nothing_up_goes_on_without_its_file(disk: Path) -> None:
    store = BlobStore(disk / "blobs")
    hog = fill(disk)
    assert store.put_if_room(PICTURE) is None
    hog.unlink()
    assert store.put_if_room(PICTURE) is not None


def test_clips_wait_while_pictures_of_alarms_still_have_room(disk: Path) -> None:
    store = BlobStore(disk / "blobs")
    assert store.put_if_room(PICTURE, room_bytes=1_000_000) is None
    assert store.put_if_room(PICTURE) is not None
    assert not has_room(disk, 0, 1_000_000)


def test_a_full_disk_is_said_in_our_words_and_other_trouble_is_not_called_so(disk: Path) -> None:
    fill(disk)
    with pytest.raises(DiskFull) as refused, told_when_full():
        (disk / "more").write_bytes(PICTURE)
    assert refused.value.http_status == 507
    for language, words in (("zh-CN", "存储空间不足"), ("en", "disk is full")):
        assert words in refused.value.in_words(language)
    with pytest.raises(FileNotFoundError), told_when_full():
        (disk / "nowhere" / "at all").read_bytes()


def test_a_checkpoint_that_has_no_room_is_written_whole_later(disk: Path) -> None:
    file = disk / "heads.jsonl"
    append_synced(file, '{"position": 1}\n')
    file.write_text(file.read_text() + " " * (4096 - 10 - file.stat().st_size) + "\n")
    before = file.read_bytes()
    hog = fill(disk)
    with pytest.raises(OSError, match="No space"):
        append_synced(file, '{"position": 2, "more than the page has room for": true}\n')
    assert file.read_bytes() == before
    hog.unlink()
    append_synced(file, '{"position": 3}\n')
    assert file.read_bytes() == before + b'{"position": 3}\n'


def test_the_reserve_is_given_up_for_the_database_and_laid_aside_again(disk: Path) -> None:
    file = disk / "reserve"
    reserve = Reserve(file, size_bytes=128 * 1024)
    reserve.check()
    assert file.stat().st_size == 128 * 1024
    hog = fill(disk)
    assert not has_room(disk, 1, 0)
    reserve.check()
    assert not file.exists()
    assert has_room(disk, 100_000, 0)
    reserve.check()
    assert not file.exists(), "there is not plenty yet"
    hog.unlink()
    reserve.check()
    assert file.exists()
