"""Of which cases nobody is told at a moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts_app.access import system
from cases_app.fields import CASES
from cases_app.models import MaintenanceWindow
from search_app.kinds import Asker
from search_app.language import QueryError
from search_app.to_q import compile_for


def quiet_at(moment: datetime, cases: Iterable[int]) -> set[int]:
    """Those of these cases, by key, that lie in a maintenance window at that moment."""
    windows = MaintenanceWindow.objects.filter(start_at__lte=moment, end_at__gt=moment)
    actor = system("maintenance windows")
    asked, found = set(cases), set()
    for window in windows:
        try:
            # Archived ones as well: that a case is archived is told of it, too.
            met = compile_for(CASES.parse(window.query), CASES.table, Asker.of(actor))
        except QueryError:  # it asks for what there is no more
            continue
        found |= set(CASES.rows(actor).filter(met, pk__in=asked).values_list("pk", flat=True))
    return found
