# SPDX-License-Identifier: Apache-2.0
"""The one door for files: content-addressed, on disk before the answer.

A blob's name is the SHA-256 of its bytes. Bytes are written to a private temporary file, synced,
renamed into place, and the folder synced; only then is the reference returned.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from jiedao.base import log
from jiedao.base.errors import BadInput, NotFound
from jiedao.base.room import has_room, is_full

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class BlobRef:
    """What a blob is called and how long it is."""

    sha256: str
    size_bytes: int


class BlobStore:
    """Blobs in a folder, two hexadecimal digits a level."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, chunks: Iterable[bytes] | bytes) -> BlobRef:
        """Keep the bytes; the same bytes twice are one blob.

        Raises:
            OSError: the disk refused; nothing is kept.
        """
        pieces = (chunks,) if isinstance(chunks, bytes) else chunks
        incoming = self._root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            target = self.path(digest.hexdigest())
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(target)
            sync_folder(target.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return BlobRef(digest.hexdigest(), size)

    def put_if_room(self, data: bytes, room_bytes: int = 0) -> str | None:
        """Keep what must hold nothing up; its name, or None if the disk is full.

        Args:
            room_bytes: what has to stay free beside it.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            if has_room(self._root, len(data), room_bytes):
                return self.put(data).sha256
        except OSError as error:
            if not is_full(error):
                raise
        log.get(__name__).error("disk full, a file was not kept", size_bytes=len(data))
        return None

    def path(self, sha256: str) -> Path:
        """Where a blob lies, whether or not it is there.

        Raises:
            BadInput: not the name of a blob.
        """
        if not _SHA256.fullmatch(sha256):
            raise BadInput(where="sha256", why="64 hexadecimal digits / 应为 64 位十六进制")
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def open(self, sha256: str) -> BinaryIO:
        """The blob's bytes.

        Raises:
            NotFound: no such blob is kept.
        """
        try:
            return self.path(sha256).open("rb")
        except FileNotFoundError as error:
            raise NotFound(what=f"blob {sha256[:12]}") from error


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
