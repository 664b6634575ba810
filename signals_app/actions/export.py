"""Taking signals out of the product, which is written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from core_app.ledger import record

READ = "security_monitoring_signals_read"


@transaction.atomic
def export_signals(*, actor: Actor, format: str, query: str, start: datetime, end: datetime, rows: int) -> None:
    """Write down, before the first row leaves, who takes which and how many. Raises NotAllowed."""
    require(actor, READ)
    record(
        actor,
        "signals.exported",
        User.objects.get(pk=actor.id),
        format=format,
        query=query,
        start=start.isoformat(),
        end=end.isoformat(),
        rows=rows,
    )
