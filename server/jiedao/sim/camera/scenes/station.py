# SPDX-License-Identifier: Apache-2.0
"""The station forecourt: a wide square in front of the hall, and a crowd that never stops."""

from importlib import resources

from jiedao.sim.camera.ground import Ground
from jiedao.sim.camera.paint import Canvas
from jiedao.sim.camera.scenes.stage import Set
from jiedao.sim.camera.truth import Rules
from jiedao.sim.camera.walk import Stop

GROUND = Ground(horizon=0.20, middle=0.5, camera_m=7.0, zoom=1.02)
_HALL_M = 46.0


def make() -> Set:
    """Paint the forecourt and lay out the ways people take."""
    canvas = Canvas(seed=37)
    canvas.shade([(0, 0), (1, 0), (1, 0.3), (0, 0.3)], (140, 130, 118), (168, 164, 158))
    canvas.stain([(0, 0), (1, 0), (1, 0.25), (0, 0.25)], 5, 140)
    _behind(canvas)
    _square(canvas)
    _hall(canvas)
    _furniture(canvas)
    zones = resources.files("jiedao.sim.packs").joinpath("station.zones.json")
    return Set(
        backdrop=canvas.finish(),
        layers=(),
        height_at=GROUND.height_at,
        rules=Rules.read(zones.read_text(encoding="utf-8")),
        passers=_ways(),
        passers_at_once=22,
    )


def _ways() -> list[list[Stop]]:
    way = GROUND.way
    return [
        way((-3.5, 8.2), (-2, 25), (-4, 44)),
        way((2.5, 8.2), (4, 22), (1, 44)),
        way((5.5, 8.2), (9, 26), (8, 44)),
        way((-6.5, 8.2), (-10, 26), (-12, 44)),
        way((-14, 14), (-4, 24), (14, 30), (30, 36)),
        way((12.5, 13), (2, 19), (-13, 20), (-22, 27)),
        [*way((-18, 20)), GROUND.pause(-6, 27, 12), *way((-1, 44))],
        [*way((17, 18)), GROUND.pause(5, 17, 9), GROUND.pause(7, 31, 7), *way((8, 44))],
        [*way((0, 8.2)), GROUND.pause(-1.5, 15, 8), *way((14, 44))],
    ]


def _behind(canvas: Canvas) -> None:
    random = canvas.random
    right_m = -90.0
    while right_m < 90:
        wide, high = random.uniform(8, 18), random.uniform(14, 40)
        tone = int(random.uniform(120, 144))
        canvas.polygon(
            GROUND.front(right_m, right_m + wide, 110, 0, high), (tone, tone - 3, tone - 8)
        )
        up = 3.0
        while up < high - 2:
            canvas.line(
                [GROUND.at(right_m + 1, 110, up), GROUND.at(right_m + wide - 1, 110, up)],
                (tone - 14, tone - 16, tone - 20),
                0.6,
            )
            up += 2.6
        right_m += wide + random.uniform(0, 7)


def _square(canvas: Canvas) -> None:
    area = [(0, 0.30), (1, 0.30), (1, 1), (0, 1)]
    canvas.shade(area, (132, 135, 136), (104, 108, 110))
    canvas.stain(area, 5, 80)
    for away_m in (8.4, 9.6, 11, 12.7, 14.8, 17.4, 20.6, 24.6, 30, 37, 45):
        canvas.line([GROUND.at(-60, away_m), GROUND.at(60, away_m)], (106, 110, 112), 0.6)
    for number in range(-14, 15):
        right_m = number * 2.4
        canvas.line([GROUND.at(right_m, 7.2), GROUND.at(right_m, 46)], (108, 112, 114), 0.6)
    for right_m in (-0.45, 0.05):
        guide = GROUND.flat(right_m, right_m + 0.35, 7.0, 44)
        canvas.polygon(guide, (92, 146, 160))


def _hall(canvas: Canvas) -> None:
    front = GROUND.front
    canvas.polygon(front(-30, 30, _HALL_M + 4, 0, 13), (134, 138, 140))
    canvas.shade(front(-29, 29, _HALL_M + 3.9, 0.3, 9.6), (92, 88, 78), (70, 72, 68))
    for right_m in range(-28, 29, 2):
        canvas.line(
            [GROUND.at(right_m, _HALL_M + 3.8, 0.3), GROUND.at(right_m, _HALL_M + 3.8, 9.6)],
            (124, 126, 124),
            0.6,
        )
    for up_m in (3.4, 6.6):
        canvas.line(
            [GROUND.at(-29, _HALL_M + 3.8, up_m), GROUND.at(29, _HALL_M + 3.8, up_m)],
            (124, 126, 124),
            0.6,
        )
    for right_m in (-14, -6, 1, 8):
        canvas.polygon(front(right_m - 2, right_m + 2, _HALL_M + 3.7, 0.1, 3.0), (122, 146, 156))
    canvas.polygon(front(-32, 32, _HALL_M, 9.8, 12.4), (94, 98, 100))
    canvas.polygon(GROUND.flat(-32, 32, _HALL_M, _HALL_M + 6, 12.4), (150, 153, 154))
    canvas.polygon(front(-32, 32, _HALL_M - 0.1, 9.5, 9.9), (62, 66, 68))
    for right_m in range(-30, 31, 6):
        canvas.polygon(front(right_m - 0.35, right_m + 0.35, _HALL_M, 0, 9.8), (148, 151, 152))
    canvas.polygon(front(-9, 9, _HALL_M - 0.2, 10.1, 12.1), (58, 56, 120))
    for number in range(4):
        left = -7.2 + number * 3.8
        canvas.polygon(front(left, left + 2.4, _HALL_M - 0.3, 10.5, 11.7), (168, 186, 194))
    canvas.oval(GROUND.at(0, _HALL_M - 0.3, 14.2), 0.019, 0.034, (88, 92, 94))
    canvas.oval(GROUND.at(0, _HALL_M - 0.3, 14.2), 0.016, 0.029, (206, 210, 210))
    centre = GROUND.at(0, _HALL_M - 0.3, 14.2)
    canvas.line([centre, (centre[0] + 0.010, centre[1] - 0.012)], (50, 52, 54), 1)
    canvas.line([centre, (centre[0] - 0.004, centre[1] - 0.026)], (50, 52, 54), 0.8)


def _furniture(canvas: Canvas) -> None:
    for right_m in (-22.0, -16.0, 16.0, 22.0):
        canvas.polygon(GROUND.flat(right_m - 2, right_m + 2, 33, 37, 0.6), (70, 88, 72))
        canvas.polygon(GROUND.front(right_m - 2, right_m + 2, 33, 0, 0.6), (118, 122, 124))
        canvas.tree(GROUND.at(right_m, 35, 4.2), 0.062, (74, 94, 76))
    for right_m in (-12.0, 12.0):
        canvas.line([GROUND.at(right_m, 24, 0), GROUND.at(right_m, 24, 7.2)], (74, 78, 80), 2)
        for arm in (-0.9, 0.9):
            canvas.line(
                [GROUND.at(right_m, 24, 7.0), GROUND.at(right_m + arm, 24, 7.2)], (74, 78, 80), 1.2
            )
            canvas.oval(GROUND.at(right_m + arm, 24, 7.1), 0.008, 0.010, (176, 196, 204))
    for number in range(-7, 8):
        place = number * 2.2 + 0.9
        canvas.line([GROUND.at(place, 42, 0), GROUND.at(place, 42, 0.9)], (80, 110, 150), 1.4)
