"""Reading what programs send."""

from __future__ import annotations

from math import isfinite
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from core_app.texts import UNWRITABLE

DEEPEST = 100  # lists and objects within one another


class PlainJSONParser(JSONParser):
    """JSON, of which what cannot be read or kept is refused and no failure of ours."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError as problem:
            raise ParseError("The JSON is nested too deep.") from problem
        check_json(found)
        return found


def check_json(found: Any) -> None:
    """Raise ParseError for JSON that is well formed, and that no database keeps or no code of ours could walk through.

    Looked at level by level: who goes down into it fails at what is too deep.
    """
    level = [found]
    for _ in range(DEEPEST):
        within: list[Any] = []
        for one in level:
            if isinstance(one, str) and UNWRITABLE.search(one):
                raise ParseError("The body holds a character that cannot be kept: NUL, or half of a surrogate pair.")
            if isinstance(one, float) and not isfinite(one):  # 1e999 is well formed
                raise ParseError("The body holds a number that is larger than any.")
            if isinstance(one, dict):
                within += [*one, *one.values()]
            elif isinstance(one, list):
                within += one
        if not within:
            return
        level = within
    raise ParseError("The JSON is nested too deep.")
