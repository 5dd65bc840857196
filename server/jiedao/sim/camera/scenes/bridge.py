# SPDX-License-Identifier: Apache-2.0
"""The river bank under the bridge: open water, a painted line that nobody should step over."""

from importlib import resources

import cv2
import numpy as np

from jiedao.sim.camera.encode import as_picture
from jiedao.sim.camera.paint import HEIGHT_PX, WIDTH_PX, Canvas
from jiedao.sim.camera.scenes.stage import Part, Set
from jiedao.sim.camera.scenes.water import ripple
from jiedao.sim.camera.truth import Rules
from jiedao.sim.camera.walk import Point, Stop

HORIZON = 0.30
# The painted line and the water's edge run through the picture from the left side to the right.
LINE = ((0.0, 0.90), (1.0, 0.60))
SHORE = ((0.0, 0.735), (1.0, 0.515))


def _on(edge: tuple[Point, Point], x: float, below: float = 0.0) -> Point:
    (_, left), (_, right) = edge
    return x, left + (right - left) * x + below


def height_at(y: float) -> float:
    """Body height of a person standing at y, both shares of the picture's height."""
    return 0.15 + (y - 0.5) * 0.44


def make() -> Set:
    """Paint the bank and lay out the ways people take."""
    canvas = Canvas(seed=11)
    _sky_and_far_bank(canvas)
    _water(canvas)
    _near_bank(canvas)
    wet = cv2.resize(
        canvas.mask([(0, 0.375), (1, 0.375), SHORE[1], SHORE[0]]),
        (WIDTH_PX, HEIGHT_PX),
        interpolation=cv2.INTER_AREA,
    )
    bare = canvas.image.copy()
    _bridge(canvas)
    covered = np.any(canvas.image != bare, axis=2).astype(np.uint8) * 255
    hidden = cv2.resize(covered, (WIDTH_PX, HEIGHT_PX), interpolation=cv2.INTER_AREA)
    backdrop = canvas.finish(vignette=0.18)
    moving = as_picture(cv2.subtract(wet, hidden))
    zones = resources.files("jiedao.sim.packs").joinpath("bridge.zones.json")
    return Set(
        backdrop=backdrop,
        layers=[ripple(backdrop, moving, HORIZON, seed=5, strength=7.5).lay],
        height_at=height_at,
        rules=Rules.read(zones.read_text(encoding="utf-8")),
        cues=_cues(),
        way_out=(Stop(_on(LINE, 0.72, 0.09)), Stop((1.08, 0.84))),
    )


def _cues() -> dict[str, list[Part]]:
    enter, out = Stop((1.05, 0.80)), Stop((1.08, 0.84))
    inside_right, inside_left = _on(LINE, 0.64, -0.07), _on(LINE, 0.33, -0.08)
    from_right = (enter, Stop(_on(LINE, 0.80, 0.06)), Stop(inside_right, 24.0))
    from_left = (Stop((-0.06, 0.985)), Stop(_on(LINE, 0.14, 0.07)), Stop(inside_left, 24.0))
    back_right = (Stop(_on(LINE, 0.74, 0.08)), out)
    back_left = (Stop(_on(LINE, 0.42, 0.10)), Stop((1.08, 0.95)))
    second = (
        Stop((1.05, 0.86)),
        Stop(_on(LINE, 0.72, 0.07)),
        Stop(_on(LINE, 0.52, -0.07), 20.0),
        Stop(_on(LINE, 0.62, 0.09)),
        out,
    )
    # In and out far from the line: where it meets the picture's edge, a body that is half out of
    # the picture has no foot to be judged by.
    far = Stop((1.08, 0.95))
    along = (
        far,
        Stop(_on(LINE, 0.86, 0.11)),
        Stop(_on(LINE, 0.3, 0.10), 3.0),
        Stop(_on(LINE, 0.8, 0.16)),
        far,
    )
    return {
        "from_right": [Part((*from_right, *back_right))],
        "from_left": [Part((*from_left, *back_left))],
        "two": [Part((*from_right, *back_right)), Part(second, after_s=1.6, pace=1.05)],
        "hurry": [Part((*from_right, *back_right), pace=1.7)],
        "along": [Part(along)],
    }


