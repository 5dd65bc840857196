# SPDX-License-Identifier: Apache-2.0
"""The one door for sound and video from outside: copied packet by packet into a fresh container.

What is kept holds the sound and the picture as they were taken, and nothing else: no place, no
device, no title, no further tracks. The demuxer runs in a child process with limits.
"""

from dataclasses import dataclass
from pathlib import Path

from jiedao.base.cleaning import rewrite
from jiedao.base.errors import JiedaoError

CHILD = Path(__file__).with_name("recording_child.py")

#: By what a type's containers are read, and into what they are written.
CONTAINERS = {
    "audio/aac": ("aac", "adts"),
    "audio/amr": ("amr", "amr"),
    "audio/flac": ("flac", "flac"),
    "audio/mp4": ("mp4", "mp4"),
    "audio/mpeg": ("mp3", "mp3"),
    "audio/ogg": ("ogg", "ogg"),
    "audio/wav": ("wav", "wav"),
    "audio/webm": ("matroska", "webm"),
    "audio/x-wav": ("wav", "wav"),
    "video/mp4": ("mp4", "mp4"),
}
TYPES = frozenset(CONTAINERS)


class RecordingUnreadable(JiedaoError):
    """Not such a recording, broken, or of a kind of sound or video that is not taken."""

    code = "recording.unreadable"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Recording:
    """How long it lasts, and whether it has a picture."""

    length_s: float
    has_picture: bool


def repack(media_type: str, source: Path, target: Path) -> Recording:
    """Copy the sound and picture of a recording of unknown origin into a fresh container.

    Args:
        media_type: one of TYPES, without parameters.
        source: the bytes as they came.
        target: written anew; holds rubbish after a refusal.

    Raises:
        RecordingUnreadable: see there.
        OSError: the disk is full.
    """
    facts = rewrite(CHILD, source, target, *CONTAINERS[media_type], media_type.partition("/")[0])
    if "refused" in facts:
        raise RecordingUnreadable
    return Recording(facts["length_s"], facts["has_picture"])
