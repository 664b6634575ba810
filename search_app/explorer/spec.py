"""What one explorer is: a surface, where it lives and what its table can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from core_app.errors import NotFound
from search_app.attributes import Attribute
from search_app.declared import DeclaredColumn
from search_app.explorer.address import DEFAULT_RANGE, Address
from search_app.index.analyse import groupable_fields
from search_app.language import QueryValueError
from search_app.language.nodes import FIELD_NAME
from search_app.surfaces import Surface

ATTRIBUTE = "attribute"


@dataclass(frozen=True)
class ReadyMade:
    """A view that comes with an explorer and is no row of anybody. Addresses call it by its `key`."""

    key: str
    name: str
    help: str
    address: Address


@dataclass(frozen=True)
class Column:
    """One column that the table can show. `sort` is the order that a click on its head asks for; empty for none."""

    name: str
    label: str
    sort: str = ""

    @property
    def kind(self) -> str:
        """What its cells are drawn as: all attributes alike, any other by its name."""
        return ATTRIBUTE if self.name.startswith("@") else self.name


@dataclass(frozen=True)
class Explorer:
    """A list of one surface's rows that can be searched.

    `columns` can be shown and `shown` are unless a person chooses. A row is called `noun`, several are `nouns`.
    `permission` is what it takes to look at it; the `ready_made` views are there for everybody who may.
    `table_template` draws the rows and `head_template` what stands beside the title, both of `templates/quick/`;
    `after_template` draws what stands beside the whole; `export_url_name` takes what is shown away as a file;
    `example` is a query, for the empty box; `first_words` say how the first row comes to be, while there is none.
    `usual_range` is the window of time of an address that names none.
    """

    surface: Surface
    url_name: str
    title: str
    noun: str
    nouns: str
    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    permission: str
    table_template: str
    grouped: tuple[str, ...] = ()
    ready_made: tuple[ReadyMade, ...] = ()
    head_template: str = ""
    after_template: str = ""
    export_url_name: str = ""
    example: str = ""
    first_words: str = ""
    usual_range: str = DEFAULT_RANGE

    @cached_property
    def path(self) -> str:
        return reverse(self.url_name)

    @cached_property
    def column_named(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    def has_column(self, name: str) -> bool:
        """Whether the table can show it: one of the columns, or the path of an attribute that no field has claimed."""
        if name in self.column_named:
            return True
        if not (name.startswith("@") and FIELD_NAME.fullmatch(name)):
            return False
        try:
            return isinstance(self.surface.table.find(name).places[0], Attribute | DeclaredColumn)
        except QueryValueError:
            return False

    def column(self, name: str) -> Column:
        """The column of that name, for which `has_column` is true."""
        return self.column_named.get(name) or Column(name, name)

    @property
    def group_names(self) -> tuple[str, ...]:
        """Every field that charts can group by, and whose different values they can count."""
        return tuple(field.name for field in groupable_fields(self.surface))

    @property
    def facet_names(self) -> tuple[str, ...]:
        """Every field that can be counted by."""
        return tuple(field.name for field in self.surface.table.facets)


_explorers: dict[str, Explorer] = {}


def register(explorer: Explorer) -> None:
    """Make an explorer known by the name of its surface. Raises ValueError for a name that is taken."""
    if explorer.surface.name in _explorers:
        raise ValueError(f"Two explorers show {explorer.surface.name}.")
    _explorers[explorer.surface.name] = explorer


def explorer(name: str) -> Explorer:
    """The explorer of that surface. Raises NotFound."""
    try:
        return _explorers[name]
    except KeyError:
        raise NotFound("There is nothing of that name to explore.") from None


def explorers() -> list[Explorer]:
    """Every explorer."""
    return list(_explorers.values())
