# SPDX-License-Identifier: Apache-2.0
"""The one door for pictures: whatever comes in is redrawn, in a child process, before it is kept.

What is kept is a JPEG that we drew ourselves: no metadata, no comment, no trailing bytes, nothing
that a browser could take for a page. The decoder runs in a child with limits on memory, time and
output; only the child dies of a hostile file.
"""

import errno
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jiedao.base.errors import JiedaoError

CHILD = Path(__file__).with_name("picture_child.py")
PATIENCE_S = 20.0
TYPES = frozenset({"image/jpeg", "image/png", "image/webp"})
KEPT_TYPE = "image/jpeg"


class PictureUnreadable(JiedaoError):
    """Not a picture, broken, or one that kills its decoder."""

    code = "picture.unreadable"
    http_status = 422


class PictureTooLarge(JiedaoError):
    """More than 50 million pixels, or a side over 12,000."""

    code = "picture.too_large"
    http_status = 422


class PictureAnimated(JiedaoError):
    """More than one frame."""

    code = "picture.animated"
    http_status = 422


@dataclass(frozen=True, slots=True)
class Picture:
    """The redrawn picture's size in pixels, upright."""

    width_px: int
    height_px: int


def redraw(source: Path, target: Path) -> Picture:
    """Redraw a picture of unknown origin as a clean JPEG.

    JPEG, PNG and WebP of one frame, at most 50 million pixels and 12,000 a side. Sides over 4,096
    are scaled down. It is turned upright as its camera noted, then the note is forgotten.

    Args:
        source: the bytes as they came.
        target: written anew; holds rubbish after a refusal.

    Raises:
        PictureUnreadable: not such a picture, broken, or too much work.
        PictureTooLarge: see above.
        PictureAnimated: several frames.
        OSError: the disk is full.
    """
    with source.open("rb") as inward, target.open("wb") as outward:
        try:
            done = subprocess.run(  # noqa: S603  # Our own program, no argument from outside.
                [sys.executable, "-I", str(CHILD)],
                stdin=inward,
                stdout=outward,
                stderr=subprocess.PIPE,
                env={},
                timeout=PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise PictureUnreadable from error
    facts = _last_word(done.stderr)
    if done.returncode == 0 and "width" in facts:
        return Picture(facts["width"], facts["height"])
    raise _refusal(facts)


def _last_word(spoken: bytes) -> dict[str, Any]:
    """The child's facts; none if it died before it could say them."""
    try:
        facts = json.loads(spoken.splitlines()[-1])
    except (IndexError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _refusal(facts: dict[str, Any]) -> Exception:
    match facts.get("refused"):
        case "too_large":
            return PictureTooLarge(width=facts["width"], height=facts["height"])
        case "animated":
            return PictureAnimated()
        case "disk_full":
            return OSError(errno.ENOSPC, "no room for the picture")
        case _:
            return PictureUnreadable()
