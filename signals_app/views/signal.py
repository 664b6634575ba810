"""One signal: its page, which is also the explorer's side panel."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from search_app.bulk import showing as bulk
from search_app.language import value_text
from search_app.language.nodes import FIELD_NAME
from signals_app.actions.catalogue import RULES_WRITE
from signals_app.explorer import EXPLORER
from signals_app.models import Signal, SignalEntity
from signals_app.queries.activity import activity
from signals_app.queries.investigation import investigate
from signals_app.sections import sections_for
from signals_app.views.parts import came_from, draw, showing, suppress_url, triage_rights, visible_signal
from signals_app.words import story

ENTRIES = 50  # of the ledger on a page
CARD_ENTITIES = 12
ENTITIES = 200  # of each kind on a page
VALUES = 8  # shown of one attribute


@require_GET
def signal_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """The whole signal, or the panel beside the list, or the part of either that has to be fresh."""
    signal = visible_signal(request, public_id)
    found = investigate(request.actor, signal)
    entries = list(activity(signal)[: ENTRIES + 1])
    address = came_from(request)
    context = {
        "signal": signal,
        "found": found,
        "story": signal.message or story(signal, found.attackers_total, found.victims_total),
        "address": address,
        "entries": entries[:ENTRIES],
        "earlier": f"{reverse('signals:activity', args=[public_id])}?page=2" if len(entries) > ENTRIES else "",
        "tags": [{"text": tag, "url": showing(*_as_field(tag), address)} for tag in found.tags],
        "attributes": [
            {
                "path": path,
                "values": [(text, showing(path, text, address)) for text in texts[:VALUES]],
                "beyond": len(texts) - VALUES,
            }
            for path, texts in found.attributes
        ],
        "can_edit_rule": request.actor.can(RULES_WRITE),
        "suppress_url": suppress_url(request, signal.rule, _where(signal)),
        "responses": bulk.alone(EXPLORER.surface.name, request.actor),
        "sections": [(section, section.url(public_id)) for section in sections_for(request.actor)],
        **triage_rights(request),
    }
    parts = {"signal-panel": "panel", "signal-triage": "triage"}
    return draw(request, "signals_app/signal_detail.html", context, parts)


def _where(signal: Signal) -> str:
    """The place of a signal, as a query."""
    places = {"service": signal.service.name if signal.service else "", "env": signal.env}
    return " ".join(f"{name}:{value_text(value)}" for name, value in places.items() if value)


def _as_field(tag: str) -> tuple[str, str]:
    key, _, value = tag.partition(":")
    return (key, value) if value and FIELD_NAME.fullmatch(key) else ("tags", tag)


@require_GET
def signal_activity(request: HttpRequest, public_id: str) -> HttpResponse:
    """What happened to the signal, newest first."""
    signal = visible_signal(request, public_id)
    page = Paginator(activity(signal), ENTRIES).get_page(request.GET.get("page"))
    earlier = f"{request.path}?page={page.next_page_number()}" if page.has_next() else ""
    context = {"signal": signal, "entries": page.object_list, "earlier": earlier}
    return draw(request, "signals_app/signal_activity.html", context, {"signal-activity": "entries"})


@require_GET
def signal_entities(request: HttpRequest, public_id: str) -> HttpResponse:
    """Attackers and victims: a card over the list, or all of them, page by page."""
    signal = visible_signal(request, public_id)
    shown = CARD_ENTITIES if request.htmx.target == "hovercard" else ENTITIES
    groups = []
    for role, label in ((SignalEntity.Role.ATTACKER, "Attackers"), (SignalEntity.Role.VICTIM, "Users")):
        pages = Paginator(signal.parts.filter(role=role).select_related("entity"), shown)
        page = pages.get_page(request.GET.get(role.value))
        groups.append({"label": label, "role": role.value, "total": pages.count, "page": page})
    return draw(
        request, "signals_app/signal_entities.html", {"signal": signal, "groups": groups}, {"hovercard": "card"}
    )
