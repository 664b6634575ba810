"""An explorer's address: every state of an explorer is a link, and a saved view holds the same.

`query, column, order, viz, start, end, paused` mean what they mean in the product this one follows; `start` and
`end` are epoch milliseconds. The rest is ours: `range` is a window that ends now, such as `7d`, and wins over
`start` and `end`; `cols` and `facets` are what is shown, `timeline` and `agg` what is shown how, and `group`,
`unique` and `limit` are the settings of the charts.
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


class Viz(NamedTuple):
    """A way to draw what was found."""

    name: str
    label: str


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
LIST = "stream"
VIZ = (Viz(LIST, "List"), Viz("timeseries", "Timeseries"), Viz("toplist", "Top List"), Viz("table", "Table"))
LIMITS = (5, 10, 25, 50, 100)
DEFAULT_LIMIT = 10


@dataclass(frozen=True)
class Address:
    """What an explorer's address says. `start` and `end` are set when the window is fixed, `range` when it moves.

    `cols` and `facets` are empty for the explorer's own; `unique` names the field whose different values are
    counted, where empty counts rows; `by_rule` is *Aggregate by detection rule*.
    """

    query: str = ""
    range: str = DEFAULT_RANGE
    start: datetime | None = None
    end: datetime | None = None
    column: str = DEFAULT_COLUMN
    order: str = "desc"
    cols: tuple[str, ...] = ()
    viz: str = LIST
    group: tuple[str, ...] = ()
    unique: str = ""
    limit: int = DEFAULT_LIMIT
    by_rule: bool = False
    timeline: bool = True
    facets: tuple[str, ...] = ()
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
    def is_live(self) -> bool:
        """Whether what is shown moves on with the clock."""
        return not self.start and not self.paused

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
        params |= {
            "cols": ",".join(self.cols),
            "viz": "" if self.viz == LIST else self.viz,
            "group": ",".join(self.group),
            "unique": self.unique,
            "limit": "" if self.limit == DEFAULT_LIMIT else str(self.limit),
            "agg": "rule" if self.by_rule else "",
            "timeline": "" if self.timeline else "off",
            "facets": ",".join(self.facets),
            "paused": "true" if self.paused else "",
            "after": self.after,
        }
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
