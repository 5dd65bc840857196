# SPDX-License-Identifier: Apache-2.0
"""The clock in the picture: digits for people, and a strip of light and dark cells for machines.

The strip lies along the bottom left edge: 2 marker cells (light, dark), 27 bits of milliseconds
since midnight UTC, most significant first, and one even-parity bit. It survives compression.
"""

from datetime import UTC, datetime, timedelta, timezone

import cv2

from jiedao.sim.camera.encode import Picture

CELL_PX = 6
BITS = 27
_CELLS = BITS + 3
_DAY_MS = 86_400_000
_LIGHT, _DARK = 215, 25


def burn(image: Picture, at: datetime, label: str, offset_h: float) -> None:
    """Write label and time into a BGR picture.

    Args:
        at: the moment the picture shows, aware.
        offset_h: hours that the town's wall clocks are ahead of UTC.
    """
    local = at.astimezone(timezone(timedelta(hours=offset_h)))
    _text(image, f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}", (10, 20))
    width = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)[0][0]
    _text(image, label, (image.shape[1] - width - 10, 20))
    utc = at.astimezone(UTC)
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    ms = (utc - midnight) // timedelta(milliseconds=1)
    bits = [1, 0, *(ms >> shift & 1 for shift in range(BITS - 1, -1, -1))]
    bits.append(sum(bits[2:]) & 1)
    top = image.shape[0] - CELL_PX
    for number, bit in enumerate(bits):
        image[top:, number * CELL_PX : (number + 1) * CELL_PX] = _LIGHT if bit else _DARK


def _text(image: Picture, text: str, at: tuple[int, int]) -> None:
    for colour, width in (((20, 20, 20), 3), ((225, 228, 230), 1)):
        cv2.putText(image, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, width, cv2.LINE_AA)


def read_ms_of_day(luma: Picture) -> int | None:
    """Milliseconds since midnight UTC from the strip of a picture's luma plane.

    Returns:
        None where there is no readable strip.
    """
    row = luma.shape[0] - CELL_PX // 2 - 1
    bits = []
    for number in range(_CELLS):
        middle = number * CELL_PX + CELL_PX // 2
        level = int(luma[row - 1 : row + 2, middle - 1 : middle + 2].mean())
        bits.append(1 if level > (_LIGHT + _DARK) // 2 else 0)
    value = int("".join(map(str, bits[2 : 2 + BITS])), 2)
    if bits[:2] != [1, 0] or sum(bits[2:]) % 2 or value >= _DAY_MS:
        return None
    return value
