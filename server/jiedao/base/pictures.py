# SPDX-License-Identifier: Apache-2.0
"""The one door for pictures: whatever comes in is redrawn, in a child process, before it is kept.

What is kept is a JPEG that we drew ourselves: no metadata, no comment, no trailing bytes, nothing
that a browser could take for a page. The decoder runs in a child with limits on memory, time and
output; only the child dies of a hostile file.
"""

from dataclasses import dataclass
from pathlib import Path

from jiedao.base.cleaning import rewrite
from jiedao.base.errors import JiedaoError

CHILD = Path(__file__).with_name("picture_child.py")
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
    facts = rewrite(CHILD, source, target)
    match facts.get("refused"):
        case None:
            return Picture(facts["width"], facts["height"])
        case "too_large":
            raise PictureTooLarge(width=facts["width"], height=facts["height"])
        case "animated":
            raise PictureAnimated
        case _:
            raise PictureUnreadable
