# SPDX-License-Identifier: Apache-2.0
"""Files on their way in: chunks on disk, resumable where they stopped, whoever was killed.

One folder a person, two files an upload: NAME.json says what was announced (and, once done, the
receipt), NAME.part holds the bytes so far. The length of NAME.part is the one truth about the
offset. All functions here block; call them from a thread.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from uuid import UUID

import msgspec

from jiedao.base import pictures, recordings
from jiedao.base.blobs import BlobRef, BlobStore
from jiedao.base.errors import DiskFull
from jiedao.base.ids import new_id
from jiedao.base.room import ROOM_BYTES, has_room, told_when_full
from jiedao.stream.errors import (
    ChunkTooLarge,
    TooManyUploads,
    UploadDamaged,
    UploadTooLarge,
    UploadType,
    UploadUnknown,
    WrongOffset,
)

CHUNK_BYTES = 64 * 1024
LENGTH_BYTES = 50 * 1024 * 1024
UNFINISHED = 20
KEEP = timedelta(hours=24)
_ID = re.compile(r"([0-9a-f]{32})\.([A-Za-z0-9_-]{43})")


class Receipt(msgspec.Struct, frozen=True):
    """What a finished upload became.

    Attributes:
        sha256: the name of the blob that was kept; files are cleaned on their way in, so it
            is not the hash of what was sent.
        received_sha256: the hash of what was sent, by which the sender may forget its copy.
    """

    sha256: str
    size_bytes: int
    media_type: str
    received_sha256: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """What was announced, and the receipt once there is one."""

    row: UUID
    party: UUID
    length: int
    media_type: str
    at: datetime
    expected_sha256: str = ""
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An upload and how many of its bytes are here."""

    upload: Upload
    offset: int

    @property
    def is_whole(self) -> bool:
        return self.offset == self.upload.length


