# SPDX-License-Identifier: Apache-2.0
"""The market street: stalls on both sides, a school gate at the end, people passing.

Along the right side of the road a strip must stay free; on cue, carts are set up in it.
"""

from dataclasses import replace
from importlib import resources

from jiedao.sim.camera.figure import Colour
from jiedao.sim.camera.ground import Ground
from jiedao.sim.camera.paint import Canvas
from jiedao.sim.camera.scenes.stage import Part, Set
from jiedao.sim.camera.truth import Rules
from jiedao.sim.camera.walk import Stop

#: How long a stall stays that nobody sends away.
STAYS_S = 1800.0
GROUND = Ground(horizon=0.24, middle=0.52, camera_m=5.0, zoom=1.0)
_CLOTHS: tuple[tuple[Colour, Colour], ...] = (
    ((62, 62, 138), (172, 176, 178)),
    ((128, 92, 58), (168, 172, 172)),
    ((74, 110, 72), (160, 166, 164)),
    ((50, 104, 150), (70, 130, 170)),
)
_GOODS: tuple[Colour, ...] = (
    (58, 72, 172),
    (60, 140, 186),
    (70, 130, 84),
    (60, 96, 150),
    (120, 150, 160),
    (96, 60, 110),
)


def make() -> Set:
    """Paint the street and lay out the ways people take."""
    canvas = Canvas(seed=23)
    canvas.shade([(0, 0), (1, 0), (1, 0.3), (0, 0.3)], (134, 126, 116), (166, 162, 156))
    _school(canvas)
    _street(canvas)
    for far_m in range(58, 4, -8):
        _houses(canvas, far_m - 8.0, float(far_m))
    _lights(canvas)
    for away_m in (37.0, 32.5, 28.0, 23.5, 19.0, 15.0, 11.5, 8.6):
        _stall(canvas, -4.9, away_m)
        if not 27 < away_m < 33:
            _stall(canvas, 4.9, away_m)
    zones = resources.files("jiedao.sim.packs").joinpath("market.zones.json")
    return Set(
        backdrop=canvas.finish(),
        layers=(),
        height_at=GROUND.height_at,
        rules=Rules.read(zones.read_text(encoding="utf-8")),
        cue="stall",
        cues=_cues(),
        passers=_ways(),
        passers_at_once=11,
    )


def _cues() -> dict[str, list[Part]]:
    """Stalls in the strip that must stay free; people walk beside it, so a stall stands alone."""
    way = GROUND.way
    by_the_side_street = tuple(way((3.3, 25), (3.4, 28.5), (12, 30.5)))
    by_the_near_end = tuple(way((3.0, 5.4)))
    far = (*way((12, 30.5), (3.4, 28.5)), GROUND.pause(3.2, 17.0, STAYS_S))
    near = (*way((2.8, 5.4)), GROUND.pause(3.2, 9.6, STAYS_S))
    leaves = Part(far, stall=True, way_out=by_the_side_street)
    stays = Part(near, stall=True, heeds=False, way_out=by_the_near_end)
    return {"leaves": [leaves], "stays": [stays], "two": [leaves, replace(stays, after_s=9.0)]}


def _ways() -> list[list[Stop]]:
    way = GROUND.way
    browse = [
        *way((-2.2, 6.2)),
        GROUND.pause(-3.3, 11.0, 5),
        GROUND.pause(-3.4, 18.5, 4),
        *way((-1.5, 44)),
    ]
    other = [
        *way((-0.2, 6.2)),
        GROUND.pause(-2.9, 14.5, 6),
        GROUND.pause(-1.2, 23.0, 3),
        *way((0.4, 44)),
    ]
    return [
        way((-1.6, 6.2), (-1.0, 44)),
        way((0.5, 6.2), (0.2, 44)),
        way((0.2, 6.2), (-2.0, 30), (-2.6, 44)),
        way((0.4, 6.2), (0.6, 26), (2.2, 33), (9.0, 34)),
        browse,
        other,
    ]


def _street(canvas: Canvas) -> None:
    canvas.shade([(0, 0.32), (1, 0.32), (1, 1), (0, 1)], (112, 114, 114), (98, 102, 104))
    canvas.polygon(GROUND.flat(-4.2, 4.2, 4.5, 58), (104, 107, 108))
    canvas.stain([(0, 0.32), (1, 0.32), (1, 1), (0, 1)], 6, 70)
    for right_m in (-4.2, 4.2):
        canvas.line([GROUND.at(right_m, 4.5), GROUND.at(right_m, 58)], (134, 138, 138), 1.5)
    for away_m in (5, 6.2, 7.6, 9.4, 11.6, 14.4, 18, 22.5, 28, 36):
        canvas.line([GROUND.at(-4.2, away_m), GROUND.at(4.2, away_m)], (96, 99, 100), 0.6)
    for right_m in (-3.4, -2.2, -1.0, 0.2, 1.4, 2.6, 3.8):
        canvas.polygon(GROUND.flat(right_m, right_m + 0.6, 38.5, 42), (160, 163, 163))


