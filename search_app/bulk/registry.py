"""What can be done to many rows of a surface at once: the entries of its *Bulk Actions* menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.forms import Form

from accounts_app.access import Actor
from core_app.errors import NotFound
from core_app.outcome import Outcome
from core_app.paths import path_to

Seen = Mapping[int, int | None]
Params = Mapping[str, Any]


class Act(Protocol):
    def __call__(self, *, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Any]:
        """Do it to these rows, in the caller's transaction."""


class Undo(Protocol):
    def __call__(self, *, actor: Actor, seen: Seen, done: Mapping[int, Params], operation: UUID) -> Outcome[Any]:
        """Put these rows back. `done` is, by key, the `data` of the ledger entry that told of the change."""


@dataclass(frozen=True)
class BulkAction:
    """One verb for many rows.

    `form(data, actor)` accepts its settings, drawn by `template` (none: there are none), and `params` makes JSON of
    a valid one. `words` says what is done: “Set state to Archived”. `button` goes before the number of rows:
    “Set state of 12 signals”. `undo_note` is what a person should know before they undo it.
    """

    surface: str
    name: str
    label: str
    permission: str
    button: str
    icon: str
    form: Callable[[Any, Actor], Form]
    params: Callable[[Form], Params]
    words: Callable[[Form], str]
    act: Act
    undo: Undo | None = None
    template: str = ""
    undo_note: str = ""
    place: int = 0

    opens_dialog = True
    value = ("", "")  # nothing is sent with the selection

    @property
    def url(self) -> str:
        return path_to("search:bulk", self.surface, self.name)


@dataclass(frozen=True)
class BulkLink:
    """An entry that another page answers: the selection is posted to `url_name`.

    What comes back is a dialog, or, with `opens_dialog` off, a file or a page. With `alone`, those words are a button
    on the page of a single row too, which posts a selection of that one.
    """

    surface: str
    name: str
    label: str
    permission: str
    icon: str
    url_name: str
    value: tuple[str, str] = ("", "")  # a field that is sent with the selection
    opens_dialog: bool = True
    alone: str = ""
    place: int = 0

    @property
    def url(self) -> str:
        return path_to(self.url_name)


Entry = BulkAction | BulkLink

_entries: dict[tuple[str, str], Entry] = {}


def register(entry: Entry) -> None:
    """Hang an entry into the menu of a surface. Raises ValueError for a name that is taken."""
    if (entry.surface, entry.name) in _entries:
        raise ValueError(f"Two bulk actions of {entry.surface} are called {entry.name}.")
    _entries[entry.surface, entry.name] = entry


def entries_of(surface: str) -> list[Entry]:
    """The menu of a surface, by the places of its entries, and in the order in which it was made."""
    return sorted((entry for (of, _), entry in _entries.items() if of == surface), key=lambda entry: entry.place)


def bulk_action(surface: str, name: str) -> BulkAction:
    """The action of that name. Raises NotFound."""
    entry = _entries.get((surface, name))
    if not isinstance(entry, BulkAction):
        raise NotFound("There is no such bulk action.")
    return entry
