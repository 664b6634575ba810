"""Charts over time as SVG: the geometry, no markup. Templates draw what this computes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 1000, 100  # units of the picture's own grid; CSS stretches it
GAP = 0.16  # of a bar's width
LEAST = 1.5  # units: one among thousands is still to be seen
DAY = 86_400  # seconds
TICK_STEPS = (  # seconds
    *(1, 5, 10, 15, 30),
    *(60 * n for n in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720)),
    *(DAY * n for n in (1, 2, 5, 7, 14, 30, 90, 365, 3650)),
)
MOST_TICKS = 7
EDGE = 7  # percent of the width
STEPS = (1, 5, 10, 15, 30, 60, 300, 600, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 604_800)  # seconds


class Stack(NamedTuple):
    """One bar: what was counted in `[start, end)`, by the name of the stack's part."""

    start: datetime
    end: datetime
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


class Row(NamedTuple):
    """A bar that is not empty, for the table that screen readers read: counts in the order of the chart's layers.

    `words` say when the bar begins, in the person's time zone.
    """

    start: datetime
    end: datetime
    words: str
    counts: Sequence[int]

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return int(self.end.timestamp() * 1000)

    @property
    def cells(self) -> SafeString:
        """The counts as cells of a table: a chart has thousands, too many to be drawn one by one."""
        return SafeString("".join([f"<td>{count:d}</td>" for count in self.counts]))  # nothing but numbers


@dataclass(frozen=True)
class Layer:
    """All bars of one part of the stacks, or its line, as a single path."""

    name: str
    label: str
    path: str


@dataclass(frozen=True)
class Tick:
    """A label under the axis: `x` in percent of the width."""

    x: str
    label: str


@dataclass(frozen=True)
class Level:
    """A line across the chart: `y` in percent from its top, `label` the number that it stands for."""

    y: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart. `mark` says what the paths are: areas to `fill`, or a `line`. `top` is its highest number."""

    start: datetime
    end: datetime
    layers: Sequence[Layer]
    ticks: Sequence[Tick]
    rows: Sequence[Row]
    top: int
    levels: Sequence[Level] = ()
    mark: str = "fill"

    @property
    def start_ms(self) -> int:
        return int(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return int(self.end.timestamp() * 1000)


Parts = Sequence[tuple[str, str]]  # (name, label)


def draw(stacks: Iterable[Stack], start: datetime, end: datetime, parts: Parts, *, levels: int = 0) -> Chart:
    """Draw stacks over the window. `parts` names the stack's parts from the bottom up.

    With `levels` the scale ends at a round number and has at most so many lines across.
    """
    shown = _filled(stacks, start, end)
    highest = max((stack.total for stack in shown), default=0)
    top, across = _scale(highest, levels)
    paths: dict[str, list[str]] = {name: [] for name, _ in parts}
    for stack in shown:
        left, right = _edges(stack, start, end)
        bar = (right - left) * (1 - GAP)
        begin, forth, back = f"M{left:.1f} ", f"h{bar:.2f}v", f"h-{bar:.2f}z"
        level = float(HEIGHT)
        for name, _ in parts:
            if count := stack.counts.get(name, 0):
                tall = max(count / top * HEIGHT, LEAST)
                level -= tall
                paths[name].append(f"{begin}{level:.1f}{forth}{tall:.1f}{back}")
    return _chart(shown, start, end, parts, paths, highest, across, "fill")


def draw_lines(stacks: Sequence[Stack], start: datetime, end: datetime, parts: Parts, *, levels: int) -> Chart:
    """Draw a line for each part, through the middle of every bar: for counts that do not add up."""
    highest = max((count for stack in stacks for count in stack.counts.values()), default=0)
    top, across = _scale(highest, levels)
    middles = [sum(_edges(stack, start, end)) / 2 for stack in stacks]
    paths: dict[str, list[str]] = {}
    for name, _ in parts:
        heights = [HEIGHT - stack.counts.get(name, 0) / max(top, 1) * HEIGHT for stack in stacks]
        points = [f"{x:.1f} {y:.1f}" for x, y in zip(middles, heights, strict=True)]
        paths[name] = [f"M{points[0]}h0", *(f"L{point}" for point in points[1:])]  # h0: a lone point is a dot
    return _chart(_filled(stacks, start, end), start, end, parts, paths, highest, across, "line")


def sparkline(counts: Sequence[int]) -> str:
    """Counts side by side as one path of bars; each row of a table has its own scale."""
    top, width = max(counts, default=0), WIDTH / max(len(counts), 1)
    bars = [(place, max(count / top * HEIGHT, LEAST * 4)) for place, count in enumerate(counts) if count]
    return "".join(
        f"M{place * width:.0f} {HEIGHT}v-{tall:.0f}h{width * (1 - GAP):.0f}v{tall:.0f}z" for place, tall in bars
    )


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


def levels_of(highest: int, most: int) -> list[int]:
    """Round numbers above zero at equal distances, at most so many; the last is not below the highest."""
    if highest < 1 or most < 1:
        return []
    rounds = (factor * 10**power for power in range(20) for factor in (1, 2, 5))
    step = next(step for step in rounds if highest <= step * most)
    return [step * place for place in range(1, math.ceil(highest / step) + 1)]


def _scale(highest: int, most: int) -> tuple[int, list[Level]]:
    """The number at the upper edge, and the lines across."""
    numbers = levels_of(highest, most)
    top = numbers[-1] if numbers else highest
    return top, [Level(f"{100 - number / top * 100:.2f}%", f"{number:,}") for number in numbers]


def _filled(stacks: Iterable[Stack], start: datetime, end: datetime) -> list[Stack]:
    return [stack for stack in stacks if stack.total and stack.end > start and stack.start < end]


def _edges(stack: Stack, start: datetime, end: datetime) -> tuple[float, float]:
    """Where a bar begins and ends; a bar that reaches beyond the window is cut."""
    span = (end - start).total_seconds()
    left = max((stack.start - start).total_seconds(), 0) / span * WIDTH
    right = min((stack.end - start).total_seconds(), span) / span * WIDTH
    return left, right


def _chart(
    shown: Sequence[Stack],
    start: datetime,
    end: datetime,
    parts: Parts,
    paths: Mapping[str, Sequence[str]],
    highest: int,
    levels: Sequence[Level],
    mark: str,
) -> Chart:
    layers = [Layer(name, label, "".join(paths[name])) for name, label in parts if paths[name]]
    zone, names = timezone.get_current_timezone(), [layer.name for layer in layers]
    rows = [
        Row(
            stack.start,
            stack.end,
            _begin_words(stack.start, zone),
            [stack.counts.get(name, 0) for name in names],
        )
        for stack in shown
    ]
    return Chart(start, end, layers, ticks(start, end), rows, highest, levels, mark)


@lru_cache(maxsize=10_000)
def _begin_words(moment: datetime, zone: tzinfo) -> str:
    """When a bar begins: bars begin at round moments, and the same ones are drawn again and again."""
    return moment.astimezone(zone).strftime("%b %-d, %Y, %H:%M:%S")
