"""Bar charts over time as SVG: the geometry, no markup. Templates draw what this computes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

WIDTH, HEIGHT = 1000, 100  # units of the picture's own grid; CSS stretches it
GAP = 0.16  # of a bar's width
DAY = 86_400  # seconds
TICK_STEPS = (  # seconds
    *(1, 5, 10, 15, 30),
    *(60 * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *(DAY * n for n in (1, 2, 5, 7, 14, 30, 90, 365, 3650)),
)
MOST_TICKS = 7
EDGE = 7  # percent of the width
STEPS = (1, 5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800)  # seconds


@dataclass(frozen=True)
class Stack:
    """One bar: what was counted in `[start, end)`, by the name of the stack's part."""

    start: datetime
    end: datetime
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Row:
    """A bar that is not empty, for the table that screen readers read: counts in the order of the chart's layers."""

    start: datetime
    end: datetime
    counts: Sequence[int]

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return int(self.end.timestamp() * 1000)


@dataclass(frozen=True)
class Layer:
    """All bars of one part of the stacks, as a single path."""

    name: str
    label: str
    path: str


@dataclass(frozen=True)
class Tick:
    """A label under the axis: `x` in percent of the width."""

    x: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart."""

    start: datetime
    end: datetime
    layers: Sequence[Layer]
    ticks: Sequence[Tick]
    rows: Sequence[Row]
    top: int

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return int(self.end.timestamp() * 1000)


def draw(stacks: Iterable[Stack], start: datetime, end: datetime, parts: Sequence[tuple[str, str]]) -> Chart:
    """Draw stacks over the window. `parts` names the stack's parts (name, label) from the bottom up."""
    stacks = [stack for stack in stacks if stack.total and stack.end > start and stack.start < end]
    top = max((stack.total for stack in stacks), default=0)
    span = (end - start).total_seconds()
    paths: dict[str, list[str]] = {name: [] for name, _ in parts}
    for stack in stacks:
        left = max((stack.start - start).total_seconds(), 0) / span * WIDTH
        right = min((stack.end - start).total_seconds(), span) / span * WIDTH
        bar = (right - left) * (1 - GAP)
        level = float(HEIGHT)
        for name, _ in parts:
            if count := stack.counts.get(name, 0):
                tall = max(count / top * HEIGHT, 1.5)  # one among thousands is still to be seen
                level -= tall
                paths[name].append(f"M{left:.1f} {level:.1f}h{bar:.2f}v{tall:.1f}h-{bar:.2f}z")
    layers = [Layer(name, label, "".join(paths[name])) for name, label in parts if paths[name]]
    rows = [Row(s.start, s.end, [s.counts.get(layer.name, 0) for layer in layers]) for s in stacks]
    return Chart(start, end, layers, ticks(start, end), rows, top)


def step_for(span: timedelta, bars: int = 48) -> int:
    """A round number of seconds that cuts the span into about so many bars."""
    wanted = span.total_seconds() / bars
    return next((step for step in STEPS if step >= wanted), STEPS[-1])


def ticks(start: datetime, end: datetime) -> list[Tick]:
    """Labels at round moments of the time zone in force, few enough to stand side by side on a phone."""
    span = (end - start).total_seconds()
    step = next((step for step in TICK_STEPS if span / step <= MOST_TICKS), TICK_STEPS[-1])
    pattern = "%b %-d" if step >= DAY else "%b %-d %H:%M" if span > DAY else "%H:%M" if step >= 60 else "%H:%M:%S"
    first, last = timezone.make_naive(start), timezone.make_naive(end)
    mark = first.replace(hour=0, minute=0, second=0, microsecond=0)
    mark += timedelta(seconds=math.ceil((first - mark).total_seconds() / step) * step)
    marks = []
    while mark < last:
        share = (mark - first).total_seconds() / span * 100
        if EDGE < share < 100 - EDGE:  # a label at the very edge would be cut
            marks.append(Tick(f"{share:.2f}%", mark.strftime(pattern)))
        mark += timedelta(seconds=step)
    return marks
