# SPDX-License-Identifier: Apache-2.0
"""Which of a rule's events are alarms, and what they are called."""

from typing import Any

from jiedao.cameras.rules import signal_of
from jiedao.vision.values import Event, Kind

KERB: dict[str, Any] = {
    "name": "kerb",
    "alarm": False,
    "rules": [
        {"rule": "loitering", "threshold_s": 60.0},
        {"rule": "loitering", "threshold_s": 180.0, "signal": "stall.stays"},
    ],
}


def a_stay(threshold_s: float) -> Event:
    return Event(Kind.LOITERING, 7.0, "kerb", threshold_s=threshold_s)


def test_a_stay_is_called_what_its_rule_says_even_where_the_zone_is_only_watched() -> None:
    zones = {"zones": [KERB]}
    assert signal_of(a_stay(180), zones) == "stall.stays"
    assert signal_of(a_stay(60), zones) is None
    assert signal_of(Event(Kind.ENTER, 7.0, "kerb"), zones) is None


def test_a_stay_that_its_rule_gives_no_name_is_loitering() -> None:
    zones = {"zones": [KERB | {"alarm": True}]}
    assert signal_of(a_stay(60), zones) == "fence.loitering"
    assert signal_of(a_stay(180), zones) == "stall.stays"


def test_a_line_alarms_the_way_it_points() -> None:
    zones = {"lines": [{"name": "edge", "heading": [0.0, -1.0]}]}
    down = Event(Kind.CROSSING, 7.0, "edge", heading=(0.1, 0.9))
    assert signal_of(down, zones) is None
    assert signal_of(Event(Kind.CROSSING, 7.0, "edge", heading=(0.1, -0.9)), zones)
