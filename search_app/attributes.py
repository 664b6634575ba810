"""Free attributes: any `@path` that no field has claimed is looked up in a row's JSON.

A list stands for its elements, at the end of a path and on the way. Text, numbers and booleans are met by what
looks like them (`@http.status_code:404` meets 404 and "404"), wildcards meet text, `>` and ranges meet numbers.
The path and the values are always parameters of the statement, never part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, Q
from django.db.models.sql.compiler import SQLCompiler

from search_app.comparisons import Bounds, holds
from search_app.kinds import LOOKUPS, Asker, Kind, read_number, wrong
from search_app.language import Compare, Range, Value
from search_app.lookups import fits, glob, like

MAX_SEGMENTS = 10

Sql = tuple[str, tuple[Any, ...]]
_SAME_IN_JSON = re.compile(r"""[^\x00-\x1f"\\/<>&'\x7f-\U0010ffff]+""")
AFTER_DIGITS = "[],.}eE]"  # what may follow a whole number's digits where the number is written so
AFTER_DIGITS_OR_TEXT = '[],.}eE"]'  # or where it is the end of a text
_COUNTS_IN_LISTS = re.compile(r"-?[0-9]+").fullmatch  # where PostgreSQL follows keys with `#>`
_SIGNS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


class ElementTest(Protocol):
    """What is asked of one element, called `e` in SQL: its JSON on PostgreSQL, its `type` and `value` on SQLite."""

    def meets(self, value: Any) -> bool: ...

    def written(self) -> Iterable[str]:
        """Patterns of GLOB that stand, in this order, in any JSON that meets it."""

    def spelled(self) -> Sequence[str] | None:
        """How a lone value that meets it may be written in JSON, as patterns of GLOB; None for in many ways."""

    @property
    def said_by_path(self) -> bool:
        """Whether `path` says all, of an element that is neither a list nor an object."""

    def path(self) -> str:
        """A condition of jsonpath on the element `@` that is true wherever the test is passed; empty for any element.

        PostgreSQL tries it many times faster than the test.
        """

    def sqlite(self) -> Sql: ...
    def postgresql(self) -> Sql: ...


@dataclass(frozen=True)
class IsThere:
    """Anything but null and the empty text."""

    said_by_path: ClassVar[bool] = False

    def written(self) -> Iterable[str]:
        return ()

    def spelled(self) -> None:
        return None

    def path(self) -> str:
        return ""

    def meets(self, value: Any) -> bool:
        return value is not None and value != ""

    def sqlite(self) -> Sql:
        return "e.type <> 'null' AND NOT (e.type = 'text' AND e.value = '')", ()

    def postgresql(self) -> Sql:
        return "e.value <> 'null'::jsonb AND e.value <> '\"\"'::jsonb", ()


@dataclass(frozen=True)
class LooksLike:
    """The text itself, or the number or boolean that is written so."""

    text: str
    number: float | None
    said_by_path: ClassVar[bool] = True

    def written(self) -> Iterable[str]:
        if self.number is None:
            return _plain(self.text)
        digits = self._digits
        if self.text.removeprefix("-") == digits:
            return [f"{digits}{AFTER_DIGITS_OR_TEXT}"]
        return [digits] if digits and digits in self.text else []

    @property
    def _digits(self) -> str:
        """Django writes a whole number of this size with all its digits, as 404 or 404.0."""
        return str(abs(int(self.number))) if self.number is not None and self.number.is_integer() else ""

    def spelled(self) -> Sequence[str] | None:
        if not _is_plain(self.text):
            return None
        ways = [f'"{_globbed(self.text)}"']
        if self.text in {"true", "false"}:
            ways.append(self.text)
        if self.number is not None:
            if not (digits := self._digits) or digits not in self.text:
                return None
            signs = ("", "-") if not self.number else ("-",) if self.number < 0 else ("",)  # zero is written either way
            ways += [f"{sign}{digits}{AFTER_DIGITS}" for sign in signs]
        return ways

    def path(self) -> str:
        ways = [_quoted(self.text)]
        if self.text in {"true", "false"}:
            ways.append(self.text)
        if self.number is not None:
            ways.append(repr(self.number))
        return " || ".join(f"@ == {way}" for way in ways)

    def meets(self, value: Any) -> bool:
        if isinstance(value, bool):
            return self.text == ("true" if value else "false")
        if isinstance(value, int | float):
            return self.number is not None and value == self.number
        return value == self.text

    def sqlite(self) -> Sql:
        sql, params = "(e.type = 'text' AND e.value = %s)", (self.text,)
        if self.text in {"true", "false"}:
            return f"({sql} OR e.type = %s)", (*params, self.text)
        if self.number is not None:
            return f"({sql} OR (e.type IN ('integer', 'real') AND e.value = %s))", (*params, self.number)
        return sql, params

    def postgresql(self) -> Sql:
        sql, params = "e.value = to_jsonb(%s::text)", (self.text,)
        if self.text in {"true", "false"}:
            return f"({sql} OR e.value = %s::jsonb)", (*params, self.text)
        if self.number is not None:
            return f"({sql} OR e.value = to_jsonb(%s::numeric))", (*params, repr(self.number))
        return sql, params


