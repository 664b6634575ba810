"""Attackers and victims: what is known of an address or a person outside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from signals_app.models import Entity
from signals_app.queries.entities import MET_IN, companions, dossier
from signals_app.queries.rows import newest_signals
from signals_app.views.parts import draw, plain_columns, showing, triage_rights

FIELDS = {Entity.Kind.IP: "@network.client.ip", Entity.Kind.USER: "@usr.id"}


@require_GET
def entity_detail(request: HttpRequest, kind: str, value: str) -> HttpResponse:
    """First and last seen, where from, its signals, and who it acted with."""
    entity = _visible(request, kind, value)
    known = dossier(request.actor, entity)
    context = {
        "known": known,
        "entity": entity,
        "companions": companions(request.actor, entity),
        "met_in": MET_IN,
        "signals": newest_signals(request.actor, known.signals),
        "all_signals": showing(FIELDS[Entity.Kind(kind)], value),
        "signal_columns": plain_columns(),
        **triage_rights(request),
    }
    return draw(request, "signals_app/entity_detail.html", context, {})


@require_GET
def entity_card(request: HttpRequest, kind: str, value: str) -> HttpResponse:
    """The card over an entity's name."""
    entity = _visible(request, kind, value)
    context = {"known": dossier(request.actor, entity), "entity": entity}
    return draw(request, "signals_app/entity_card.html", context, {"hovercard": "card"})


def _visible(request: HttpRequest, kind: str, value: str) -> Entity:
    return get_object_or_404(Entity.objects.visible_to(request.actor), kind=kind, value=value)
