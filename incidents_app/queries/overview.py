"""Where all incidents stand, as far as the actor sees them. Rehearsals are left out of every figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from accounts_app.access import Actor
from incidents_app.explorer import EXPLORER, USUAL
from incidents_app.fields import RANKED
from incidents_app.models import Incident, Severity, State
from search_app.explorer import Address
from search_app.explorer.drawing import Level, levels_of

MONTHS = 12
WIDTH, HEIGHT, GAP = 640, 160, 6  # of the chart, in its own units
LINES = 4  # across it, at most
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
UNITS = ((2 * DAY, DAY, "d"), (2 * HOUR, HOUR, "h"), (timedelta(), MINUTE, "min"))  # from which length on, the unit


@dataclass(frozen=True)
class Line:
    """How many incidents of one severity are not over, by state, and where they are listed."""

    severity: Severity
    active: int
    stable: int
    url: str

    @property
    def total(self) -> int:
        return self.active + self.stable


@dataclass(frozen=True)
class Month:
    """How many incidents were resolved in a month, and the mean of the times from detection to that.

    `x`, `y`, `width` and `height` are the bar's place in the chart, `middle` where its label stands, in percent.
    """

    begin: datetime
    resolved: int
    mean: timedelta | None
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> str:
        return f"{(self.x + self.width / 2) / WIDTH * 100:.2f}%"


def overview(actor: Actor) -> dict[str, Any]:
    """The open incidents by severity and state, and the last twelve months with their mean time to resolve."""
    real = Incident.objects.counted_for(actor)
    open_ones = real.exclude(state=State.RESOLVED)
    counts = {
        (severity, state): count
        for severity, state, count in open_ones.order_by()
        .values_list("severity", "state")
        .annotate(count=Count("pk"))
        .values_list("severity", "state", "count")
    }
    lines = [
        Line(
            severity,
            counts.get((severity, State.ACTIVE), 0),
            counts.get((severity, State.STABLE), 0),
            f"{EXPLORER.path}{Address(query=f'severity:{severity.value} -state:resolved -test:true', range=USUAL)}",
        )
        for severity in reversed(RANKED)
    ]
    months, levels = _months(real)
    return {
        "lines": lines,
        "open_total": sum(line.total for line in lines),
        "leaderless": open_ones.filter(commander=None).count(),
        "affecting": open_ones.filter(customer_impacted=True).count(),
        "most": max((line.total for line in lines), default=0),
        "months": months,
        "width": WIDTH,
        "height": HEIGHT,
        "levels": levels,
    }


def _months(incidents: Any) -> tuple[list[Month], list[Level]]:
    """The last months, oldest first, and the lines across their chart: none where nothing was resolved.

    The months are those of the person's own calendar.
    """
    begins = [_first_of_month(timezone.localtime(), back) for back in range(MONTHS - 1, -1, -1)]
    took: dict[datetime, list[timedelta]] = {begin: [] for begin in begins}
    resolved = incidents.filter(resolved_at__gte=begins[0]).values_list("detected_at", "resolved_at")
    for detected_at, resolved_at in resolved:
        begin = _first_of_month(timezone.localtime(resolved_at), 0)
        if begin in took:
            took[begin].append(resolved_at - detected_at)
    means = {begin: sum(spans, timedelta()) / len(spans) if spans else None for begin, spans in took.items()}
    longest = max((mean for mean in means.values() if mean), default=None)
    top, levels = _scale(longest) if longest else (None, [])
    width = WIDTH // MONTHS
    months = []
    for number, begin in enumerate(begins):
        mean = means[begin]
        height = max(round(HEIGHT * (mean / top)), 2) if mean and top else 0
        months.append(Month(begin, len(took[begin]), mean, number * width, HEIGHT - height, width - GAP, height))
    return months, levels


def _scale(longest: timedelta) -> tuple[timedelta, list[Level]]:
    """The length of time at the chart's upper edge, which is a round one, and the lines across."""
    unit, name = next((unit, name) for least, unit, name in UNITS if longest >= least)
    numbers = levels_of(math.ceil(longest / unit), LINES)
    return numbers[-1] * unit, [
        Level(f"{100 - 100 * number / numbers[-1]:.2f}%", f"{number:,} {name}") for number in numbers
    ]


def _first_of_month(moment: datetime, back: int) -> datetime:
    """The beginning of the month that lies so many before this moment's."""
    months = moment.year * 12 + moment.month - 1 - back
    naive = datetime(months // 12, months % 12 + 1, 1)
    return timezone.make_aware(naive, timezone.get_current_timezone())