def _school(canvas: Canvas) -> None:
    canvas.polygon(GROUND.front(-26, 22, 64, 0, 17), (142, 146, 150))
    for row in range(4):
        for column in range(-24, 22, 3):
            low = 2.5 + row * 3.6
            canvas.polygon(GROUND.front(column, column + 1.9, 63.9, low, low + 2), (112, 108, 100))
    canvas.polygon(GROUND.front(-26, 22, 63.8, 16.4, 17.4), (94, 98, 132))
    canvas.line([GROUND.at(0.5, 63, 17), GROUND.at(0.5, 63, 24)], (150, 152, 152), 0.8)
    canvas.polygon(GROUND.front(0.6, 4.2, 63, 21.4, 23.8), (52, 50, 168))
    canvas.polygon(GROUND.front(-9, 9, 52, 0, 2.2), (120, 124, 126))
    canvas.polygon(GROUND.front(-4, 4, 51.8, 0, 2.4), (78, 82, 84))
    for right_m in (-3.5, -2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 3.5):
        canvas.line(
            [GROUND.at(right_m, 51.7, 0), GROUND.at(right_m, 51.7, 2.3)], (140, 144, 144), 0.6
        )
    for right_m in (-5.2, 4.2):
        canvas.polygon(GROUND.front(right_m, right_m + 1, 51, 0, 5.4), (86, 92, 128))
    canvas.polygon(GROUND.front(-5.6, 5.6, 50.8, 5.0, 6.6), (70, 74, 112))
    canvas.polygon(GROUND.front(-4.4, 4.4, 50.7, 5.4, 6.2), (158, 176, 184))
    for right_m in (-14.0, -10.5, 10.0, 13.5):
        canvas.tree(GROUND.at(right_m, 50, 4.5), 0.06, (76, 96, 78))


def _houses(canvas: Canvas, near_m: float, far_m: float) -> None:
    random = canvas.random
    for sign in (-1, 1):
        tone = int(random.uniform(96, 128))
        high = random.uniform(8.5, 14)
        wall_m = sign * 7.6
        near = max(near_m, 4.0)
        wall = GROUND.side(wall_m, near, far_m, 0, high)
        canvas.polygon(wall, (tone - 4, tone, tone + 4))
        canvas.stain(wall, 5, 40)
        canvas.polygon(
            GROUND.side(wall_m, near, far_m, high - 0.4, high), (tone - 26, tone - 24, tone - 22)
        )
        for low in (4.6, 7.8, 11.0):
            if low + 1.7 > high:
                break
            at = near + 0.8
            while at + 1.3 < far_m:
                glass = int(random.uniform(58, 84))
                window = GROUND.side(wall_m - sign * 0.02, at, at + 1.3, low, low + 1.5)
                canvas.polygon(window, (glass + 8, glass, glass - 4))
                at += 2.5
        _shop(canvas, wall_m - sign * 0.05, near, far_m)


def _shop(canvas: Canvas, wall_m: float, near_m: float, far_m: float) -> None:
    random = canvas.random
    front = GROUND.side(wall_m, near_m + 0.4, far_m - 0.4, 0, 2.9)
    canvas.polygon(front, (52, 60, 66))
    glow = GROUND.side(wall_m, near_m + 1.2, far_m - 1.6, 0.9, 2.5)
    canvas.polygon(glow, (96, 128, 146))
    boards: tuple[Colour, ...] = ((58, 56, 118), (104, 82, 50), (66, 98, 70), (52, 96, 128))
    board = boards[int(random.integers(0, len(boards)))]
    canvas.polygon(GROUND.side(wall_m, near_m + 0.3, far_m - 0.3, 3.0, 3.9), board)
    at = near_m + 1.3
    while at < far_m - 1.5:
        canvas.polygon(GROUND.side(wall_m, at, at + 0.55, 3.2, 3.7), (150, 168, 176))
        at += 1.0


def _stall(canvas: Canvas, right_m: float, away_m: float) -> None:
    random = canvas.random
    outer = right_m + (1.5 if right_m > 0 else -1.5)
    left, right = min(right_m, outer), max(right_m, outer)
    far = away_m + 2.4
    cloth, stripe = _CLOTHS[int(random.integers(0, len(_CLOTHS)))]
    canvas.polygon(GROUND.flat(left - 0.1, right + 0.1, away_m, far), (72, 75, 77))
    inner = right_m
    canvas.polygon(GROUND.side(inner, away_m, far, 0, 0.85), (66, 78, 92))
    canvas.polygon(GROUND.front(left, right, away_m, 0, 0.85), (76, 90, 106))
    canvas.polygon(GROUND.flat(left, right, away_m, far, 0.85), (88, 104, 120))
    for _ in range(46):
        place = GROUND.at(
            random.uniform(left + 0.1, right - 0.1), random.uniform(away_m + 0.1, far - 0.1), 0.95
        )
        colour = _GOODS[int(random.integers(0, len(_GOODS)))]
        size = 0.13 / away_m
        canvas.oval(place, size * 0.62, size, colour)
    for corner in ((left, away_m), (right, away_m)):
        canvas.line([GROUND.at(*corner, 0), GROUND.at(*corner, 2.4)], (120, 124, 124), 1)
    count = 6
    for number in range(count):
        begin = left - 0.25 + (right - left + 0.5) * number / count
        end = left - 0.25 + (right - left + 0.5) * (number + 1) / count
        colour = cloth if number % 2 == 0 else stripe
        slope = [
            GROUND.at(begin, far + 0.2, 2.75),
            GROUND.at(end, far + 0.2, 2.75),
            GROUND.at(end, away_m - 0.3, 2.35),
            GROUND.at(begin, away_m - 0.3, 2.35),
        ]
        canvas.polygon(slope, colour)
        dark = (int(colour[0] * 0.8), int(colour[1] * 0.8), int(colour[2] * 0.8))
        canvas.polygon(GROUND.front(begin, end, away_m - 0.3, 2.12, 2.36), dark)


def _lights(canvas: Canvas) -> None:
    for away_m in (14.0, 24.0, 36.0):
        for step in range(21):
            right_m = -7 + 0.7 * step
            sag = 5.4 - 0.7 * (1 - (right_m / 7) ** 2)
            canvas.oval(
                GROUND.at(right_m, away_m, sag), 0.05 / away_m, 0.09 / away_m, (150, 200, 226)
            )
