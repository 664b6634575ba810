"""Columns of declared facets: each element is held as its JSON, and is shown and asked for as a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from pyroaring import BitMap

from search_app.elements import looks_like, spelled
from search_app.index.bitmaps.columns import Dictionary
from search_app.index.bitmaps.sets import NONE, Sets


class Spellings:
    """The text of each value of a dictionary, by code (None: no query can ask for it), and what each text asks for."""

    def __init__(self) -> None:
        self.texts: list[str | None] = []
        self._codes: dict[str, tuple[int, ...]] = {}
        self._growing = Lock()

    def grow(self, dictionary: Dictionary) -> None:
        """Take in the values that have come to the dictionary since the last time."""
        with self._growing:
            for code in range(len(self.texts), len(dictionary)):
                held = dictionary.values[code]
                text = spelled(held) if isinstance(held, str) else None
                if text is not None:
                    self._codes[text] = (*self._codes.get(text, ()), code)
                self.texts.append(text)

    def codes(self, text: str, dictionary: Dictionary) -> Sequence[int]:
        """The codes of all values that a query for the text meets."""
        own = self._codes.get(text, ())
        if not text[:1].isdigit() and text[:1] not in "+-":
            return own
        # 404.0 meets the number 404 besides the text.
        codes = (dictionary.code(held) for held in looks_like(text))
        return list({*own, *(code for code in codes if code is not None)})


_spellings: WeakKeyDictionary[Dictionary, Spellings] = WeakKeyDictionary()


def spellings(dictionary: Dictionary) -> Spellings:
    """The spellings of a column's dictionary, kept as long as the dictionary."""
    found = _spellings.setdefault(dictionary, Spellings())
    if len(found.texts) < len(dictionary):
        found.grow(dictionary)
    return found


def counted(column: Sets, hits: BitMap, n: int) -> tuple[list[tuple[str, str, int]], int]:
    """Every text with the hit rows that a query for it finds, and how many of the rows have nothing."""
    counts = column.counts(hits, n)
    missing = counts.pop(NONE, 0)
    known = spellings(column.dictionary)
    found: dict[str, int] = {}
    for code, count in counts.items():
        text = known.texts[code]
        if text is None or text in found:
            continue
        codes = known.codes(text, column.dictionary)
        found[text] = count if len(codes) == 1 else hits.intersection_cardinality(column.having(n, codes))
    return [(text, text, count) for text, count in found.items()], missing


def codes_meeting(dictionary: Dictionary, test: Any) -> list[int]:
    """The codes of the elements that the test of a condition is true of."""
    return [
        code for code, held in enumerate(dictionary.values) if isinstance(held, str) and test.meets(json.loads(held))
    ]
