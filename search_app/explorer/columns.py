"""The columns of an explorer's table: the head over each, and the menu in which they are chosen and ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search_app.explorer.address import Address
from search_app.explorer.spec import Column, Explorer

SORTED = {"asc": "ascending", "desc": "descending"}


@dataclass(frozen=True)
class Head:
    """The head of a column. `url` sorts by it, `sorted` is how the rows are sorted by it now; both may be empty."""

    name: str
    label: str
    kind: str
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the menu. Its links show or hide the column and move it; one that would change nothing is empty."""

    name: str
    label: str
    is_shown: bool
    toggle: str
    up: str
    down: str


@dataclass(frozen=True)
class Menu:
    """The menu of columns: those shown in their order, then the others.

    `reset` is empty when nothing was chosen; `params` is the rest of the address, for the form that adds a column.
    """

    shown: Sequence[Line]
    hidden: Sequence[Line]
    reset: str
    params: Sequence[tuple[str, str]]


def chosen(explorer: Explorer, address: Address) -> list[Column]:
    """The columns that the table shows, in order."""
    return [explorer.column(name) for name in address.cols or explorer.shown]


def plain_heads(columns: Sequence[Column]) -> list[Head]:
    """Heads of a table that cannot be sorted."""
    return [Head(column.name, column.label, column.kind) for column in columns]


def draw_heads(explorer: Explorer, address: Address) -> list[Head]:
    """Heads that sort by their column where it has an order."""
    return [
        Head(
            column.name,
            column.label,
            column.kind,
            url=f"{explorer.path}{address.sorted_by(column.sort)}" if column.sort else "",
            sorted=SORTED[address.order] if column.sort and column.sort == address.column else "",
        )
        for column in chosen(explorer, address)
    ]


def draw_menu(explorer: Explorer, address: Address) -> Menu:
    """Every column that there is and those that a person has added, with what a click on each would show."""
    shown = [column.name for column in chosen(explorer, address)]

    def showing(names: Sequence[str]) -> str:
        """The address of the same page with these columns; empty for none and for the ones that are shown now."""
        if not names or list(names) == shown:
            return ""
        cols = () if tuple(names) == explorer.shown else tuple(names)
        return f"{explorer.path}{address.to(cols=cols, after=address.after)}"

    def line(name: str) -> Line:
        label = explorer.column(name).label
        if name not in shown:
            return Line(name, label, False, showing([*shown, name]), "", "")
        place = shown.index(name)
        rest = shown[:place] + shown[place + 1 :]
        up = [*rest[: place - 1], name, *rest[place - 1 :]] if place else shown
        down = [*rest[: place + 1], name, *rest[place + 1 :]]
        return Line(name, label, True, showing(rest), showing(up), showing(down))

    return Menu(
        shown=[line(name) for name in shown],
        hidden=[line(column.name) for column in explorer.columns if column.name not in shown],
        reset=showing(explorer.shown),
        params=[*address.to(cols=(), after=address.after).params().items()],
    )
