# SPDX-License-Identifier: Apache-2.0
"""Lines, zones, stays and counts as scripts of places and times in, events out."""

from collections.abc import Mapping, Sequence

import pytest

from jiedao.vision import Event, Kind, Line, Zone
from jiedao.vision.rules import CountRule, LineRule, Subject, ZoneRule, concerns

A_ZONE = Zone("bank", ((0.4, 0.2), (0.9, 0.2), (0.9, 0.9), (0.4, 0.9)), "any", (8.0, 20.0))
A_LINE = Line("kerb", (0.5, 0.0), (0.5, 1.0), "any")
Feet = Mapping[int, tuple[float, float]]


def standing(track: int, x: float, y: float, **facts: object) -> Subject:
    """Somebody a fifth of the picture tall whose foot point is at x, y."""
    given = {"label": "", "sure": True, "double": False} | facts
    return Subject(track, (x - 0.03, y - 0.2, x + 0.03, y), **given)  # type: ignore[arg-type]


def play(rule: LineRule | ZoneRule, script: Sequence[tuple[float, Feet]]) -> list[Event]:
    """Show a rule who stands where at each time."""
    events: list[Event] = []
    for t_s, feet in script:
        events += rule.see([standing(track, x, y) for track, (x, y) in feet.items()], t_s)
    return events


def still(feet: Feet, from_s: float, until_s: float) -> list[tuple[float, Feet]]:
    steps = round((until_s - from_s) * 5)
    return [(from_s + i / 5, feet) for i in range(steps + 1)]


def a_zone_rule() -> ZoneRule:
    return ZoneRule(A_ZONE, aspect=1.6)


def test_a_line_is_crossed_at_the_first_sighting_beyond_it() -> None:
    script = [(0.0, {1: (0.4, 0.5)}), (0.2, {1: (0.48, 0.5)}), (0.4, {1: (0.53, 0.5)})]
    [crossing] = play(LineRule(A_LINE, 1.6), script)
    assert crossing.t_s == 0.4
    assert crossing.heading == pytest.approx((1.0, 0.0), abs=1e-6)


def test_swaying_on_a_line_is_at_most_one_crossing() -> None:
    sway = [(i / 5, {1: (0.5 + (0.004 if i % 2 else -0.004), 0.5)}) for i in range(1, 40)]
    assert len(play(LineRule(A_LINE, 1.6), [(0.0, {1: (0.4, 0.5)}), *sway])) <= 1


def test_who_comes_back_crosses_again_the_other_way() -> None:
    there = [(i / 5, {1: (0.4 + 0.03 * i, 0.5)}) for i in range(8)]
    back = [(1.6 + i / 5, {1: (0.6 - 0.03 * i, 0.5)}) for i in range(8)]
    first, second = play(LineRule(A_LINE, 1.6), there + back)
    assert first.heading is not None
    assert second.heading is not None
    assert first.heading[0] > 0 > second.heading[0]


def test_a_second_number_on_the_same_body_does_not_cross_again() -> None:
    rule = LineRule(A_LINE, 1.6)
    script = [(i / 5, {1: (0.4 + 0.04 * i, 0.5), 2: (0.385 + 0.04 * i, 0.505)}) for i in range(8)]
    assert len(play(rule, script)) == 1


def test_who_is_not_yet_believed_crosses_when_he_is() -> None:
    rule = LineRule(A_LINE, 1.6)
    rule.see([standing(1, 0.4, 0.5, sure=False)], 0.0)
    assert rule.see([standing(1, 0.55, 0.5, sure=False)], 0.2) == []
    [crossing] = rule.see([standing(1, 0.58, 0.5)], 0.4)
    assert crossing.kind is Kind.CROSSING


def test_a_part_of_another_object_says_nothing() -> None:
    rule = a_zone_rule()
    assert rule.see([standing(1, 0.6, 0.5, double=True)], 0.0) == []
    assert rule.presence() == 0


def test_one_that_is_lost_leaves_a_second_later_dated_to_its_last_sighting() -> None:
    script = [(0.0, {1: (0.6, 0.5)}), (0.2, {1: (0.65, 0.5)}), (1.0, {}), (1.4, {})]
    enter, leave = play(a_zone_rule(), script)
    assert (enter.kind, enter.t_s) == (Kind.ENTER, 0.0)
    assert (leave.kind, leave.t_s) == (Kind.LEAVE, 0.2)


def test_a_stay_survives_a_change_of_number_and_ten_seconds_behind_a_van() -> None:
    script = [
        *still({1: (0.6, 0.5)}, 0.0, 5.0),
        *still({}, 5.2, 14.0),
        *still({7: (0.605, 0.5)}, 14.2, 25.0),
    ]
    told = play(a_zone_rule(), script)
    assert [(e.kind, e.threshold_s) for e in told] == [
        (Kind.ENTER, None),
        (Kind.LOITERING, 8.0),
        (Kind.LOITERING, 20.0),
    ]
    assert told[2].t_s == pytest.approx(20.0)


