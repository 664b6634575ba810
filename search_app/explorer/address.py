"""An explorer's address: every state of an explorer is a link, and a saved view holds the same.

`query, column, order, viz, start, end, paused` mean what they mean in the product this one follows; `start` and
`end` are epoch milliseconds. The rest is ours: `range` is a window that ends now, such as `7d`, and wins over
`start` and `end`, unless it is paused: then they say where it stands, and it says how it goes on. `cols` and `facets`
are what is shown, `timeline` and `agg` what is shown how, and `group`, `unique` and `limit` are the settings of the
charts. `view` is the saved view that is open; it stands alone for the view as it was saved, and beside a view the
window of time is always named, so that the two can be told apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Self
from urllib.parse import quote_plus

from search_app.explorer.spans import span_label, span_of
from search_app.index import Page, Window

_quoted = lru_cache(maxsize=1000)(quote_plus)  # the links of a page say the same few things a hundred times


class Preset(NamedTuple):
    """A window that ends now, to choose with one click."""

    name: str
    label: str
    span: timedelta


class Viz(NamedTuple):
    """A way to draw what was found."""

    name: str
    label: str


PRESETS = tuple(
    Preset(name, span_label(name), span_of(name)) for name in ("15m", "1h", "4h", "1d", "2d", "7d", "15d", "30d", "90d")
)
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
    counted, where empty counts rows; `by_rule` is *Aggregate by detection rule*. `usual` is the range of an address
    of this explorer that names none.
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
    view: str = ""
    usual: str = field(default=DEFAULT_RANGE, compare=False)

    def window(self, now: datetime) -> Window:
        """The window of time looked at, half open; a moving one ends just after `now`."""
        if self.start and self.end:
            return Window(self.start, self.end)
        end = now + timedelta(seconds=1)
        return Window(end - span_of(self.range), end)

    @property
    def time_label(self) -> str:
        """The words on the time picker's button for a moving window; empty for a fixed one."""
        return "" if self.start else span_label(self.range)

    @property
    def is_live(self) -> bool:
        """Whether what is shown moves on with the clock."""
        return not self.start and not self.paused

    def paused_at(self, now: datetime) -> Self:
        """The moving window where it stands now, on the page that is shown."""
        end = now + timedelta(milliseconds=1)  # addresses know no shorter time
        return replace(self, start=end - span_of(self.range), end=end, paused=True)

    @property
    def page(self) -> Page:
        return Page(sort=self.column, descending=self.order == "desc", after=self.after)

    def to(self, **changes: Any) -> Self:
        """The same explorer with something changed, from its first page on."""
        if unknown := changes.keys() - self.__dict__.keys():
            raise TypeError(f"An address has no {', '.join(unknown)}.")
        changed = object.__new__(type(self))  # a page has eighty links, and `replace` looks at each field by itself
        changed.__dict__.update(self.__dict__, **{"after": "", **changes})
        return changed

    def as_saved(self) -> Self:
        """What a view holds of it: not the page one is on, and a window that was stopped moves on."""
        moving = {"start": None, "end": None} if self.paused else {}
        return self.to(view="", paused=False, **moving)

    def sorted_by(self, column: str) -> Self:
        """Sorted by that column: downwards first, the other way when it is sorted downwards already."""
        downwards = not (self.column == column and self.order == "desc")
        return self.to(column=column, order="desc" if downwards else "asc")

    def params(self) -> dict[str, str]:
        """The parameters, without those that say what would be so anyway."""
        params = {"query": self.query}
        if self.start and self.end:
            params |= {"start": epoch_ms(self.start), "end": epoch_ms(self.end)}
        if (self.paused or not self.start) and (self.range != self.usual or self.view):
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
            "view": self.view,
        }
        return {name: value for name, value in params.items() if value}

    def __str__(self) -> str:
        """`?query=…&range=…` to hang on a path; empty when everything is as usual."""
        params = self.params()
        return "?" + "&".join(f"{name}={_quoted(value)}" for name, value in params.items()) if params else ""


def epoch_ms(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def from_epoch_ms(value: int) -> datetime:
    """Raises ValueError or OverflowError for a number that is no time."""
    return datetime.fromtimestamp(value / 1000, tz=UTC)
