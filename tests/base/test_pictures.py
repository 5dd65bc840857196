# SPDX-License-Identifier: Apache-2.0
"""The one door for pictures: only pixels pass, and only a child dies of a hostile file."""

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jiedao.base import pictures
from jiedao.base.errors import JiedaoError
from tests.base.hostile_pictures import MARKER, a_picture, encoded, png, refused, taken

REFUSED, TAKEN = dict(refused()), dict(taken())
SOI, EOI = b"\xff\xd8", b"\xff\xd9"


def redrawn(data: bytes, folder: Path) -> bytes:
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    pictures.redraw(source, target)
    return target.read_bytes()


def a_turned_photo(orientation: int) -> bytes:
    """Left half black, right half white, noted as turned."""
    photo = Image.new("RGB", (80, 40), "black")
    photo.paste("white", (40, 0, 80, 40))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(photo, "JPEG", exif=exif)


def test_the_corpus_is_large_enough() -> None:
    assert len(REFUSED) + len(TAKEN) >= 60


@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_honest_picture_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(JiedaoError) as refusal:
        redrawn(REFUSED[name], tmp_path)
    assert refusal.value.code.startswith("picture.")
    assert refusal.value.in_words("zh-CN") != refusal.value.code


@pytest.mark.slow
@pytest.mark.parametrize("name", TAKEN)
def test_only_the_pixels_of_a_picture_are_kept(name: str, tmp_path: Path) -> None:
    clean = redrawn(TAKEN[name], tmp_path)
    assert MARKER not in clean
    assert b"script" not in clean
    assert clean.startswith(SOI)
    assert clean.endswith(EOI)
    assert _segments(clean) <= {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.size == (120, 80)
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("orientation", "white_at"),
    [
        (1, (70, 20)),
        (2, (10, 20)),
        (3, (10, 20)),
        (4, (70, 20)),
        (5, (20, 70)),
        (6, (20, 70)),
        (7, (20, 10)),
        (8, (20, 10)),
    ],
)
def test_a_photo_is_turned_upright_before_its_note_is_forgotten(
    orientation: int, white_at: tuple[int, int], tmp_path: Path
) -> None:
    clean = Image.open(io.BytesIO(redrawn(a_turned_photo(orientation), tmp_path)))
    assert clean.size == ((80, 40) if orientation < 5 else (40, 80))
    left, top = white_at
    assert clean.convert("L").crop((left, top, left + 1, top + 1)).tobytes() > b"\xc8"


def test_the_largest_allowed_picture_is_taken_and_brought_down(tmp_path: Path) -> None:
    row = bytes(1 + 12_000 // 8)
    clean = redrawn(png(12_000, 4_000, depth=1, rows=row * 4_000), tmp_path)
    assert Image.open(io.BytesIO(clean)).size == (4096, 1365)


def test_what_is_see_through_becomes_white(tmp_path: Path) -> None:
    clean = redrawn(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"), tmp_path)
    assert Image.open(io.BytesIO(clean)).getpixel((4, 4)) == (255, 255, 255)


def test_a_decoder_that_dies_is_a_refusal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crash = tmp_path / "crash.py"
    crash.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(pictures, "CHILD", crash)
    with pytest.raises(pictures.PictureUnreadable):
        redrawn(TAKEN["jpeg"], tmp_path)


def test_a_decoder_that_never_ends_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_run = subprocess.run

    def impatient(command: list[str], **options: Any) -> object:
        return real_run(command, **{**options, "timeout": 0.2})

    hang = tmp_path / "hang.py"
    hang.write_text("import threading; threading.Event().wait()")
    monkeypatch.setattr(pictures, "CHILD", hang)
    monkeypatch.setattr(subprocess, "run", impatient)
    with pytest.raises(pictures.PictureUnreadable):
        redrawn(TAKEN["jpeg"], tmp_path)


def test_a_full_disk_is_not_blamed_on_the_picture(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_bytes(encoded(a_picture(), "PNG"))
    with pytest.raises(OSError, match="no room"):
        pictures.redraw(source, Path("/dev/full"))


@pytest.mark.parametrize("greed", ["x = bytes(2 << 30)", "while True: pass"])
def test_the_child_lives_within_its_limits(greed: str, tmp_path: Path) -> None:
    """Too much memory or processor time ends it."""
    child = pictures.CHILD.read_text("utf-8")
    body = child.replace("CPU_S, OUTPUT_BYTES = 1 << 30, 10", "CPU_S, OUTPUT_BYTES = 1 << 30, 1")
    trial = tmp_path / "trial.py"
    trial.write_text(body.replace("        check(picture)\n", f"        {greed}\n"), "utf-8")
    photo = tmp_path / "in"
    photo.write_bytes(TAKEN["jpeg"])
    with photo.open("rb") as inward:
        done = subprocess.run(
            [sys.executable, "-I", str(trial)],
            stdin=inward,
            capture_output=True,
            timeout=20,
            check=False,
        )
    assert done.returncode != 0


def _segments(jpeg: bytes) -> set[int]:
    """The kinds of segments up to the first scan."""
    kinds, place = set[int](), 2
    while jpeg[place] == 0xFF:
        kind = jpeg[place + 1]
        kinds.add(kind)
        if kind == 0xDA:
            return kinds
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4], "big")
    return kinds
