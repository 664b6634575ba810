"""One table per searchable thing: names, types, where a value is kept and how it is read live here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Protocol

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts_app.access import Actor
from search_app.attributes import MAX_SEGMENTS, Attribute, elements
from search_app.comparisons import Comparison
from search_app.kinds import Asker, Kind, Prefixed
from search_app.language import And, Cidr, Compare, Is, Node, Not, Or, QueryValueError, Range, Span, Text, Value
from search_app.language.nodes import Condition

_KEY = re.compile(r"[\w/\-]+", re.ASCII)


class Place(Protocol):
    """Where values of one kind are kept."""

    @property
    def kind(self) -> Kind: ...

    @property
    def is_numbered(self) -> bool:
        """Whether no value changes here without a new number for its row (`search_app.changes`)."""

    def q(self, comparison: Any) -> Q: ...


@dataclass(frozen=True)
class Column:
    """A column, by its ORM path from the row (or from the child row of a Many)."""

    path: str
    kind: Kind
    _: KW_ONLY
    is_numbered: bool = False

    def q(self, comparison: Comparison) -> Q:
        return Q(**{f"{self.path}__isnull": False}) & comparison.q(self.path)


@dataclass(frozen=True)
class Many:
    """Child rows: a positive condition is met by any of them, a negated one by none.

    `rows` gives those that the actor may see, `link` is their foreign key to the row. Where `is_sparse` few rows have
    any: then the child rows are looked through, and not every row is asked for its own.
    """

    rows: Callable[[Actor], QuerySet[Any]]
    link: str = "signal"
    is_sparse: bool = False


@dataclass(frozen=True)
class Field:
    """One thing that can be asked for.

    `places` are the spellings of a value, any of which may be asked for; the first is the one that facets show and
    write into a query, with `label_path` for people. `read` takes a plain dict to the value or values;
    the default is the dict's entry of the field's name. `actor` reaches `many.rows`, so a field of a higher floor
    narrows to what the actor may see. `is_prose` is whether people look for a part of it rather than for all.
    """

    name: str
    label: str
    places: tuple[Place, ...]
    help: str = ""
    group: str = ""
    aliases: tuple[str, ...] = ()
    many: Many | None = None
    is_facet: bool = False
    is_person: bool = False
    is_prose: bool = False
    label_path: str = ""
    read: Callable[[Mapping[str, Any]], Any] | None = None

    @property
    def kind(self) -> Kind:
        return self.places[0].kind

    def values(self, row: Mapping[str, Any]) -> list[Any]:
        """What the dict holds for this field, without what is missing."""
        found = self.read(row) if self.read else row.get(self.name)
        values = found if isinstance(found, list | tuple | set | frozenset) else [found]
        return [value for value in values if value is not None and value != ""]

    def asked(self, node: Condition, asker: Asker) -> Iterator[tuple[Place, Any]]:
        """Every comparison that would meet the condition, each with the place it is made in. Raises QueryValueError."""
        match node:
            case Is(_, values):
                for value in values:
                    if not asks_missing(value):
                        yield from self._spellings(value, asker)
            case Compare():
                yield self.places[0], self.kind.compare(node, asker)
            case Range():
                yield self.places[0], self.kind.between(node, asker)
            case Cidr(_, blocks):
                yield self.places[0], self.kind.in_blocks(blocks)

    def _spellings(self, value: Value, asker: Asker) -> Iterator[tuple[Place, Any]]:
        if value.is_anything:
            yield self.places[0], self.kind.present()
            return
        if self.is_person and value.keyword == "me":
            if not asker.actor.user:
                return
            value = Value.of(str(asker.actor.user.uuid))
        for place in self.places:
            yield place, place.kind.equals(value, asker)

    def among(self, q: Q, actor: Actor) -> Q:
        """The condition on the row that `q`, a condition on a place, makes."""
        if not self.many:
            return q
        rows = self.many.rows(actor)
        if self.many.is_sparse:
            return Q(pk__in=rows.filter(q).order_by().values(self.many.link))
        return Q(Exists(rows.filter(**{self.many.link: OuterRef("pk")}).filter(q)))

    def present(self, actor: Actor) -> Q:
        """The row has a value."""
        return self.among(self.places[0].q(self.kind.present()), actor)


def asks_missing(value: Value) -> bool:
    """Whether the value is `none`: nothing there."""
    return value.keyword == "none" or value.literal == ""


class FieldTable:
    """The fields of one surface. A key that no field has claimed is a tag, an `@path` is a free attribute.

    `text` names the casefolded text that free text meets, as a column and in a dict; `attributes` likewise the JSON.
    Names of fields do not mind case, paths of free attributes do.
    """

    def __init__(self, *fields: Field, text: str, attributes: str, tags: str) -> None:
        self.text = text
        self.attributes = attributes
        self._tags = tags
        self._fields: dict[str, Field] = {}
        self._by_name: dict[str, Field] = {}
        self._declared: dict[str, Field] = {}
        for field in fields:
            self.add(field)

    def add(self, field: Field) -> None:
        """Take in one more field, also from a higher floor. Raises ValueError for a name that is taken."""
        for name in (field.name, *field.aliases):
            if name.casefold() in self._by_name:
                raise ValueError(f"Two fields are called {name}.")
            self._by_name[name.casefold()] = field
        self._fields[field.name] = field

    def declaring(self, fields: Iterable[Field]) -> FieldTable:
        """The same table with fields that somebody declared for free attributes; like these they mind case."""
        table = copy(self)
        table._declared = {field.name: field for field in fields}
        table._fields = {**self._fields, **table._declared}
        return table

    @property
    def names(self) -> Container[str]:
        """Every name and alias that a field has claimed, casefolded."""
        return self._by_name

    @property
    def numbered(self) -> frozenset[str]:
        """The columns of the row that are not to change without a new number for it."""
        own = (place for field in self if not field.many for place in field.places)
        return frozenset({self.attributes, *(one.path for one in own if isinstance(one, Column) and one.is_numbered)})

    def __len__(self) -> int:
        return len(self._fields)

    def __iter__(self) -> Iterator[Field]:
        return iter(self._fields.values())

    def __getitem__(self, name: str) -> Field:
        """A field of the table by its own name. Raises KeyError."""
        return self._fields[name]

    @property
    def facets(self) -> list[Field]:
        return [field for field in self if field.is_facet]

    def find(self, name: str, span: Span = Span()) -> Field:  # noqa: B008 - frozen
        """The field that a query means by this name. Raises QueryValueError for a path that cannot be one."""
        if known := self._by_name.get(name.casefold()) or self._declared.get(name):
            return known
        return self._attribute(name, span) if name.startswith("@") else self._tag(name)

    def canonical(self, node: Node) -> Node:
        """The same query with known fields called by their own names and choices by their own words."""
        match node:
            case And(items) | Or(items):
                return replace(node, items=tuple(map(self.canonical, items)))
            case Not(item):
                return replace(node, item=self.canonical(item))
            case Text():
                return node
        known = self._by_name.get(node.field.casefold())
        if known is None:
            return node
        if isinstance(node, Is):
            return replace(node, field=known.name, values=tuple(map(known.kind.spelled, node.values)))
        return replace(node, field=known.name)

    def _tag(self, key: str) -> Field:
        tags = self[self._tags]
        return replace(
            tags,
            name=key,
            label=key,
            places=tuple(Column(place.path, Prefixed(key)) for place in tags.places if isinstance(place, Column)),
            read=lambda row: [tag for tag in tags.values(row) if tag.startswith(f"{key}:")],
        )

    def _attribute(self, name: str, span: Span) -> Field:
        keys = tuple(name[1:].split("."))
        if len(keys) > MAX_SEGMENTS or not all(_KEY.fullmatch(key) for key in keys):
            # Other letters are refused, and not looked for: SQLite keeps JSON with \u escapes, and would find nothing.
            shape = f"at most {MAX_SEGMENTS} names, of ASCII letters, digits, _, - and /"
            message = f"“{name}” is no path; one looks like @http.status_code: {shape}."
            raise QueryValueError(message, span.start, max(span.end, span.start + 1))
        return Field(
            name=name,
            label=name,
            places=(Attribute(self.attributes, keys),),
            read=lambda row: elements(row.get(self.attributes), keys),
        )
