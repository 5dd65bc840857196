# SPDX-License-Identifier: Apache-2.0
"""Working days: weekends, holidays and swapped days, as dated data."""

from datetime import UTC, date, datetime, timedelta

import pytest

from jiedao.town.calendar import (
    LOCAL,
    is_school_time,
    last_working_moment,
    load_calendar,
    load_school_terms,
    local_day,
)
from tests.world import World

#: National Day and Mid-Autumn 2025: eight days off, two weekend days worked for it.
GOLDEN_WEEK = {date(2025, 10, day): False for day in range(1, 9)} | {
    date(2025, 9, 28): True,
    date(2025, 10, 11): True,
}


@pytest.mark.parametrize(
    ("reported", "days", "ends"),
    [
        (date(2025, 9, 15), 1, date(2025, 9, 16)),
        (date(2025, 9, 19), 1, date(2025, 9, 22)),
        (date(2025, 9, 26), 1, date(2025, 9, 28)),
        (date(2025, 9, 30), 1, date(2025, 10, 9)),
        (date(2025, 9, 30), 3, date(2025, 10, 11)),
        (date(2025, 9, 30), 0, date(2025, 9, 30)),
    ],
)
def test_the_last_working_day_ends_at_local_midnight(reported: date, days: int, ends: date) -> None:
    midnight = datetime.combine(ends + timedelta(days=1), datetime.min.time(), LOCAL)
    assert last_working_moment(reported, days, GOLDEN_WEEK) == midnight


def test_a_late_evening_in_utc_is_the_next_day_in_the_town() -> None:
    assert local_day(datetime(2026, 11, 22, 16, 30, tzinfo=UTC)) == date(2026, 11, 23)


def test_the_package_s_years_are_loaded_once(world: World) -> None:
    with world.platform() as tx:
        assert load_calendar(tx, range(2024, 2026)) > 20
        assert load_calendar(tx, range(2024, 2026)) == 0


def local(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LOCAL)


TERM = {
    "name": "2025 秋",
    "place_path": "/T/C1/",
    "first_day": date(2025, 9, 1),
    "last_day": date(2026, 1, 23),
    "hours": [["07:20", "08:20"], ["16:00", "17:40"]],
}


@pytest.mark.parametrize(
    ("at", "place", "is_so"),
    [
        (local(2025, 9, 15, 7, 20), "/T/C1/B1/", True),
        (local(2025, 9, 15, 8, 20), "/T/C1/B1/", False),
        (local(2025, 9, 15, 7, 30), "/T/C2/", False),
        (local(2025, 9, 14, 7, 30), "/T/C1/B1/", False),  # a Sunday
        (local(2025, 9, 28, 7, 30), "/T/C1/B1/", True),  # a Sunday worked for the holidays
        (local(2025, 10, 1, 7, 30), "/T/C1/B1/", False),
        (local(2025, 8, 29, 7, 30), "/T/C1/B1/", False),
        (local(2026, 1, 23, 16, 0), "/T/C1/B1/", True),
        (local(2026, 1, 26, 16, 0), "/T/C1/B1/", False),
    ],
)
def test_school_time_is_by_term_day_and_hour(
    world: World, at: datetime, place: str, is_so: bool
) -> None:
    with world.platform() as tx:
        load_calendar(tx, range(2025, 2027))
        assert load_school_terms(tx, "test", [TERM]) == 1
        assert is_school_time(at, place) is is_so


def test_a_term_is_loaded_once(world: World) -> None:
    with world.platform() as tx:
        assert load_school_terms(tx, "test", [TERM, TERM | {"place_path": "/T/C2/"}]) == 2
        assert load_school_terms(tx, "test", [TERM]) == 0
