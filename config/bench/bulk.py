"""Bulk actions, measured from the click to the last row: frozen, changed, ledgered, told to the index."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from django.http import QueryDict

from accounts_app.access import Actor, person
from accounts_app.models import User
from search_app.bulk import bulk_action, operations, run
from search_app.bulk.frozen import Frozen
from search_app.bulk.selection import selected
from search_app.explorer import PRESETS
from search_app.index.bitmaps import keeper
from search_app.models import BulkOperation
from signals_app.explorer import EXPLORER
from signals_app.models import TriageState

SIZES = (10_000, 50_000)
MOVES = ((TriageState.OPEN, TriageState.UNDER_REVIEW), (TriageState.UNDER_REVIEW, TriageState.OPEN))


def measure() -> dict[str, Any]:
    """Seconds that it takes to set the state of so many signals, by size; sizes that the data set has not are left
    out."""
    keeper.PATIENCE = 3600  # the bench waits as long as it takes: the pages' patience is another matter
    actor = person(User.objects.get(email="bench@bench.test"))
    selected(EXPLORER, actor, QueryDict("matching=on"))  # the index is open when somebody looks at a list
    found = {}
    for size in SIZES:
        move = _next_state(actor, size)
        if move is None:
            continue
        to, query = move
        start = time.perf_counter()
        rows = selected(EXPLORER, actor, query).freeze()
        operation = operations.begin(
            actor=actor,
            action=bulk_action("signals", "set_state"),
            rows=Frozen.of(rows.keys[-size:], rows.versions[-size:]),
            params={"to": to, "reason": "", "comment": ""},
            words=f"Set state to {to}",
            selection="the bench's",
            token=uuid4(),
        )
        begun = time.perf_counter()
        while run.run_due():
            pass
        done = time.perf_counter()
        report = BulkOperation.objects.get(pk=operation.pk)
        found[f"{size:,}"] = {
            "begin_seconds": begun - start,
            "seconds": done - start,
            "changed": report.changed,
            "state": report.state,
        }
    return found


def _next_state(actor: Actor, size: int) -> tuple[str, QueryDict] | None:
    """A state that so many signals may go to, and the narrowest query that finds those in the other; None if there
    are too few that are not archived."""
    for preset in PRESETS:
        for state, to in MOVES:
            query = QueryDict(mutable=True)
            words = f"@workflow.triage.state:{state.value}"
            query.update({"matching": "on", "range": preset.name, "query": words})
            if len(selected(EXPLORER, actor, query)) >= size:
                return to.value, query
    return None
