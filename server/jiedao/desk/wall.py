# SPDX-License-Identifier: Apache-2.0
"""What the wall shows beside the open matters: today in figures. Queries only.

Every figure counts rows that anyone in the duty room may open, of the acting party's area. The
day is the town's. Merged matters are one matter and counted once; false alarms are not matters.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import ExtractHour, TruncDate

from jiedao.cameras.models import CameraHealth
from jiedao.desk import devices
from jiedao.dispatch import store as dispatch
from jiedao.matters.models import Matter, Task
from jiedao.town.calendar import LOCAL, local_day
from jiedao.town.models import Appointment

#: The hours of today are held against those of so many days before.
DAYS_COMPARED = 28
TYPES_SHOWN = 4
NO_MATTER = ("merged", "false_alarm")
ENDED = ("closed", "rated")


def figures(now: datetime) -> dict[str, Any]:
    """Today so far, the same part of the same weekday before it, and the hours of the day."""
    today = datetime.combine(local_day(now), time.min, LOCAL)
    week = timedelta(days=7)
    return {
        "at": now,
        "today": _span(today, now),
        "week_ago": _span(today - week, now - week),
        "workers": _workers(now),
        "hours": _hours(today, now),
        "usual_hours": _usual_hours(today),
        "types": _types(today, now),
        "cameras": devices.camera_counts(now),
        "loudspeakers": devices.loudspeaker_counts(),
        "troubles": _troubles(),
    }


def _opened(since: datetime, until: datetime) -> Any:
    """Matters opened in a span; row security has the last word on which."""
    return Matter.objects.filter(opened_at__gte=since, opened_at__lt=until).exclude(
        state__in=NO_MATTER
    )


def _span(since: datetime, until: datetime) -> dict[str, Any]:
    """Matters opened in a span, how many of them are closed, and how soon somebody was there."""
    rows = _opened(since, until).aggregate(
        opened=Count("id"), closed=Count("id", filter=Q(state__in=ENDED))
    )
    arrivals = (
        Task.objects.filter(matter__in=_opened(since, until), arrived_at__isnull=False)
        .values("matter__opened_at", "matter_id")
        .annotate(first=Min("arrived_at"))
        .values_list("matter__opened_at", "first")
    )
    took_s = [(first - opened).total_seconds() for opened, first in arrivals]
    return {**rows, "arrived": len(took_s), "response_s": median(took_s) if took_s else None}


def _workers(now: datetime) -> dict[str, int]:
    day = local_day(now)
    posts = Appointment.objects.filter(role="worker", valid_from__lte=day)
    total = posts.exclude(valid_to__lt=day).values("party_id").distinct().count()
    return {"on_duty": len(dispatch.on_duty(day)), "total": total}


def _hours(today: datetime, now: datetime) -> list[int]:
    """Matters opened in each hour of today, up to the present one."""
    counts = dict(_by_hour(today, now).values_list("hour", "n"))
    return [counts.get(hour, 0) for hour in range(now.astimezone(LOCAL).hour + 1)]


def _usual_hours(today: datetime) -> list[float] | None:
    """The middle of each hour's counts over the days before; None while there is no full day."""
    since = today - timedelta(days=DAYS_COMPARED)
    days = _by_hour(since, today).annotate(day=TruncDate("opened_at", tzinfo=LOCAL))
    return usual(list(days.values_list("day", "hour", "n")))


def _by_hour(since: datetime, until: datetime) -> Any:
    hour = ExtractHour("opened_at", tzinfo=LOCAL)
    return _opened(since, until).annotate(hour=hour).values("hour").annotate(n=Count("id"))


def usual(counts: Sequence[tuple[object, int, int]]) -> list[float] | None:
    """The middle of each hour's counts over all days that have any; None without a day.

    Args:
        counts: (day, hour 0..23, how many); hours without any are left out.
    """
    days: dict[object, list[int]] = {}
    for day, hour, n in counts:
        days.setdefault(day, [0] * 24)[hour] += n
    if not days:
        return None
    return [float(median(day[hour] for day in days.values())) for hour in range(24)]


def _types(today: datetime, now: datetime) -> list[dict[str, Any]]:
    """The most frequent items of today."""
    rows = _opened(today, now).values("item", "title").annotate(n=Count("id"))
    return list(rows.order_by("-n", "item")[:TYPES_SHOWN])


def _troubles() -> list[dict[str, Any]]:
    """Own cameras that give no usable picture, those in trouble for longest first."""
    rows = CameraHealth.objects.filter(
        state__in=[CameraHealth.STALE, CameraHealth.OFFLINE], camera__registered_only=False
    )
    found = rows.select_related("camera").order_by("since")[:TYPES_SHOWN]
    return [
        {"name": one.camera.name, "state": one.state, "why": one.code, "since": one.since}
        for one in found
    ]
