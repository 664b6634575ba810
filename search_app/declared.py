"""Facets that an administrator declared for free attributes: fields like any other, read from the database.

A process keeps what it last heard. The doors that show facets or take their names look again (`look`, one small
statement), so that what was declared a moment ago is there in every process; all others go on with what is known.
A query means the same whether its attribute is declared or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Q

from core_app.prepared import Prepared, Slot
from search_app.attributes import Attribute, AttributeKind, elements
from search_app.fields import Column, Field, FieldTable
from search_app.held import Holding, Inside
from search_app.language import QueryError
from search_app.language.nodes import FIELD_NAME
from search_app.models import CustomFacet

if TYPE_CHECKING:
    from search_app.surfaces import Surface

MOST_DECLARED = 50  # of one surface: each is a column of the index, in the memory of every process


class Declared(NamedTuple):
    """What was declared: the path of an attribute, with what people are shown."""

    path: str
    label: str
    group: str
    kind: str


class TextFacet(AttributeKind):
    """Values to choose from."""

    is_text = True
    operators = ()
    example = "linux"


class NumberFacet(AttributeKind):
    """Values to choose from, and to compare with."""

    is_text = True


KINDS: Mapping[str, AttributeKind] = {CustomFacet.Kind.TEXT: TextFacet(), CustomFacet.Kind.NUMBER: NumberFacet()}


@dataclass(frozen=True)
class DeclaredColumn(Column):
    """The place of a declared facet's values: a column of the index, and in the database the attribute itself."""

    attribute: Attribute

    def q(self, comparison: Any) -> Q:
        return self.attribute.q(comparison)


def why_not(surface: Surface, path: str) -> str:
    """Why an attribute cannot be declared, in a sentence; empty when it can."""
    if not (path.startswith("@") and FIELD_NAME.fullmatch(path)):
        return "A facet is made of an attribute: write its path, such as @http.status_code."
    try:
        place = surface.table.find(path).places[0]
    except QueryError:
        return f"“{path}” is no path of an attribute; one looks like @http.status_code."
    return "" if isinstance(place, Attribute) else f"“{path}” is a field already."


def keys_of(path: str) -> tuple[str, ...]:
    """The keys that lead to an attribute, from its `@path`."""
    return tuple(path.removeprefix("@").split("."))


def field_of(found: Declared, json: str) -> Field:
    """The field of a declared facet, on rows that keep their attributes in the column `json`."""
    keys = keys_of(found.path)
    inside, attribute = Inside(json, keys), Attribute(json, keys)
    return Field(
        name=found.path,
        label=found.label,
        places=(DeclaredColumn(inside.path, KINDS[found.kind], attribute),),
        help="An attribute that was made a facet here.",
        group=found.group,
        is_facet=True,
        read=lambda row: elements(row.get(json), keys),
    )


_heard: dict[str, tuple[Declared, ...]] = {}
_merged: dict[str, tuple[Any, FieldTable, Mapping[str, Holding]]] = {}


_DECLARED = Prepared(
    lambda: (
        CustomFacet.objects.filter(surface=Slot("surface"))
        .order_by("group", "label", "path")
        .values_list(*Declared._fields)
    )
)


def look(surface: str) -> tuple[Declared, ...]:
    """Hear what is declared now, in one small statement."""
    _heard[surface] = found = tuple(Declared(*row) for row in _DECLARED.rows(surface=surface))
    return found


def forget() -> None:
    """Know nothing, as a process that has just begun."""
    _heard.clear()


def merged(surface: str, table: FieldTable, held: Mapping[str, Holding]) -> tuple[FieldTable, Mapping[str, Holding]]:
    """A surface's fields, and what its index holds, with what was declared as this process last heard of it."""
    found = _heard.get(surface)
    if found is None:
        found = look(surface)
    if not found:
        return table, held
    own = (found, len(table))
    known = _merged.get(surface)
    if known is None or known[0] != own:
        # A field that came with a new version wins over what was declared of the same name before.
        fields = [field_of(one, table.attributes) for one in found if one.path.casefold() not in table.names]
        columns = {field.name: Inside(table.attributes, keys_of(field.name)) for field in fields} if held else {}
        known = _merged[surface] = (own, table.declaring(fields), {**held, **columns})
    return known[1], known[2]
