"""What an explorer shows as a file: all that matches, in the order of the list, written while it is read."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from itertools import islice
from typing import Any, NamedTuple, Self

from accounts_app.access import Actor
from core_app.errors import Invalid
from search_app.explorer.address import Address
from search_app.explorer.spec import Explorer
from search_app.index import Window
from search_app.index.explore import engine_of
from search_app.index.scope import Scope
from search_app.language import Node

MOST_ROWS = 100_000  # of one file
CHUNK = 500  # rows read and written at a time
FORMULA = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\0]")  # how one may begin


class Format(NamedTuple):
    """A kind of file."""

    name: str
    label: str
    content_type: str


FORMATS = (
    Format("csv", "CSV, the columns shown", "text/csv; charset=utf-8"),
    Format("ndjson", "NDJSON, with all that is known of each", "application/x-ndjson; charset=utf-8"),
)


def format_named(name: str) -> Format:
    """The format of that name. Raises Invalid."""
    for found in FORMATS:
        if found.name == name:
            return found
    raise Invalid(f"A file is one of {', '.join(known.name for known in FORMATS)}.", field="format")


@dataclass(frozen=True)
class Matching:
    """The keys of the rows that a file has, in order, and how many rows match in all."""

    keys: Sequence[int]
    total: int

    @classmethod
    def of(cls, keys: Sequence[int]) -> Self:
        """Of these, as many as a file has."""
        return cls(keys[:MOST_ROWS], len(keys))

    @property
    def is_cut(self) -> bool:
        return len(self.keys) < self.total


def matching(explorer: Explorer, actor: Actor, tree: Node, window: Window, address: Address) -> Matching:
    """All rows that match at this moment, of those that the actor may see: the first MOST_ROWS of them.

    Keys only: they weigh little, and a file made of them neither repeats nor misses a row while new ones arrive.
    """
    engine = engine_of(explorer.surface)(Scope.of(explorer.surface, actor, tree, window))
    found = engine.page(address.column, falling=address.order == "desc", beyond=None, limit=MOST_ROWS)
    return Matching([pk for pk, _ in found], engine.total())


def file_name(explorer: Explorer, kind: Format, now: datetime, found: Matching) -> str:
    """`signals-2026-11-23-0612Z.csv`, and how many rows it stops after where it holds not all."""
    cut = f"-first-{MOST_ROWS}" if found.is_cut else ""
    return f"{explorer.nouns}-{now:%Y-%m-%d-%H%M}Z{cut}.{kind.name}"


def chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    """The keys, CHUNK at a time."""
    left = iter(keys)
    while some := list(islice(left, CHUNK)):
        yield some


def csv_lines(
    heads: Sequence[str], keys: Sequence[int], read: Callable[[list[int]], Iterable[Sequence[str]]]
) -> Iterator[str]:
    """The file, a chunk of rows at a time. `read` gives the cells of the rows with these keys."""
    yield _written([[harmless(head) for head in heads]])  # a link chooses columns, and paths begin with @
    for some in chunks(keys):
        yield _written([[harmless(cell) for cell in cells] for cells in read(some)])


def ndjson_lines(keys: Sequence[int], read: Callable[[list[int]], Iterable[Mapping[str, Any]]]) -> Iterator[str]:
    """The file, a chunk of rows at a time, one JSON object a line."""
    for some in chunks(keys):
        yield "".join(f"{json.dumps(facts, ensure_ascii=False)}\n" for facts in read(some))


def harmless(cell: str) -> str:
    """The cell, with `'` before what a spreadsheet would run: attackers write titles, hosts and tags.

    Source: OWASP, “CSV Injection”. Spaces before a formula do not make it harmless in every program.
    """
    return f"'{cell}" if FORMULA.match(cell) else cell


def moment(at: datetime) -> str:
    """A moment as files have it: `2026-11-23T05:37:00Z`, wherever the reader sits."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _written(rows: Iterable[Sequence[str]]) -> str:
    # Everything is quoted: where lists are separated by semicolons, a cell with one in it would become two.
    page = StringIO()
    csv.writer(page, quoting=csv.QUOTE_ALL).writerows(rows)
    return page.getvalue()
