# SPDX-License-Identifier: Apache-2.0
"""The demo's day: what the director cues, told as scripts of seconds."""

import random
from collections.abc import Iterator
from itertools import islice

from jiedao.main.tape import BRIDGE, MARKET, Cue, Direction, Moment, Scene, Stage, tape


def a_direction(
    scenes: Iterator[Scene] | None, stage: Stage = BRIDGE, *, is_film: bool = False
) -> Direction:
    return Direction(stage, scenes, random.Random(1), is_film)  # noqa: S311


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
    arrived_at: int | None = None,
) -> list[tuple[int, Cue]]:
    """Everything that is cued in these seconds."""
    return [
        (s, cue)
        for s in seconds
        for cue in direction.live(
            s, Moment(watched, s == drill_at, s == speech_at, s == arrived_at)
        )
    ]


def at_the_bridge(name: str, variant: str | None = None) -> Cue:
    return Cue("bridge", name, variant)


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
    direction = a_direction(endless(FROM_LEFT))
    assert play(direction, range(60), watched=False) == []
    assert play(direction, range(60, 90)) == [(80, at_the_bridge("crossing", "from_left"))]


def test_a_drill_is_cued_at_once_and_puts_the_day_off() -> None:
    direction = a_direction(endless(FROM_LEFT))
    cues = play(direction, range(600), drill_at=10)
    assert cues[0] == (10, at_the_bridge("crossing", "from_right"))
    assert cues[1][0] >= 10 + BRIDGE.calm_s


def test_without_a_tape_only_drills_happen() -> None:
    direction = a_direction(None)
    assert play(direction, range(900), drill_at=300) == [
        (300, at_the_bridge("crossing", "from_right"))
    ]


def test_who_heeds_the_loudspeaker_turns_back_a_moment_after_it_speaks() -> None:
    heeding = Scene(after_s=5, variant="two", heeds=True)
    direction = a_direction(endless(heeding))
    cues = play(direction, range(10), speech_at=7)
    assert cues == [(5, at_the_bridge("crossing", "two")), (9, at_the_bridge("leave"))]


def test_who_does_not_heed_it_stays() -> None:
    direction = a_direction(endless(FROM_LEFT))
    cues = play(direction, range(39), speech_at=23)
    assert [cue.name for _, cue in cues] == ["crossing"]


def test_nobody_in_a_film_can_be_sent_away() -> None:
    direction = a_direction(None, is_film=True)
    assert play(direction, range(60), drill_at=3, speech_at=8) == [(3, at_the_bridge("play"))]


def test_in_the_market_a_stall_comes_calmly_and_the_drill_brings_two() -> None:
    scenes = list(islice(tape(2021, MARKET), 20))
    assert scenes[0].variant == "leaves"
    assert all(scene.after_s >= 1000 for scene in scenes[1:])
    assert {scene.variant for scene in scenes} == {"leaves", "stays"}
    assert play(a_direction(None, MARKET), range(9), drill_at=3) == [
        (3, Cue("market", "stall", "two"))
    ]


def test_who_does_not_heed_leaves_the_market_once_the_officer_is_there() -> None:
    direction = a_direction(endless(Scene(after_s=600, variant="stays", heeds=True)), MARKET)
    cues = play(direction, range(1100), speech_at=700, arrived_at=900)
    assert [cue.name for _, cue in cues] == ["stall", "leave", "clear"]
    assert 904 <= cues[-1][0] <= 909


def test_nobody_is_sent_away_from_the_water_by_an_arrival() -> None:
    direction = a_direction(endless(FROM_LEFT))
    assert [cue.name for _, cue in play(direction, range(39), arrived_at=23)] == ["crossing"]


def test_a_waiting_drill_clears_the_market_and_not_the_water() -> None:
    assert a_direction(None, MARKET).clear() == [Cue("market", "clear")]
    assert a_direction(None).clear() == []
