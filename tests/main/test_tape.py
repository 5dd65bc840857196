# SPDX-License-Identifier: Apache-2.0
"""The demo's day: what the director cues, told as scripts of seconds."""

import random
from collections.abc import Iterator
from itertools import islice

from jiedao.main.tape import CALM_AFTER_DRILL_S, Cue, Direction, Scene, tape


def a_direction(*scenes: Scene, is_film: bool = False) -> Direction:
    return Direction(iter(scenes), random.Random(1), is_film)  # noqa: S311


def endless(scene: Scene) -> Iterator[Scene]:
    while True:
        yield scene


def play(
    direction: Direction,
    seconds: range,
    *,
    watched: bool = True,
    drill_at: int | None = None,
    speech_at: int | None = None,
) -> list[tuple[int, Cue]]:
    """Everything that is cued in these seconds."""
    return [
        (s, cue)
        for s in seconds
        for cue in direction.live(
            s, watched=watched, drills=int(s == drill_at), spoken=int(s == speech_at)
        )
    ]


FROM_LEFT = Scene(after_s=20, variant="from_left", heeds=False)


def test_somebody_comes_within_a_minute_of_the_start_and_then_every_few_minutes() -> None:
    scenes = list(islice(tape(2021), 40))
    assert scenes[0].after_s < 30
    assert scenes[0].variant == "from_right"
    assert all(120 <= scene.after_s <= 480 for scene in scenes[1:])
    assert any(scene.heeds for scene in scenes[1:])
    assert not all(scene.heeds for scene in scenes)


def test_the_same_seed_tells_the_same_day() -> None:
    assert list(islice(tape(7), 50)) == list(islice(tape(7), 50))
    assert list(islice(tape(7), 50)) != list(islice(tape(8), 50))


def test_the_day_begins_when_the_camera_is_watched() -> None:
    direction = Direction(endless(FROM_LEFT), random.Random(1))  # noqa: S311
    assert play(direction, range(60), watched=False) == []
    assert play(direction, range(60, 90)) == [(80, Cue("crossing", "from_left"))]


def test_a_drill_is_cued_at_once_and_puts_the_day_off() -> None:
    direction = Direction(endless(FROM_LEFT), random.Random(1))  # noqa: S311
    cues = play(direction, range(600), drill_at=10)
    assert cues[0] == (10, Cue("crossing", "from_right"))
    assert cues[1][0] >= 10 + CALM_AFTER_DRILL_S


def test_without_a_tape_only_drills_happen() -> None:
    direction = Direction(None, random.Random(1))  # noqa: S311
    assert play(direction, range(900), drill_at=300) == [(300, Cue("crossing", "from_right"))]


def test_who_heeds_the_loudspeaker_turns_back_a_moment_after_it_speaks() -> None:
    heeding = Scene(after_s=5, variant="two", heeds=True)
    direction = Direction(endless(heeding), random.Random(1))  # noqa: S311
    cues = play(direction, range(10), speech_at=7)
    assert cues == [(5, Cue("crossing", "two")), (9, Cue("leave"))]


def test_who_does_not_heed_it_stays() -> None:
    direction = Direction(endless(FROM_LEFT), random.Random(1))  # noqa: S311
    cues = play(direction, range(39), speech_at=23)
    assert [cue.name for _, cue in cues] == ["crossing"]


def test_nobody_in_a_film_can_be_sent_away() -> None:
    direction = Direction(None, random.Random(1), is_film=True)  # noqa: S311
    assert play(direction, range(60), drill_at=3, speech_at=8) == [(3, Cue("play"))]
