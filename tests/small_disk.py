# SPDX-License-Identifier: Apache-2.0
"""A disk that is soon full, for tests: a file system of its own, in memory."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size_kb: int) -> Iterator[Path]:
    """Mount an empty disk of this size on a new folder."""
    folder.mkdir()
    as_root = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    options = f"size={size_kb}k,mode=0777"
    mount = [*as_root, "mount", "-t", "tmpfs", "-o", options, "small-disk", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(
            "a small disk can be mounted by root alone: run this test as root, or let sudo"
            f" mount without a password ({done.stderr.strip()})"
        )
    try:
        yield folder
    finally:
        subprocess.run([*as_root, "umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is; the file whose end gives it back."""
    hog = folder / "hog"
    with contextlib.suppress(OSError), hog.open("wb", buffering=0) as file:
        while True:
            os.fsync(file.fileno())
            if not file.write(bytes(4096)):
                break
    return hog
