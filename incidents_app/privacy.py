"""Which entries of the ledger tell of incidents that are not for everybody."""

from __future__ import annotations

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from accounts_app.access import Actor
from core_app.ledger import target_type
from incidents_app.models import Incident


def hidden_entries(actor: Actor) -> Q:
    """The entries about private incidents, deleted ones too, that this actor is not in."""
    keys = Incident.objects.hidden_from(actor).order_by().annotate(key=Cast("pk", CharField())).values("key")
    return Q(target_type=target_type(Incident), target_id__in=keys)