def _sky_and_far_bank(canvas: Canvas) -> None:
    canvas.shade([(0, 0), (1, 0), (1, 0.36), (0, 0.36)], (128, 120, 108), (160, 156, 148))
    canvas.stain([(0, 0), (1, 0), (1, 0.3), (0, 0.3)], 5, 160)
    random = canvas.random
    x = -0.02
    while x < 1.02:
        width, top = random.uniform(0.035, 0.09), random.uniform(0.13, 0.28)
        tone = int(random.uniform(104, 130))
        canvas.box(x, top, x + width, 0.34, (tone, tone - 3, tone - 8))
        for row in np.arange(top + 0.015, 0.31, 0.02):
            for column in np.arange(x + 0.006, x + width - 0.006, 0.011):
                dark = tone - int(random.uniform(4, 20))
                canvas.box(column, row, column + 0.006, row + 0.011, (dark, dark - 2, dark - 5))
        x += width + random.uniform(-0.008, 0.02)
    for x in np.arange(-0.02, 1.04, 0.038):
        size = random.uniform(0.028, 0.045)
        canvas.tree((x, 0.325), size, (82, 98, 84))
    canvas.shade([(0, 0.342), (1, 0.342), (1, 0.378), (0, 0.378)], (118, 122, 124), (88, 92, 92))
    canvas.line([(0, 0.342), (1, 0.342)], (146, 148, 148), 1)
    for x in np.arange(0, 1, 0.025):
        canvas.line([(x, 0.329), (x, 0.342)], (122, 124, 124), 0.5)
    canvas.line([(0, 0.330), (1, 0.330)], (122, 124, 124), 0.5)


def _water(canvas: Canvas) -> None:
    shore = [(0, 0.378), (1, 0.378), SHORE[1], SHORE[0]]
    canvas.shade(shore, (120, 118, 106), (82, 80, 66))
    for x in np.arange(0.0, 1.0, 0.03):
        long = canvas.random.uniform(0.02, 0.07)
        canvas.shade(
            [(x, 0.378), (x + 0.028, 0.378), (x + 0.026, 0.378 + long), (x + 0.002, 0.378 + long)],
            (92, 96, 88),
            (112, 110, 98),
        )
    canvas.stain(shore, 3, 40)


def _near_bank(canvas: Canvas) -> None:
    steps = [SHORE[0], SHORE[1], LINE[1], LINE[0]]
    canvas.shade(steps, (78, 84, 86), (108, 114, 116))
    for share, tone in ((0.0, 58), (0.3, 80), (0.62, 88)):
        edge = [(x, s + (line - s) * share) for (x, s), (_, line) in zip(SHORE, LINE, strict=True)]
        canvas.line(edge, (tone, tone + 4, tone + 4), 2.2 if share == 0 else 1.3)
        lit = [(x, y + 0.008) for x, y in edge]
        canvas.line(lit, (tone + 46, tone + 50, tone + 50), 0.8)
    canvas.stain(steps, 6, 36)
    paving = [LINE[0], LINE[1], (1, 1), (0, 1)]
    canvas.shade(paving, (122, 128, 130), (104, 110, 114))
    canvas.stain(paving, 6, 60)
    for row in range(1, 9):
        below = 0.012 * row + 0.0075 * row * row
        canvas.line([_on(LINE, 0, below), _on(LINE, 1, below * 0.82)], (98, 103, 106), 0.7)
    for x in np.arange(-0.6, 1.25, 0.075):
        canvas.line([_on(LINE, x), (x + (x - 0.5) * 0.5 + 0.16, 1.12)], (100, 105, 108), 0.6)
    # Above the line the joints were drawn too: the steps cover nothing of them inside the paving.
    _painted_line(canvas)
    _post(canvas)


