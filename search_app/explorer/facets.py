"""The facet panel: what was counted, and what a click on each value would make of the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from core_app.paths import path_to
from search_app.explorer.address import Address
from search_app.explorer.spec import Explorer
from search_app.fields import Field
from search_app.index import Explored, FacetValue
from search_app.language import Is, Node, edit, to_text
from search_app.language.nodes import all_of, top_terms

FIRST = 10  # values that a facet shows before somebody asks for more
OPEN = 6  # the first so many facets are unfolded
SEARCHED = 8  # a facet of more values than this can be searched


class FacetLine(NamedTuple):
    """One value of a facet with what a click on it would make of the query."""

    value: str
    label: str
    count: int
    selected: bool
    excluded: bool
    toggle: str
    only: str
    exclude: str


@dataclass
class Facet:
    """One facet. `chosen` is how many of its values the query names, `more` how many are not drawn.

    `url` leads to all of them; `count` says how many those are, with a plus where nobody has counted further. One that
    `is_late` was declared a moment ago, and is not counted yet.
    """

    name: str
    label: str
    values: Sequence[FacetLine]
    more: int
    chosen: int
    clear: str
    is_open: bool
    url: str = ""
    count: str = ""
    is_late: bool = False

    @property
    def is_searched(self) -> bool:
        """Whether there are so many values that one wants to find some by their text."""
        return len(self.values) + self.more > SEARCHED


@dataclass(frozen=True)
class FacetChoice:
    """One facet in the menu that shows and hides them; `toggle` is empty where it is the last that is shown."""

    name: str
    label: str
    is_shown: bool
    toggle: str


class Clicks:
    """What clicks on the values of one field make of the address.

    `edit` says what a click means. Most values are named nowhere in the query, and then the new text is the old one
    with a term behind it: a panel has hundreds of links, and this makes them without a tree for each.
    """

    def __init__(self, field: str, tree: Node, address: Address, path: str) -> None:
        self.field, self.tree = field, tree
        self.ticked, self.excluded = edit.values_of(tree, field), edit.excluded_values_of(tree, field)
        mine = any(isinstance(term, Is) and term.field == field for term in top_terms(tree))
        rest = _rest(address)
        self._head, self._tail = f"{path}?query=", f"&{rest[1:]}" if rest else ""
        self._empty = f"{path}{rest}"
        self._beside = _before(tree)
        self._alone = _before(edit.without(tree, field))
        self._can_append = not mine

    def line(self, found: FacetValue) -> FacetLine:
        value = found.value
        selected, excluded = value in self.ticked, value in self.excluded
        if selected or excluded or value.startswith((":", "//")):
            toggle, only, exclude = (
                self.to(change(self.tree, self.field, value)) for change in (edit.toggle, edit.only, edit.exclude)
            )
            exclude = toggle if excluded else exclude  # what is excluded is taken back by either
        else:
            term = _term(self.field, value)
            only = f"{self._head}{self._alone}{term}{self._tail}"
            exclude = f"{self._head}{self._beside}-{term}{self._tail}"
            if self._can_append:
                toggle = f"{self._head}{self._beside}{term}{self._tail}"
            else:
                toggle = self.to(edit.toggle(self.tree, self.field, value))
        return FacetLine(value, found.label, found.count, selected, excluded, toggle, only, exclude)

    def clear(self) -> str:
        return self.to(edit.without(self.tree, self.field))

    def to(self, tree: Node) -> str:
        text = to_text(tree)
        return f"{self._head}{quote_plus(text)}{self._tail}" if text else self._empty


@lru_cache(maxsize=100)
def _rest(address: Address) -> str:
    """What stands in an address beside its query: the same for all facets of a panel."""
    return str(address.to(query=""))


@lru_cache(maxsize=10_000)
def _term(field: str, value: str) -> str:
    """One value of a field, quoted: the same ones are frequent on page after page."""
    return quote_plus(f"{field}:{value}")


@lru_cache(maxsize=100)
def _before(tree: Node) -> str:
    """The text of a query that one more term is to stand behind, quoted: the same for all facets of a panel."""
    terms = top_terms(tree)
    probe = to_text(all_of(*terms, Is("_", (edit.read_value("_"),))))
    return quote_plus(probe.removesuffix("_:_"))


def draw_facet(
    field: Field, values: Sequence[FacetValue], tree: Node, address: Address, path: str, *, first: int | None = FIRST
) -> Facet:
    """A facet with its first values (None: with all), and those that the query names wherever they stand."""
    clicks = Clicks(field.name, tree, address, path)
    named = clicks.ticked | clicks.excluded
    drawn = [found for place, found in enumerate(values) if first is None or place < first or found.value in named]
    return Facet(
        name=field.name,
        label=field.label,
        values=[clicks.line(found) for found in drawn],
        more=len(values) - len(drawn),
        chosen=len(named),
        clear=clicks.clear(),
        is_open=bool(named),
    )


def draw_panel(explorer: Explorer, explored: Explored, tree: Node, address: Address) -> list[Facet]:
    """Every facet that is shown. The first ones are unfolded, and those that the query narrows."""
    path, here = explorer.path, str(address.to())
    panel = []
    for place, name in enumerate(address.facets or explorer.facet_names):
        values = explored.facets.get(name, [])
        facet = draw_facet(explorer.surface.table[name], values, tree, address, path)
        facet.is_late = name not in explored.facets
        facet.is_open = facet.is_open or (place < OPEN and bool(values)) or facet.is_late
        facet.url = f"{facet_path(explorer, name)}{here}"
        facet.count = f"{len(values)}{'+' if name in explored.cut else ''}"
        panel.append(facet)
    return panel


def facet_context(explorer: Explorer, explored: Explored, tree: Node, address: Address) -> dict[str, Any]:
    """What `templates/quick/facets.html` draws: the panel and the menu that shows and hides facets."""
    panel = draw_panel(explorer, explored, tree, address)
    return {
        "facets": panel,
        "active_facets": sum(facet.chosen for facet in panel),
        "facet_menu": draw_facet_menu(explorer, address),
        "all_facets": f"{explorer.path}{address.to(facets=())}",
    }


def facet_path(explorer: Explorer, name: str) -> str:
    """Where all values of a facet are."""
    return path_to("search:facet", explorer.surface.name, name)


def draw_facet_menu(explorer: Explorer, address: Address) -> list[tuple[str, list[FacetChoice]]]:
    """Every facet that there is, by its group, with what showing or hiding it makes of the address."""
    names, path = explorer.facet_names, explorer.path
    shown = address.facets or names
    groups: dict[str, list[FacetChoice]] = {}
    for field in explorer.surface.table.facets:
        is_shown = field.name in shown
        facets = _hidden(shown, field.name) if is_shown else _shown(shown, field.name, names)
        toggle = f"{path}{address.to(facets=() if facets == names else facets)}" if facets else ""
        groups.setdefault(field.group, []).append(FacetChoice(field.name, field.label, is_shown, toggle))
    return list(groups.items())


def _hidden(shown: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(other for other in shown if other != name)


def _shown(shown: tuple[str, ...], name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """With one more facet, before the first of those that usually come after it."""
    later = set(names[names.index(name) + 1 :])
    place = next((place for place, other in enumerate(shown) if other in later), len(shown))
    return (*shown[:place], name, *shown[place:])
