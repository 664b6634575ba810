"""The one comparison that Django lacks: wildcards, case-sensitive on every database."""

from __future__ import annotations

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
    """Whether the whole text has the shape of the pattern. Takes at most len(pattern) x len(text) steps."""
    signs = _signs(pattern)
    at = seen = 0  # in the pattern, in the text
    star, resume = -1, 0  # the last `*`, and where in the text to try again after it
    while seen < len(text):
        if at < len(signs) and signs[at] is Wild.MANY:
            star, resume = at, seen
            at += 1
        elif at < len(signs) and (signs[at] is Wild.ONE or signs[at] == text[seen]):
            at += 1
            seen += 1
        elif star >= 0:
            at = star + 1
            resume = seen = resume + 1
        else:
            return False
    return all(sign is Wild.MANY for sign in signs[at:])


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
