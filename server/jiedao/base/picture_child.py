# SPDX-License-Identifier: Apache-2.0
"""Redraws one hostile picture inside limits; run as a program, imported by nobody.

Reads the picture from standard input (a file), writes a JPEG to standard output, and one JSON
object to standard error. It imports nothing of the platform, so that a broken decoder finds as
little as can be.
"""

import errno
import json
import resource
import sys
from typing import Any

from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS, SIDE = 50_000_000, 12_000
# Photos of twelve megapixels stay as they are; larger ones are brought down to this side.
SIDE_KEPT = 4096
QUALITY = 88
MEMORY_BYTES, CPU_S, OUTPUT_BYTES = 1 << 30, 10, 64 << 20
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Refused(Exception):
    """The picture is not taken; the first argument says why."""


def main() -> int:
    try:
        limit()
        picture = Image.open(sys.stdin.buffer, formats=FORMATS)
        check(picture)
        canvas = redraw(picture)
        canvas.save(sys.stdout.buffer, "JPEG", quality=QUALITY)
        sys.stdout.buffer.flush()
    except Refused as error:
        return tell(2, refused=error.args[0], **error.args[1])
    except Exception as error:
        # Decoders raise whatever they like on broken bytes; all of it means one thing here,
        # except a disk that is full.
        full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
        return tell(2, refused="disk_full" if full else "unreadable")
    return tell(0, width=canvas.width, height=canvas.height)


def limit() -> None:
    """Bound memory, processor time and output, for this process only."""
    for kind, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_S),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(kind, (most, most))
    # Sizes are checked below, from the header and before any pixel is decoded.
    Image.MAX_IMAGE_PIXELS = None


def check(picture: Image.Image) -> None:
    """Refuse by the header alone what is too large or moves."""
    width, height = picture.size
    if width * height > PIXELS or max(width, height) > SIDE:
        raise Refused("too_large", {"width": width, "height": height})
    # Phones hide a second view in their JPEGs (depth, brightness); the first one is the photo.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "n_frames", 1) > 1:
        raise Refused("animated", {})


def redraw(picture: Image.Image) -> Image.Image:
    """The same pixels, upright, on a fresh canvas that knows nothing of where they came from."""
    turn = orientation(picture)
    picture.draft("RGB", (SIDE_KEPT, SIDE_KEPT))
    picture.load()
    plain = in_colour(picture)
    plain.thumbnail((SIDE_KEPT, SIDE_KEPT))
    if turn in TURNS:
        plain = plain.transpose(TURNS[turn])
    canvas = Image.new("RGB", plain.size)
    canvas.paste(plain)
    return canvas


def orientation(picture: Image.Image) -> int:
    """How the camera was held, 1 to 8; broken metadata means upright."""
    try:
        return int(picture.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def in_colour(picture: Image.Image) -> Image.Image:
    """RGB, what was transparent on white, sixteen bits a channel brought down to eight."""
    if picture.mode.startswith("I;16"):
        return picture.point(lambda value: value / 256).convert("L").convert("RGB")
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        solid = picture.convert("RGBA")
        white = Image.new("RGBA", solid.size, "white")
        white.alpha_composite(solid)
        return white.convert("RGB")
    return picture.convert("RGB")


def tell(status: int, **facts: Any) -> int:
    """One line for the parent."""
    sys.stderr.write(json.dumps(facts) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
