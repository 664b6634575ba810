"""What the rows of one list of signals have in common, as far as they are drawn by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from search_app.explorer.columns import Head


class Cell(NamedTuple):
    """A column, as its cells know it."""

    name: str
    label: str
    kind: str


class RowLook(NamedTuple):
    """How the rows of a list look: their columns, whether they can be selected, what their links carry on of the
    explorer's address, and what the reader may do."""

    cells: Sequence[Cell]
    can_select: bool
    tail: str
    can_write: bool
    why_not_write: str
    reads_rules: bool


def row_look(heads: Sequence[Head], **shared: Any) -> RowLook:
    """The same for the columns with these heads; `shared` is the rest of it."""
    return RowLook(tuple(Cell(head.name, head.label, head.kind) for head in heads), **shared)
