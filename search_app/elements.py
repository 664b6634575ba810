"""The values of a declared facet: what stands at the end of a path in a row's JSON, and how a query asks for it.

The index holds each element as its JSON (`404` and `"404"` are two), because a comparison tells them apart. A facet
shows each as text, and of texts that look alike (both of these are asked for by `@path:404`) the rows together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, JSONField, QuerySet, TextField, Value
from django.db.models.sql.compiler import SQLCompiler

from search_app.attributes import elements
from search_app.held import Inside
from search_app.kinds import read_number
from search_app.language import Value as Word

NO_SCALAR = "{}"  # what is held of an object: it is there, and no value can be asked for


class Branch(Func):
    """What one key of a JSON column leads to, as the first item of a JSON list: so that text stays text."""

    output_field = JSONField()

    def __init__(self, column: str, key: str) -> None:
        super().__init__(column, Value(key, output_field=TextField()))
        self.key = key

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        column, params = compiler.compile(self.source_expressions[0])
        path = f'$."{self.key}"'
        return f"json_extract({column}, %s, %s)", (*params, path, path)  # two paths make it answer a list

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="jsonb_build_array(%(expressions)s)", arg_joiner=" -> ")


def element_values(rows: QuerySet[Any], inside: Inside, chunk: int = 20_000) -> Iterator[tuple[int, set[str]]]:
    """Every row's key with what is held of the elements that it has; empty for a row that has none."""
    first = inside.keys[0]
    found = rows.order_by().values_list("pk", Branch(inside.json, first))
    for pk, branch in found.iterator(chunk_size=chunk):
        yield pk, held_elements(elements({first: branch[0]}, inside.keys)) if branch[0] is not None else set()


def held_elements(found: Iterable[Any]) -> set[str]:
    """What is held of some elements: nothing of what is missing."""
    return {as_held(element) for element in found if element is not None and element != ""}


def as_held(element: Any) -> str:
    """An element as JSON, with one spelling a value: 404.0 is 404."""
    if isinstance(element, float) and element.is_integer():
        element = int(element)
    return NO_SCALAR if isinstance(element, dict | list) else json.dumps(element, ensure_ascii=False)


def spelled(held: str) -> str | None:
    """The text that asks for it, before quotes; None for what no query can ask for."""
    element = json.loads(held)
    if isinstance(element, str):
        return element
    if isinstance(element, dict):
        return None
    return held if isinstance(element, bool) or read_number(Word((held,))) is not None else None


def looks_like(text: str) -> set[str]:
    """Everything held that a query for the text meets: `404` is met by the number and by the text, `true` likewise."""
    alike = {as_held(text)}
    if text in {"true", "false"}:
        alike.add(text)
    elif (number := read_number(Word((text,)))) is not None:
        alike.add(as_held(number))
    return alike
