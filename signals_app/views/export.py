"""What the explorer shows, to take away as a file."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts_app.access import require
from core_app.errors import Invalid
from search_app.bulk.selection import selected
from search_app.explorer import ExplorerForm
from search_app.explorer.columns import chosen
from search_app.explorer.export import (
    MOST_ROWS,
    Matching,
    csv_lines,
    file_name,
    format_named,
    matching,
    ndjson_lines,
)
from signals_app.actions import export_signals
from signals_app.explorer import EXPLORER
from signals_app.exporting import csv_columns, csv_rows, json_rows
from signals_app.views.parts import READ


@require_POST
def signal_export(request: HttpRequest) -> StreamingHttpResponse:
    """All signals that the explorer's address finds, in its order, or those that were selected there, newest first;
    written down before the first one leaves.

    A POST, because of that entry. The rows are read while the file is being sent.
    """
    require(request.actor, READ)
    is_selection = "selection" in request.POST  # the form of Bulk Actions: without a row in it, nothing is meant
    data = request.POST if is_selection else request.GET
    form = ExplorerForm(data, explorer=EXPLORER, actor=request.actor)
    if not form.is_valid():
        raise Invalid(" ".join(problem for problems in form.errors.values() for problem in problems))
    kind = format_named(request.POST.get("format", ""))
    actor, address, now = request.actor, form.address, timezone.now()
    window = address.window(now)
    if is_selection:
        keys = selected(EXPLORER, actor, data).freeze().keys[::-1].tolist()
        if not keys:
            raise Invalid("Nothing is selected: tick the signals that you want first.", field="rows")
        found = Matching(keys[:MOST_ROWS], len(keys))
    else:
        found = matching(EXPLORER, actor, form.tree, window, address)
    export_signals(
        actor=actor, format=kind.name, query=address.query, start=window.start, end=window.end, rows=len(found.keys)
    )
    if kind.name == "csv":
        columns = chosen(EXPLORER, address)
        heads = [head for head, _ in csv_columns(columns)]
        lines = csv_lines(heads, found.keys, partial(csv_rows, actor, columns))
    else:
        lines = ndjson_lines(found.keys, partial(json_rows, actor))
    name = file_name(EXPLORER, kind, now, found)
    return StreamingHttpResponse(
        lines,
        content_type=kind.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )
