"""Taking incidents out of the product, which is written down."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from core_app.ledger import record
from incidents_app.models.managers import READ


@transaction.atomic
def export_incidents(*, actor: Actor, format: str, query: str, start: datetime, end: datetime, rows: int) -> None:
    """Write down, before the first row leaves, who takes which and how many. Raises NotAllowed."""
    require(actor, READ)
    taken = {"format": format, "query": query, "start": start.isoformat(), "end": end.isoformat(), "rows": rows}
    record(actor, "incidents.exported", User.objects.get(pk=actor.id), **taken)