def test_two_stalls_in_one_zone_are_two_stays() -> None:
    told = play(a_zone_rule(), still({1: (0.5, 0.5), 2: (0.8, 0.6)}, 0.0, 9.0))
    assert [e.track for e in told if e.kind is Kind.LOITERING] == [1, 2]


def test_another_look_at_what_stands_there_is_no_second_stay() -> None:
    rule = a_zone_rule()
    told = play(
        rule, [*still({1: (0.6, 0.5)}, 0, 3), *still({1: (0.6, 0.5), 2: (0.61, 0.5)}, 3.2, 6)]
    )
    assert [e.kind for e in told] == [Kind.ENTER]
    assert rule.presence() == 1


def test_who_walks_in_from_outside_does_not_take_over_a_strangers_stay() -> None:
    walk = [(5.2 + i / 5, {2: (0.3 + 0.03 * i, 0.5)}) for i in range(8)]
    told = play(a_zone_rule(), [*still({1: (0.55, 0.5)}, 0, 5), *walk])
    assert [e.kind for e in told] == [Kind.ENTER, Kind.ENTER]


@pytest.mark.parametrize("pace_s", [0.04, 0.2, 0.5])
def test_dwell_is_capture_time_whatever_the_pace(pace_s: float) -> None:
    script = [(i * pace_s, {1: (0.6, 0.5)}) for i in range(int(9 / pace_s) + 1)]
    [loitering] = [e for e in play(a_zone_rule(), script) if e.kind is Kind.LOITERING]
    assert loitering.t_s == pytest.approx(8.0, abs=pace_s)


def test_targets_are_counted_at_their_pace() -> None:
    rule = CountRule(1.0, "person")
    people = [standing(1, 0.2, 0.5, label="person"), standing(2, 0.4, 0.5, label="car")]
    counts = [e for i in range(16) for e in rule.see(people, i / 5)]
    assert [(e.t_s, e.n) for e in counts] == [(0.0, 1), (1.0, 1), (2.0, 1), (3.0, 1)]


@pytest.mark.parametrize(
    ("target", "label", "does"),
    [
        ("any", "dog", True),
        ("person", "person", True),
        ("person", "car", False),
        ("vehicle", "truck", True),
        ("two_wheeler", "bicycle", True),
        ("person", "", True),
    ],
)
def test_a_rule_concerns_its_target_and_what_has_no_name(
    target: str, label: str, does: bool
) -> None:
    assert concerns(target, label) is does


def test_a_zone_that_reaches_the_pictures_border_holds_who_is_cut_by_it() -> None:
    lane = Zone("lane", ((0.1, 0.6), (0.6, 0.6), (0.6, 1.0), (0.1, 1.0)), "any")
    [entry] = play(ZoneRule(lane, 1.6), still({1: (0.3, 1.0)}, 0.0, 1.0))
    assert (entry.kind, entry.t_s) == (Kind.ENTER, 0.0)


def test_a_track_that_proves_to_be_of_another_ones_body_hands_its_stay_on() -> None:
    rule = a_zone_rule()
    events = play(rule, still({1: (0.6, 0.6)}, 0.0, 5.0))
    heir = Subject(2, (0.57, 0.4, 0.63, 0.6), "", sure=True, heir_of=(1,))
    for i in range(1, 25):
        events += rule.see([heir], 5.0 + i / 5)
    assert [event.kind for event in events] == [Kind.ENTER, Kind.LOITERING]


def test_who_walks_behind_another_and_comes_out_again_has_one_stay() -> None:
    rule = a_zone_rule()
    both = [(i / 5, {1: (0.5 + i / 50, 0.6), 2: (0.56 + i / 50, 0.6)}) for i in range(5)]
    one = [(1.0 + i / 5, {1: (0.62 + i / 50, 0.6)}) for i in range(10)]
    again = [(3.0, {1: (0.8, 0.6), 3: (0.86, 0.6)})]
    events = play(rule, both + one + again)
    assert [event.kind for event in events] == [Kind.ENTER, Kind.ENTER]
    assert rule.presence() == 2


def test_a_loose_piece_does_not_carry_a_stay_on() -> None:
    rule = a_zone_rule()
    events = play(rule, still({1: (0.6, 0.6)}, 0.0, 6.0))
    rule.forget([1])
    piece = Subject(2, (0.59, 0.56, 0.61, 0.6), "", sure=False)
    for i in range(30):
        events += rule.see([piece], 6.2 + i / 5)
    assert [event.kind for event in events] == [Kind.ENTER, Kind.LEAVE]
    assert events[-1].t_s == pytest.approx(6.0)


def test_who_held_a_stay_before_takes_it_back() -> None:
    rule = a_zone_rule()
    script: list[tuple[float, Feet]] = [
        *still({1: (0.6, 0.6)}, 0.0, 3.0),
        *still({2: (0.6, 0.6)}, 3.2, 5.0),
        *still({1: (0.61, 0.6), 2: (0.75, 0.6)}, 5.2, 6.0),
    ]
    told = [(event.kind, event.track) for event in play(rule, script)]
    assert told == [(Kind.ENTER, 1), (Kind.ENTER, 2)]
    assert rule.presence() == 2
