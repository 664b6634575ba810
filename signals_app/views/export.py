"""What the explorer shows, to take away as a file."""

from __future__ import annotations

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_POST

from search_app.explorer.files import Exporting, explorer_file
from signals_app.actions import export_signals
from signals_app.explorer import EXPLORER
from signals_app.exporting import csv_columns, csv_rows, json_rows

EXPORTING = Exporting(
    note=export_signals,
    heads=lambda columns: [head for head, _ in csv_columns(columns)],
    cells=csv_rows,
    facts=json_rows,
)


@require_POST
def signal_export(request: HttpRequest) -> StreamingHttpResponse:
    """All signals that the explorer's address finds, or those that were selected there. A POST, because it is
    written down."""
    return explorer_file(request, EXPLORER, EXPORTING)