class Spool:
    """Unfinished uploads in a folder, and the store that finished ones go to."""

    def __init__(self, root: Path, blobs: BlobStore, room_bytes: int = ROOM_BYTES) -> None:
        self._root = root
        self._blobs = blobs
        self._room_bytes = room_bytes

    def open(
        self, party: UUID, length: int, media_type: str, at: datetime, expected_sha256: str = ""
    ) -> str:
        """Announce an upload; the id that comes back is the only key to it.

        Raises:
            UploadTooLarge, UploadType, TooManyUploads, DiskFull: nothing was begun.
        """
        if not 0 < length <= LENGTH_BYTES:
            raise UploadTooLarge(limit_mb=LENGTH_BYTES >> 20)
        if media_type not in pictures.TYPES | recordings.TYPES:
            raise UploadType(given=media_type[:60])
        folder = self._root / party.hex
        with told_when_full():
            folder.mkdir(parents=True, exist_ok=True)
            if not has_room(folder, length, self._room_bytes):
                raise DiskFull
            if len(list(folder.glob("*.part"))) >= UNFINISHED:
                raise TooManyUploads(limit=UNFINISHED)
            key = secrets.token_urlsafe(32)
            upload = Upload(
                row=new_id(),
                party=party,
                length=length,
                media_type=media_type,
                at=at,
                expected_sha256=expected_sha256,
            )
            stem = folder / _hidden(key)
            _write(stem.with_suffix(".json"), upload)
            stem.with_suffix(".part").touch(mode=0o600)
        return f"{party.hex}.{key}"

    def standing(self, name: str) -> Standing:
        """How far an upload is.

        Raises:
            UploadUnknown: no such upload.
        """
        stem = self._stem(name)
        upload = _read(stem.with_suffix(".json"))
        if upload.receipt is not None:
            return Standing(upload, upload.length)
        try:
            return Standing(upload, stem.with_suffix(".part").stat().st_size)
        except FileNotFoundError as error:
            raise UploadUnknown from error

    def append(self, name: str, offset: int, chunk: bytes) -> Standing:
        """Add a chunk where the bytes so far end.

        Raises:
            UploadUnknown: no such upload.
            WrongOffset: the chunk starts elsewhere; the true offset is among the facts.
            ChunkTooLarge: it is longer than CHUNK_BYTES, or runs past the announced length.
            DiskFull: the bytes before it are still here.
        """
        standing = self.standing(name)
        if standing.upload.receipt is not None:
            return standing
        if offset != standing.offset:
            raise WrongOffset(offset=standing.offset)
        if len(chunk) > CHUNK_BYTES or offset + len(chunk) > standing.upload.length:
            raise ChunkTooLarge(limit=CHUNK_BYTES)
        part = self._stem(name).with_suffix(".part")
        with told_when_full(), part.open("r+b", buffering=0) as file:
            file.seek(offset)
            try:
                _write_all(file, chunk)
            except OSError:
                with suppress(OSError):
                    file.truncate(offset)
                raise
        return Standing(standing.upload, offset + len(chunk))

    def keep(self, name: str) -> Receipt:
        """Put a whole upload into the blob store, on disk before this returns.

        Raises:
            UploadUnknown: no such upload.
            UploadDamaged: it is not what was announced; it is forgotten.
            PictureUnreadable, PictureTooLarge, PictureAnimated, RecordingUnreadable: likewise.
            DiskFull: it stays, whole, and may be kept later.
        """
        part = self._stem(name).with_suffix(".part")
        upload = self.standing(name).upload
        received = _hash(part)
        try:
            if upload.expected_sha256 not in ("", received):
                raise UploadDamaged
            with told_when_full():
                blob = self._put(upload, part)
        except (UploadDamaged, *_REFUSALS):
            self.forget(name)
            raise
        return Receipt(blob.sha256, blob.size_bytes, _kept_type(upload.media_type), received)

    def _put(self, upload: Upload, part: Path) -> BlobRef:
        clean = part.with_suffix(".clean")
        try:
            if upload.media_type in pictures.TYPES:
                pictures.redraw(part, clean)
            else:
                recordings.repack(upload.media_type, part, clean)
            return self._blobs.put(_chunks(clean))
        finally:
            clean.unlink(missing_ok=True)

    def finish(self, name: str, receipt: Receipt) -> None:
        """Remember the receipt, for a sender that did not hear it, and drop the bytes."""
        stem = self._stem(name)
        with told_when_full():
            upload = msgspec.structs.replace(_read(stem.with_suffix(".json")), receipt=receipt)
            _write(stem.with_suffix(".json"), upload)
        stem.with_suffix(".part").unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Drop an upload."""
        stem = self._stem(name)
        for suffix in (".part", ".clean", ".json"):
            stem.with_suffix(suffix).unlink(missing_ok=True)

    def sweep(self, now: datetime) -> int:
        """Drop what was announced more than a day ago; returns how many."""
        old = [path for path in self._root.glob("*/*.json") if _is_old(path, now)]
        for path in old:
            for suffix in (".part", ".clean", ".json"):
                path.with_suffix(suffix).unlink(missing_ok=True)
        return len(old)

    def _stem(self, name: str) -> Path:
        match = _ID.fullmatch(name)
        if match is None:
            raise UploadUnknown
        return self._root / match[1] / _hidden(match[2])


_REFUSALS = (
    pictures.PictureUnreadable,
    pictures.PictureTooLarge,
    pictures.PictureAnimated,
    recordings.RecordingUnreadable,
)


def _hidden(key: str) -> str:
    """The file's name, from which the key cannot be told."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _kept_type(media_type: str) -> str:
    return pictures.KEPT_TYPE if media_type in pictures.TYPES else media_type


def _write_all(file: FileIO, chunk: bytes) -> None:
    """Write every byte; a disk that is nearly full takes some of them only."""
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def _write(path: Path, upload: Upload) -> None:
    """Replace the note in one step."""
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(upload))
    draft.replace(path)


def _read(path: Path) -> Upload:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Upload)
    except (FileNotFoundError, msgspec.MsgspecError) as error:
        raise UploadUnknown from error


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return now - _read(path).at > KEEP
    except UploadUnknown:
        return True


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    for piece in _chunks(path):
        digest.update(piece)
    return digest.hexdigest()
