"""What may be written into a case, and how much of it: the same for pages, for the API and for other floors."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from core_app.errors import Invalid
from core_app.texts import UNWRITABLE

MAX_TITLE = 300
MAX_TEXT = 20_000  # characters of a description or a comment
MAX_TAG = 200
MAX_TAGS = 100
MAX_ATTRIBUTES = 50
MAX_VALUES = 50  # of one attribute
MAX_VALUE = 500
ATTRIBUTE_NAME = re.compile(r"[\w.\-]{1,100}")


def line(value: Any, field: str, most: int) -> str:
    """A text of one line, without the blanks around it. Raises Invalid."""
    text = body(value, field, most)
    if "\n" in text or "\r" in text:
        raise Invalid("It has to be one line.", field=field)
    return text


def body(value: Any, field: str, most: int = MAX_TEXT) -> str:
    """A text of any number of lines, without the blanks around it. Raises Invalid."""
    if not isinstance(value, str):
        raise Invalid("It has to be a text.", field=field)
    text = value.strip()
    if UNWRITABLE.search(text):
        raise Invalid("It holds a character that cannot be kept: NUL, or half of a surrogate pair.", field=field)
    if len(text) > most:
        raise Invalid(f"It may have at most {most:,} characters.", field=field)
    return text


def lines(text: str) -> str:
    """The text with the ends of its lines as they are kept: browsers send two characters for each."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def title(value: Any) -> str:
    """What a case is called: one line, never empty. Raises Invalid."""
    text = line(value, "title", MAX_TITLE)
    if not text:
        raise Invalid("A case needs a title.", field="title")
    return text


def tags(values: Iterable[Any]) -> list[str]:
    """Tags in their order, each once. Raises Invalid."""
    found = dict.fromkeys(line(value, "tags", MAX_TAG) for value in values)
    found.pop("", None)
    if len(found) > MAX_TAGS:
        raise Invalid(f"A case may have at most {MAX_TAGS} tags.", field="tags")
    return list(found)


def attributes(given: Mapping[str, Any]) -> dict[str, list[str]]:
    """Attributes as they are kept, a name to a list of texts; a name without any is left out. Raises Invalid."""
    if not isinstance(given, Mapping) or not all(isinstance(values, list | tuple) for values in given.values()):
        raise Invalid("Attributes map a name to a list of texts.", field="attributes")
    if len(given) > MAX_ATTRIBUTES:
        raise Invalid(f"A case may have at most {MAX_ATTRIBUTES} attributes.", field="attributes")
    kept = {}
    for name, values in given.items():
        if not ATTRIBUTE_NAME.fullmatch(str(name)):
            raise Invalid(
                "The name of an attribute has 1 to 100 letters, digits, dots, dashes and underscores.",
                field="attributes",
            )
        texts = list(dict.fromkeys(filter(None, (line(value, "attributes", MAX_VALUE) for value in values))))
        if len(texts) > MAX_VALUES:
            raise Invalid(f"An attribute may have at most {MAX_VALUES} values.", field="attributes")
        if texts:
            kept[str(name)] = texts
    return kept