def _painted_line(canvas: Canvas) -> None:
    half_left, half_right = 0.012, 0.007
    for number in range(40):
        x1, x2 = number / 40, (number + 1) / 40
        colour = (72, 182, 214) if number % 2 else (60, 64, 66)
        wide = half_left + (half_right - half_left) * x1
        canvas.polygon(
            [
                _on(LINE, x1, -wide),
                _on(LINE, x2, -wide),
                _on(LINE, x2 - 0.006, wide),
                _on(LINE, x1 - 0.006, wide),
            ],
            colour,
        )
    canvas.stain(
        [_on(LINE, 0, -0.015), _on(LINE, 1, -0.01), _on(LINE, 1, 0.01), _on(LINE, 0, 0.015)], 9, 16
    )


def _post(canvas: Canvas) -> None:
    """A post with a no-swimming sign and a lifebuoy."""
    canvas.line([(0.085, 0.995), (0.085, 0.60)], (84, 88, 90), 3)
    canvas.oval((0.085, 0.585), 0.036, 0.064, (46, 48, 150))
    canvas.oval((0.085, 0.585), 0.029, 0.052, (206, 210, 212))
    canvas.line([(0.066, 0.60), (0.078, 0.592), (0.090, 0.60), (0.103, 0.592)], (60, 56, 52), 1.4)
    canvas.oval((0.092, 0.572), 0.006, 0.010, (60, 56, 52))
    canvas.line([(0.078, 0.585), (0.088, 0.575)], (60, 56, 52), 1.6)
    canvas.line([(0.063, 0.547), (0.107, 0.623)], (46, 48, 150), 1.8)
    canvas.oval((0.085, 0.735), 0.031, 0.056, (52, 92, 190))
    canvas.oval((0.085, 0.735), 0.016, 0.029, (112, 116, 118))
    for dx, dy in ((0.022, 0), (-0.022, 0), (0, 0.04), (0, -0.04)):
        canvas.oval((0.085 + dx, 0.735 + dy), 0.006, 0.011, (208, 212, 214))


def _bridge(canvas: Canvas) -> None:
    _pier(canvas, 0.30, 0.033, 0.16, 0.455)
    _pier(canvas, 0.585, 0.028, 0.14, 0.425)
    deck = [(0, 0), (1, 0), (1, 0.125), (0, 0.205)]
    canvas.shade(deck, (46, 48, 50), (66, 69, 70))
    for share in (0.25, 0.5, 0.72, 0.9):
        left, right = 0.205 * share, 0.125 * share
        canvas.line([(0, left), (1, right)], (40, 42, 44), 2.5)
        canvas.line([(0, left + 0.012), (1, right + 0.009)], (78, 81, 82), 1)
    canvas.polygon([(0, 0.205), (1, 0.125), (1, 0.150), (0, 0.240)], (104, 108, 110))
    canvas.line([(0, 0.205), (1, 0.125)], (132, 136, 137), 1)
    canvas.line([(0, 0.240), (1, 0.150)], (62, 65, 66), 1.4)
    canvas.stain([(0, 0), (1, 0), (1, 0.15), (0, 0.24)], 5, 50)
    _pier(canvas, 0.945, 0.062, 0.10, 0.60)


def _pier(canvas: Canvas, x: float, half: float, top: float, foot: float) -> None:
    canvas.shade(
        [(x - half, top), (x + half, top), (x + half, foot), (x - half, foot)],
        (112, 116, 117),
        (66, 69, 70),
        across=True,
    )
    canvas.polygon(
        [
            (x - half * 1.5, top),
            (x + half * 1.5, top),
            (x + half, top + 0.05),
            (x - half, top + 0.05),
        ],
        (90, 94, 95),
    )
    canvas.stain([(x - half, top), (x + half, top), (x + half, foot), (x - half, foot)], 6, 30)
    canvas.box(x - half, foot - 0.03, x + half, foot, (62, 68, 66))
