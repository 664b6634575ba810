"""Charts in the place of the list: rows counted by the values of up to two facets, in all or over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from accounts_app.access import Actor
from search_app.explorer.address import LIMITS, LIST, VIZ, Address
from search_app.explorer.drawing import Chart, Stack, draw, draw_lines, sparkline
from search_app.explorer.spec import Explorer
from search_app.fields import Field
from search_app.index import Explored, Window
from search_app.index.analyse import MAX_FIELDS, Analysed, analyse, groupable_fields
from search_app.index.engine import Engine
from search_app.index.explore import engine_of
from search_app.index.scope import Scope
from search_app.language import Is, Node, Not, edit, to_text
from search_app.language.nodes import all_of, top_terms

TIMESERIES, TOP_LIST, TABLE = "timeseries", "toplist", "table"
LEVELS = 4  # lines across a chart
OTHERS = "others"


class Choice(NamedTuple):
    """One way to set something: `value` is what a form sends for it, `url` where a link to it leads."""

    label: str
    value: str
    current: bool
    url: str = ""


@dataclass(frozen=True)
class Line:
    """One group: its values in words, its measure, and where clicks on it lead.

    `key` is what its colour goes by; `share` is its part of everything, `width` its part of the largest group, both
    in percent. `only` and `exclude` change the query, `rows` lists what was counted, `spark` is a path over time.
    """

    key: str
    labels: Sequence[str]
    count: int
    share: str
    width: str
    only: str
    exclude: str
    rows: str
    spark: str

    @property
    def label(self) -> str:
        return " · ".join(self.labels)

    @property
    def number(self) -> str:
        return f"{self.count:,}"


class Others(NamedTuple):
    """The groups beyond the limit, and what is in them: nothing is said of it where groups share what they count."""

    label: str
    number: str = ""
    share: str = ""


class Drill:
    """Where clicks on groups of these fields lead: to the same explorer with another query.

    A chart has hundreds of such links. Nearly always the new text is an old one with terms behind it, and then they
    are made without a tree for each; `_by_trees` says what they mean.
    """

    def __init__(self, explorer: Explorer, fields: Sequence[Field], tree: Node, address: Address) -> None:
        self.names = [field.name for field in fields]
        self.tree = self.rest = tree
        for name in self.names:
            self.rest = edit.without(self.rest, name)
        self._named = {value for name in self.names for value in edit.values_of(tree, name)}
        self._named |= {value for name in self.names for value in edit.excluded_values_of(tree, name)}
        self._head = f"{explorer.path}?query="
        self._here, self._list = (_tail(to) for to in (address, address.to(viz=LIST, by_rule=False)))
        self._alone, self._beside = _before(self.rest), _before(tree)

    def only(self, values: Sequence[str]) -> str:
        """The same chart of nothing but this group. `values` is text of the query language, one of each field."""
        return f"{self._head}{self._within(values)}{self._here}"

    def rows(self, values: Sequence[str]) -> str:
        """The list of what is in this group."""
        return f"{self._head}{self._within(values)}{self._list}"

    def exclude(self, values: Sequence[str]) -> str:
        """The same chart without this group."""
        if _is_odd(values) or not self._named.isdisjoint(values):
            return f"{self._head}{quote_plus(to_text(self._by_trees(values)[1]))}{self._here}"
        terms = self._text(values)
        return f"{self._head}{self._beside}-{quote_plus(terms if len(values) == 1 else f'({terms})')}{self._here}"

    def _within(self, values: Sequence[str]) -> str:
        if not values:
            return quote_plus(to_text(self.rest))
        if _is_odd(values):
            return quote_plus(to_text(self._by_trees(values)[0]))
        return f"{self._alone}{quote_plus(self._text(values))}"

    def _text(self, values: Sequence[str]) -> str:
        return " ".join(f"{name}:{value}" for name, value in zip(self.names, values, strict=True))

    def _by_trees(self, values: Sequence[str]) -> tuple[Node, Node]:
        """What has only this group, and what has all but it."""
        terms = [Is(name, (edit.read_value(value),)) for name, value in zip(self.names, values, strict=True)]
        within = all_of(*top_terms(self.rest), *terms)
        if len(terms) == 1:
            return within, edit.exclude(self.tree, self.names[0], values[0])
        return within, all_of(*top_terms(self.tree), Not(all_of(*terms)))


def _is_odd(values: Sequence[str]) -> bool:
    """Whether a value would be read otherwise behind the colon of a field."""
    return any(value.startswith((":", "//")) for value in values)


def _before(tree: Node) -> str:
    """The text of a query that more terms are to stand behind, quoted."""
    probe = to_text(all_of(*top_terms(tree), Is("_", (edit.read_value("_"),))))
    return quote_plus(probe.removesuffix("_:_"))


def _tail(address: Address) -> str:
    """What follows the query in an address."""
    params = str(address.to(query="")).removeprefix("?")
    return f"&{params}" if params else ""


def at_one_moment(explorer: Explorer, actor: Actor, tree: Node, window: Window) -> Callable[[Scope], Engine]:
    """An engine to pass to `explore` and `charted`, so that both count the same rows."""
    surface = explorer.surface
    engine = engine_of(surface)(Scope.of(surface, actor, tree, window))
    return lambda scope: engine


def wants_timeline(address: Address) -> bool:
    """Whether rows have to be counted over time: to show the timeline, or what a chart leaves out of each bar."""
    return address.timeline or address.viz == TIMESERIES


def switches(explorer: Explorer, address: Address) -> dict[str, Any]:
    """*Visualise as*, and whether the timeline is shown: links that change nothing else."""
    path = explorer.path
    ways = []
    for viz in VIZ:
        group = address.group or (explorer.grouped if viz.name in (TOP_LIST, TABLE) else ())
        url = f"{path}{address.to(viz=viz.name, group=group)}"
        ways.append(Choice(viz.label, viz.name, viz.name == address.viz, url))
    return {"visualise": ways, "timeline_url": f"{path}{address.to(timeline=not address.timeline)}"}


def charted(
    explorer: Explorer,
    actor: Actor,
    tree: Node,
    window: Window,
    address: Address,
    explored: Explored,
    engine: Callable[[Scope], Engine],
) -> dict[str, Any]:
    """One chart and the settings above it.

    `explored` is the same engine's answer, with a timeline where `wants_timeline` says so. Raises what `analyse` does.
    """
    analysed = analyse(
        explorer.surface,
        actor,
        tree,
        window,
        group_by=address.group,
        unique=address.unique,
        limit=address.limit,
        over_time=address.viz in (TIMESERIES, TABLE),
        engine=engine,
    )
    fields = [explorer.surface.table[name] for name in address.group]
    measured = explorer.surface.table[address.unique] if address.unique else None
    adds_up = not measured and not any(field.many for field in fields)
    lines = draw_groups(explorer, tree, address, fields, analysed)
    return {
        "is_top_list": address.viz == TOP_LIST,
        "has_sparks": address.viz == TABLE,
        "title": _title(explorer, fields, measured),
        "heads": [field.label for field in fields],
        "measure": "Different values" if measured else explorer.nouns.capitalize(),
        "lines": lines,
        "total": f"{analysed.total:,}",
        "others": _others(analysed, adds_up) if analysed.others else None,
        "notes": list(_notes(explorer, fields, measured, address)),
        "chart": draw_series(explorer, analysed, lines, window, explored, adds_up)
        if address.viz == TIMESERIES
        else None,
        **settings(explorer, address),
    }


def draw_groups(
    explorer: Explorer, tree: Node, address: Address, fields: Sequence[Field], analysed: Analysed
) -> list[Line]:
    """The groups as lines of a list, a table or a legend."""
    drill = Drill(explorer, fields, tree, address)
    colours_itself = [field.name for field in fields] == [explorer.surface.stack]
    highest = max((row.count for row in analysed.rows), default=1)
    sparks = [sparkline(series.counts) for series in analysed.series] if address.viz == TABLE else []
    lines = []
    for place, row in enumerate(analysed.rows):
        values = [value.value for value in row.values]
        lines.append(
            Line(
                key=values[0] if colours_itself else f"series-{place}",
                labels=[value.label for value in row.values] or [f"All {explorer.nouns}"],
                count=row.count,
                share=_percent(row.count, analysed.total),
                width=f"{row.count / highest * 100:.2f}%",
                only=drill.only(values) if values else "",
                exclude=drill.exclude(values) if values else "",
                rows=drill.rows(values),
                spark=sparks[place] if sparks else "",
            )
        )
    return lines


def draw_series(
    explorer: Explorer, analysed: Analysed, lines: Sequence[Line], window: Window, explored: Explored, adds_up: bool
) -> Chart:
    """The groups over time: stacked bars, with what the limit leaves out on top; lines where groups share rows."""
    step = timedelta(seconds=analysed.bucket_seconds)
    stacks = []
    for bar, start in enumerate(analysed.bucket_starts):
        counts = {line.key: series.counts[bar] for line, series in zip(lines, analysed.series, strict=True)}
        if adds_up and analysed.others:
            counts[OTHERS] = sum(explored.timeline[bar].counts.values()) - sum(counts.values())
        stacks.append(Stack(start, start + step, counts))
    # What the timeline stacks stands here in the same order; of anything else the largest is at the bottom.
    ranks = {word: rank for rank, (word, _, _) in enumerate(explorer.surface.stacked.choices)}
    parts = sorted(((line.key, line.label) for line in lines), key=lambda part: ranks.get(part[0], 0))
    if adds_up:
        return draw(stacks, window.start, window.end, [*parts, (OTHERS, "Others")], levels=LEVELS)
    return draw_lines(stacks, window.start, window.end, parts, levels=LEVELS)


def settings(explorer: Explorer, address: Address) -> dict[str, Any]:
    """The bar above a chart: what is counted, by which facets it is grouped, how many groups are shown."""
    fields = sorted(groupable_fields(explorer.surface), key=lambda field: field.group)
    params = address.to().params()
    chosen = [*address.group, *[""] * MAX_FIELDS][:MAX_FIELDS]
    return {
        "measures": _choices(fields, address.unique),
        "groups": [_choices(fields, name) for name in chosen],
        "limits": [Choice(f"Top {number}", str(number), number == address.limit) for number in LIMITS],
        "kept_params": [(name, params[name]) for name in params if name not in {"group", "unique", "limit"}],
    }


def _choices(fields: Sequence[Field], chosen: str) -> list[tuple[str, list[Choice]]]:
    """The fields, sorted by the heading that they stand under."""
    return [
        (heading, [Choice(field.label, field.name, field.name == chosen) for field in members])
        for heading, members in groupby(fields, key=lambda field: field.group)
    ]


def _title(explorer: Explorer, fields: Sequence[Field], measured: Field | None) -> str:
    counted = f"Unique count of {measured.label}" if measured else f"Count of {explorer.nouns}"
    return f"{counted} by {' and '.join(field.label for field in fields)}" if fields else counted


def _others(analysed: Analysed, adds_up: bool) -> Others:
    words = f"{analysed.others:,} more {'group' if analysed.others == 1 else 'groups'}"
    if not adds_up:
        return Others(words)
    rest = analysed.total - sum(row.count for row in analysed.rows)
    return Others(words, f"{rest:,}", _percent(rest, analysed.total))


def _notes(explorer: Explorer, fields: Sequence[Field], measured: Field | None, address: Address) -> Iterator[str]:
    """What has to be known so that the numbers are not misread."""
    if several := [field.label for field in fields if field.many]:
        noun = explorer.noun
        yield (
            f"A {noun} with several values of {' or '.join(several)} counts once in each of them, "
            "so the parts can add up to more than the whole."
        )
    if measured and fields:
        yield f"The same {measured.label} can be in several groups, so the parts can add up to more than the whole."
    if measured and address.viz != TOP_LIST:
        yield "Every point in time counts its own different values, so points do not add up to the total."


def _percent(part: int, whole: int) -> str:
    """A share as it is written: `12.3 %`."""
    share = part / whole * 100 if whole else 0
    return f"{share:.1f} %" if share >= 0.05 or not part else "< 0.1 %"
