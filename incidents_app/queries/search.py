"""Incidents by the query language."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts_app.access import Actor
from incidents_app.fields import INCIDENTS
from incidents_app.models import Incident
from search_app.to_q import compile_q


def matching(actor: Actor, text: str) -> QuerySet[Incident]:
    """The incidents that a query finds among those that the actor may see. Raises QueryError."""
    tree = INCIDENTS.parse(text)
    return Incident.objects.found_by(actor).filter(compile_q(tree, INCIDENTS.table, actor))
