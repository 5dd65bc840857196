# SPDX-License-Identifier: Apache-2.0
"""Local days and working days. Holidays and swapped days are dated data, not code."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

from jiedao.base.database import Tx
from jiedao.town.models import CalendarDay
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
