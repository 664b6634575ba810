"""The one comparison that Django lacks: wildcards, case-sensitive on every database."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup, TextField
from django.db.models.sql.compiler import SQLCompiler

from search_app.language import Value, Wild

_LIKE: dict[str | Wild, str] = {"%": r"\%", "_": r"\_", "\\": r"\\", Wild.MANY: "%", Wild.ONE: "_"}
_GLOB: dict[str | Wild, str] = {"*": "[*]", "?": "[?]", "[": "[[]", Wild.MANY: "*", Wild.ONE: "?"}


def like(pattern: Value) -> str:
    """The pattern for SQL's LIKE with its backslash."""
    return _translated(pattern, _LIKE)


def glob(pattern: Value) -> str:
    """The pattern for SQLite's GLOB, which unlike its LIKE minds the case."""
    return _translated(pattern, _GLOB)


def fits(pattern: Value, text: str) -> bool:
    """Whether the whole text has the shape of the pattern."""
    return fitting(pattern)(text)


@lru_cache(maxsize=500)
def fitting(pattern: Value) -> Callable[[str], bool]:
    """A test for texts of the shape of the pattern. Takes at most len(pattern) x len(text) steps."""
    match pattern.parts:
        case (Wild.MANY, str(word), Wild.MANY):
            return lambda text: word in text
    head, *rest = _stretches(pattern)
    if rest:
        # What lies between two `*` may be found at the first place where it is, and nowhere else be tried (`?>`).
        head += "".join(f"(?>.*?{stretch})" for stretch in rest[:-1]) + f".*{rest[-1]}"
    whole = re.compile(head, re.DOTALL)
    return lambda text: whole.fullmatch(text) is not None


def _stretches(pattern: Value) -> list[str]:
    """What lies between the `*`, as regular expressions of a fixed length."""
    found = [""]
    for sign in _signs(pattern):
        if sign is Wild.MANY:
            found.append("")
        else:
            found[-1] += "." if sign is Wild.ONE else re.escape(str(sign))
    return found


def _signs(pattern: Value) -> list[str | Wild]:
    return [sign for part in pattern.parts for sign in (part if isinstance(part, str) else (part,))]


def _translated(pattern: Value, words: dict[str | Wild, str]) -> str:
    return "".join(words.get(sign, str(sign)) for sign in _signs(pattern))


@CharField.register_lookup
@TextField.register_lookup
class Fits(Lookup):
    """`path__fits=Value(…)`: the whole text has the shape of the pattern."""

    lookup_name = "fits"
    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} LIKE %s", (*params, like(self.rhs))

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        lhs, params = self.process_lhs(compiler, connection)
        return f"{lhs} GLOB %s", (*params, glob(self.rhs))