@dataclass(frozen=True)
class HasShape:
    """Text of the shape of a pattern."""

    pattern: Value
    said_by_path: ClassVar[bool] = False

    def written(self) -> Iterable[str]:
        return [text for part in self.pattern.parts if isinstance(part, str) for text in _plain(part)]

    def spelled(self) -> None:
        return None

    def path(self) -> str:
        first = self.pattern.parts[0]
        return f"@ starts with {_quoted(first)}" if isinstance(first, str) else '@.type() == "string"'

    def meets(self, value: Any) -> bool:
        return isinstance(value, str) and fits(self.pattern, value)

    def sqlite(self) -> Sql:
        return "e.type = 'text' AND e.value GLOB %s", (glob(self.pattern),)

    def postgresql(self) -> Sql:
        return "jsonb_typeof(e.value) = 'string' AND e.value #>> '{}' LIKE %s", (like(self.pattern),)


@dataclass(frozen=True)
class IsNumber:
    """A number within these bounds."""

    bounds: Bounds
    said_by_path: ClassVar[bool] = True

    def written(self) -> Iterable[str]:
        return ()

    def spelled(self) -> None:
        return None

    def path(self) -> str:
        return " && ".join(f"@ {_SIGNS[lookup]} {bound!r}" for lookup, bound in self.bounds) or '@.type() == "number"'

    def meets(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and holds(value, self.bounds)

    def sqlite(self) -> Sql:
        tests = "".join(f" AND e.value {_SIGNS[lookup]} %s" for lookup, _ in self.bounds)
        return f"e.type IN ('integer', 'real'){tests}", tuple(bound for _, bound in self.bounds)

    def postgresql(self) -> Sql:
        tests = " AND ".join(f"(e.value #>> '{{}}')::numeric {_SIGNS[lookup]} %s::numeric" for lookup, _ in self.bounds)
        # CASE and not AND: only CASE promises that text is never cast to a number.
        sql = f"CASE WHEN jsonb_typeof(e.value) = 'number' THEN {tests or 'TRUE'} ELSE FALSE END"
        return sql, tuple(repr(bound) for _, bound in self.bounds)


class AttributeKind(Kind):
    """Whatever JSON holds."""

    is_text = False
    operators = (">", ">=", "<", "<=")
    example = "404"

    def present(self) -> IsThere:  # type: ignore[override]
        return IsThere()

    def equals(self, value: Value, asker: Asker) -> ElementTest:  # type: ignore[override]
        return HasShape(value) if value.has_wildcard else LooksLike(value.literal or "", read_number(value))

    def compare(self, node: Compare, asker: Asker) -> ElementTest:  # type: ignore[override]
        return IsNumber((self._bound(node.op, node.value),))

    def between(self, node: Range, asker: Asker) -> ElementTest:  # type: ignore[override]
        ends = ((">=", node.low), ("<=", node.high))
        return IsNumber(tuple(self._bound(op, value) for op, value in ends if value))

    def _bound(self, op: str, value: Value) -> tuple[str, float]:
        number = read_number(value)
        if number is None:
            raise wrong(value, f"“{value}” is no number; attributes are compared as numbers.")
        return LOOKUPS[op], number


@dataclass(frozen=True)
class Attribute:
    """The place of an attribute: a JSON column of the row and the keys that lead there. A column of a Field."""

    json: str
    keys: tuple[str, ...]
    kind: AttributeKind = field(default_factory=AttributeKind, compare=False)
    is_numbered: ClassVar[bool] = True

    def q(self, test: ElementTest) -> Q:
        return Q(AnyElement(self.json, keys=self.keys, test=test))


def _plain(text: str) -> Iterable[str]:
    """Its longest stretch that every writer of JSON writes in the same way, as a pattern of GLOB."""
    longest = max(_SAME_IN_JSON.findall(text), key=len, default="")
    return [_globbed(longest)] if longest else []


def _quoted(text: str) -> str:
    """The text as jsonpath writes it."""
    return json.dumps(text, ensure_ascii=False)


def _is_plain(text: str) -> bool:
    """Whether every writer of JSON writes it in the same way."""
    return _SAME_IN_JSON.fullmatch(text) is not None


def _globbed(text: str) -> str:
    """The text as a pattern of GLOB that it alone meets."""
    return glob(Value((text,)))


def elements(document: Any, keys: Iterable[str]) -> list[Any]:
    """What is found at the end of the keys, lists taken apart."""
    found = [document]
    for key in keys:
        children = [node[key] for node in found if isinstance(node, dict) and key in node]
        found = [element for child in children for element in (child if isinstance(child, list) else [child])]
    return found


def _of_one(test: str, params: Sequence[Any], column: str, at: Sequence[Any]) -> Sql:
    """SQLite's test of an element, made one of what stands at a path (whose parameters are `at`) of a column."""
    given, placed = iter(params), list[Any]()

    def place(found: re.Match[str]) -> str:
        placed.extend([next(given)] if found[0] == "%s" else at)
        return "%s" if found[0] == "%s" else f"json_{'type' if found[0] == 'e.type' else 'extract'}({column}, %s)"

    return re.sub(r"\be\.(?:type|value)\b|%s", place, test), tuple(placed)


class AnyElement(Func):
    """Whether any element at the end of the keys passes the test. True or false, never unknown."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, json: Any, *, keys: tuple[str, ...], test: ElementTest) -> None:
        super().__init__(json)
        self.keys = keys
        self.test = test

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Sql:
        column, column_params = compiler.compile(self.source_expressions[0])
        test, test_params = self.test.sqlite()
        tables: list[str] = []
        params: list[Any] = []
        for number, key in enumerate(self.keys):
            node = f"e{number - 1}.value" if number else column
            node_params = [] if number else list(column_params)
            path = f'$."{key}"'
            # Two paths make json_extract answer a JSON list, in which true stays true; the element is in it twice.
            unwrapped = (
                f"CASE json_type({node}, %s) WHEN 'array' THEN json_extract({node}, %s)"
                f" ELSE json_extract({node}, %s, %s) END"
            )
            if number:  # only an object has keys, and json_type() refuses what is no JSON
                unwrapped = f"CASE e{number - 1}.type WHEN 'object' THEN {unwrapped} END"
            tables.append(f"json_each({unwrapped}) AS {'e' if number == len(self.keys) - 1 else f'e{number}'}")
            params += [*node_params, path, *node_params, path, *node_params, path, path]
        anywhere = f"EXISTS (SELECT 1 FROM {', '.join(tables)} WHERE {test})"  # noqa: S608 - of our own words only
        # Where no list is on the way there is one element at most, and it is found ten times as quickly.
        *ways, end = ["$" + "".join(f'."{key}"' for key in self.keys[: n + 1]) for n in range(len(self.keys))]
        there, there_params = _of_one(test, test_params, column, [*column_params, end])
        listed = " OR ".join([f"json_type({column}, %s) = 'array'"] * len(ways)) or "FALSE"
        sql = (
            f"CASE coalesce(json_type({column}, %s), '') WHEN 'array' THEN {anywhere}"
            f" WHEN '' THEN ({listed}) AND {anywhere} ELSE {there} END"
        )
        listed_params = [param for way in ways for param in (*column_params, way)]
        met = [*params, *test_params]
        params = [*column_params, end, *met, *listed_params, *met, *there_params]
        spelled, key = self.test.spelled(), self.keys[-1]
        name = [f'"{_globbed(key)}":'] if _is_plain(key) else [*_plain(key)]
        if spelled is not None and _is_plain(key):
            # Behind the key and one blank stands the value, or a list: so Django writes it, and nobody else writes here
            # but the database's own functions, without the blank.
            shapes = [*(f"*{name[0]} {way}*" for way in spelled), f"*{name[0]} [[]*", f"*{name[0]}[^ ]*"]
            sql = f"({' OR '.join([f'{column} GLOB %s'] * len(shapes))}) AND {sql}"
            params = [*(param for shape in shapes for param in (*column_params, shape)), *params]
        # Most documents are told apart by looking for what has to be written in them, which is quicker still.
        written = "*".join(["", *name, *self.test.written(), ""])
        return f"{column} GLOB %s AND {sql}", (*column_params, written, *params)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra: Any) -> Sql:
        column, column_params = compiler.compile(self.source_expressions[0])
        test, test_params = self.test.postgresql()
        path = f"lax ${''.join(f'.{_quoted(key)}' for key in self.keys)}[*]"  # lax: lists are taken apart on the way
        elements = f"jsonb_path_query({column}, %s::jsonpath) AS e(value)"
        sql = f"EXISTS (SELECT 1 FROM {elements} WHERE {test})"  # noqa: S608 - of our own words only
        params = [*column_params, path, *test_params]
        if self.test.said_by_path and not any(map(_COUNTS_IN_LISTS, self.keys)):
            sql = f"(coalesce(jsonb_typeof({column} #> %s), '') IN ('string', 'number', 'boolean') OR {sql})"
            params = [*column_params, list(self.keys), *params]
        condition = self.test.path()
        sql = f"({column} @? %s::jsonpath AND {sql})"
        return sql, (*column_params, f"{path} ? ({condition})" if condition else path, *params)
