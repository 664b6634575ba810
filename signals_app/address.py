"""The explorer's address: every state of the explorer is a link.

`query, column, order, viz, start, end, paused` mean what they mean in the product this one follows; `start` and
`end` are epoch milliseconds. `range` is ours: a window that ends now, such as `7d`. It wins over `start` and `end`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from search_app.index import Page, Window


class Preset(NamedTuple):
    """A window that ends now."""

    name: str
    label: str
    span: timedelta


PRESETS = (
    Preset("15m", "Past 15 minutes", timedelta(minutes=15)),
    Preset("1h", "Past hour", timedelta(hours=1)),
    Preset("4h", "Past 4 hours", timedelta(hours=4)),
    Preset("1d", "Past day", timedelta(days=1)),
    Preset("2d", "Past 2 days", timedelta(days=2)),
    Preset("7d", "Past 7 days", timedelta(days=7)),
    Preset("15d", "Past 15 days", timedelta(days=15)),
    Preset("30d", "Past 30 days", timedelta(days=30)),
    Preset("90d", "Past 90 days", timedelta(days=90)),
)
PRESET_NAMED = {preset.name: preset for preset in PRESETS}
DEFAULT_RANGE = "7d"
DEFAULT_COLUMN = "time"
ORDERS = ("asc", "desc")


@dataclass(frozen=True)
class Address:
    """What the explorer's address says. `start` and `end` are set when the window is fixed, `range` when it moves."""

    query: str = ""
    range: str = DEFAULT_RANGE
    start: datetime | None = None
    end: datetime | None = None
    column: str = DEFAULT_COLUMN
    order: str = "desc"
    paused: bool = False
    after: str = ""

    def window(self, now: datetime) -> Window:
        """The window of time looked at, half open; a moving one ends just after `now`."""
        if self.start and self.end:
            return Window(self.start, self.end)
        end = now + timedelta(seconds=1)
        return Window(end - PRESET_NAMED[self.range].span, end)

    @property
    def time_label(self) -> str:
        """The words on the time picker's button for a moving window; empty for a fixed one."""
        return "" if self.start else PRESET_NAMED[self.range].label

    @property
    def page(self) -> Page:
        return Page(sort=self.column, descending=self.order == "desc", after=self.after)

    def to(self, **changes: Any) -> Self:
        """The same explorer with something changed, from its first page on."""
        return replace(self, **{"after": "", **changes})

    def sorted_by(self, column: str) -> Self:
        """Sorted by that column: downwards first, the other way when it is sorted downwards already."""
        downwards = not (self.column == column and self.order == "desc")
        return self.to(column=column, order="desc" if downwards else "asc")

    def params(self) -> dict[str, str]:
        """The parameters, without those that say what would be so anyway."""
        params = {"query": self.query}
        if self.start and self.end:
            params |= {"start": epoch_ms(self.start), "end": epoch_ms(self.end)}
        elif self.range != DEFAULT_RANGE:
            params["range"] = self.range
        if (self.column, self.order) != (DEFAULT_COLUMN, "desc"):
            params |= {"column": self.column, "order": self.order}
        params |= {"paused": "true" if self.paused else "", "after": self.after}
        return {name: value for name, value in params.items() if value}

    def __str__(self) -> str:
        """`?query=…&range=…` to hang on a path; empty when everything is as usual."""
        params = self.params()
        return f"?{urlencode(params)}" if params else ""


def epoch_ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def from_epoch_ms(value: int) -> datetime:
    """Raises ValueError or OverflowError for a number that is no time."""
    return datetime.fromtimestamp(value / 1000, tz=UTC)
