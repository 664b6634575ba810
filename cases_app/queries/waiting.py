"""The signals of a case that are still to be archived."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import Count, QuerySet, Sum

from accounts_app.access import Actor
from cases_app.models import Case
from search_app.bulk.frozen import Frozen
from signals_app.models import Signal, TriageState


@dataclass(frozen=True)
class Waiting:
    """How many there are, and a `mark` that is another one once any of them was changed, or others came or went."""

    count: int
    mark: str


def waiting(actor: Actor, case: Case) -> Waiting:
    """How many signals of the case are not archived, of those that the actor sees."""
    told = _rows(actor, case).aggregate(count=Count("pk"), keys=Sum("pk"), versions=Sum("version"))
    return Waiting(told["count"], f"{told['count']}.{told['keys'] or 0}.{told['versions'] or 0}")


def waiting_rows(actor: Actor, case: Case) -> Frozen:
    """These signals, as they are now."""
    pairs = list(_rows(actor, case).order_by("pk").values_list("pk", "version"))
    keys, versions = zip(*pairs, strict=True) if pairs else ((), ())
    return Frozen.of(np.array(keys, np.int64), np.array(versions, np.int32))


def _rows(actor: Actor, case: Case) -> QuerySet[Signal]:
    signals = Signal.objects.visible_to(actor).filter(pk__in=case.signal_links.values("signal"))
    return signals.exclude(state=TriageState.ARCHIVED)
