"""How many signals there are of every rule or service: counted by the index, for SQL would walk through all of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from accounts_app.access import Actor
from search_app.index import Window
from search_app.index.shares import COUNT, shares
from search_app.language import EVERYTHING
from signals_app.fields import SIGNALS
from signals_app.models import TriageState

STATE = "@workflow.triage.state"
ALWAYS = Window(datetime(1970, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
MOST = 1_000_000  # values: all of them


class Counted(NamedTuple):
    """The signals of one value that somebody may see; `waiting` are those that are not archived."""

    total: int = 0
    waiting: int = 0
    newest: datetime | None = None


def counted(actor: Actor, field: str) -> Mapping[str, Counted]:
    """By value of the field, which each signal has one of; values without signals are left out.

    Raises IndexBuilding while there is no index.
    """
    found = shares(SIGNALS, actor, EVERYTHING, ALWAYS, field=field, parts=[STATE], order=COUNT, size=MOST)
    return {
        share.value.label: Counted(
            share.count, share.count - share.counts[STATE].get(TriageState.ARCHIVED, 0), share.last
        )
        for share in found.shares
    }
