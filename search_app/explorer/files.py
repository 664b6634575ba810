"""What an explorer shows, sent as a file: the same way whatever it lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from accounts_app.access import Actor, require
from core_app.errors import Invalid
from search_app.bulk.selection import selected
from search_app.explorer.columns import chosen
from search_app.explorer.export import Matching, csv_lines, file_name, format_named, matching, ndjson_lines
from search_app.explorer.forms import ExplorerForm
from search_app.explorer.spec import Column, Explorer


class Note(Protocol):
    def __call__(self, *, actor: Actor, format: str, query: str, start: Any, end: Any, rows: int) -> None:
        """Write down, before the first row leaves, who takes which and how many."""


class Heads(Protocol):
    def __call__(self, columns: Sequence[Column]) -> Sequence[str]:
        """The heads of the file's columns for those of the list."""


class Cells(Protocol):
    def __call__(self, actor: Actor, columns: Sequence[Column], pks: Sequence[int]) -> Iterable[Sequence[str]]:
        """The cells of the rows with these keys, as far as the actor may see them."""


class Facts(Protocol):
    def __call__(self, actor: Actor, pks: Sequence[int]) -> Iterable[Mapping[str, Any]]:
        """All that is known of the rows with these keys, as far as the actor may see them."""


@dataclass(frozen=True)
class Exporting:
    """How the rows of an explorer become a file."""

    note: Note
    heads: Heads
    cells: Cells
    facts: Facts


def explorer_file(request: HttpRequest, explorer: Explorer, exporting: Exporting) -> StreamingHttpResponse:
    """All rows that the explorer's address finds, in its order, or those that were selected there, newest first;
    written down before the first one leaves.

    The rows are read while the file is being sent. Raises NotAllowed, or Invalid for what cannot be read.
    """
    require(request.actor, explorer.permission)
    is_selection = "selection" in request.POST  # the form of Bulk Actions: without a row in it, nothing is meant
    data = request.POST if is_selection else request.GET
    form = ExplorerForm(data, explorer=explorer, actor=request.actor)
    if not form.is_valid():
        raise Invalid(" ".join(problem for problems in form.errors.values() for problem in problems))
    kind = format_named(request.POST.get("format", ""))
    actor, address, now = request.actor, form.address, timezone.now()
    window = address.window(now)
    if is_selection:
        keys = selected(explorer, actor, data).freeze().keys[::-1].tolist()
        if not keys:
            raise Invalid(f"Nothing is selected: tick the {explorer.nouns} that you want first.", field="rows")
        found = Matching.of(keys)
    else:
        found = matching(explorer, actor, form.tree, window, address)
    exporting.note(
        actor=actor, format=kind.name, query=address.query, start=window.start, end=window.end, rows=len(found.keys)
    )
    if kind.name == "csv":
        columns = chosen(explorer, address)
        lines = csv_lines(exporting.heads(columns), found.keys, partial(exporting.cells, actor, columns))
    else:
        lines = ndjson_lines(found.keys, partial(exporting.facts, actor))
    return StreamingHttpResponse(
        lines,
        content_type=kind.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file_name(explorer, kind, now, found)}"',
            "Cache-Control": "no-store",
        },
    )
