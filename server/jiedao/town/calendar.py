# SPDX-License-Identifier: Apache-2.0
"""Local days, working days and school days. Holidays, swapped days and terms are dated data."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar

from jiedao.base.database import Tx
from jiedao.town.models import CalendarDay, SchoolTerm
from jiedao.trace.writing import Fact, record

LOCAL = ZoneInfo("Asia/Shanghai")
_SATURDAY = 5


def local_day(at: datetime) -> date:
    """The calendar day in the town at a moment."""
    return at.astimezone(LOCAL).date()


def is_working_day(day: date, special: dict[date, bool]) -> bool:
    """Whether a day is worked: as the calendar's exceptions say, else Monday to Friday."""
    return special.get(day, day.weekday() < _SATURDAY)


def add_working_days(at: datetime, days: int) -> datetime:
    """The end of the last of ``days`` working days after the day of ``at``."""
    day = local_day(at)
    window = (day, day + timedelta(days=days * 3 + 20))
    rows = CalendarDay.objects.filter(day__range=window).values_list("day", "works")
    return last_working_moment(day, days, dict(rows))


def last_working_moment(day: date, days: int, special: dict[date, bool]) -> datetime:
    """The end, 24:00 local, of the n-th working day after a day; in UTC offsets of the town."""
    left = days
    while left > 0:
        day += timedelta(days=1)
        left -= is_working_day(day, special)
    return datetime.combine(day + timedelta(days=1), time.min, LOCAL)


def is_school_time(at: datetime, place_path: str) -> bool:
    """Whether children are on their way to or from a school about a place, or in its yard."""
    day = local_day(at)
    terms = SchoolTerm.objects.filter(first_day__lte=day, last_day__gte=day)
    here = [term for term in terms if place_path.startswith(term.place_path)]
    special = dict(CalendarDay.objects.filter(day=day).values_list("day", "works"))
    return is_working_day(day, special) and any(is_within(at, term.hours) for term in here)


def is_within(at: datetime, hours: Iterable[Sequence[str]]) -> bool:
    """Whether a moment's local time lies in one of the pairs of "HH:MM", the end left out."""
    now = at.astimezone(LOCAL).time()
    return any(time.fromisoformat(start) <= now < time.fromisoformat(end) for start, end in hours)


def load_school_terms(tx: Tx, source: str, terms: Iterable[Mapping[str, Any]]) -> int:
    """Write school terms as dated rows, those that are known as they are; returns how many are new.

    Args:
        terms: name, place_path, first_day, last_day and hours of each.
    """
    known = set(SchoolTerm.objects.values_list("place_path", "name"))
    rows = [SchoolTerm(source=source, **term) for term in terms]
    fresh = [row for row in rows if (row.place_path, row.name) not in known]
    SchoolTerm.objects.bulk_create(fresh)
    if fresh:
        facts = {"terms": [row.name for row in fresh], "source": source}
        record(tx, Fact("school_terms.loaded", "town", tx.actor.id, payload=facts))
    return len(fresh)


def load_calendar(tx: Tx, years: range) -> int:
    """Write the exceptions of the package's years as dated rows; returns how many are new."""
    source = "chinesecalendar"
    holidays: dict[date, object] = dict(chinese_calendar.constants.holidays)
    swapped: dict[date, object] = dict(chinese_calendar.constants.workdays)
    rows = [
        CalendarDay(day=d, works=False, name=str(n), source=source)
        for d, n in holidays.items()
        if d.year in years
    ]
    rows += [
        CalendarDay(day=d, works=True, name=str(n), source=source)
        for d, n in swapped.items()
        if d.year in years
    ]
    known = set(CalendarDay.objects.values_list("day", flat=True))
    fresh = [row for row in rows if row.day not in known]
    CalendarDay.objects.bulk_create(fresh)
    if fresh:
        facts = {"days": len(fresh), "source": source, "years": [years.start, years.stop - 1]}
        record(tx, Fact("calendar.loaded", "town", tx.actor.id, payload=facts))
    return len(fresh)
