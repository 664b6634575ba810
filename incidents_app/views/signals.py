"""The signals of an incident, and the incidents of a signal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts_app.access import require
from core_app.errors import Invalid
from core_app.http import partial, wants_fragment
from incidents_app import actions
from incidents_app.actions import LINK
from incidents_app.models import Incident
from incidents_app.models.managers import READ
from incidents_app.queries import lately
from incidents_app.queries.rows import incidents_of_signal
from incidents_app.views.declare import chosen_signals
from incidents_app.views.parts import CHANGED, visible_incident
from incidents_app.work_forms import ChosenForm, FindForm, RowsForm
from search_app.bulk.selection import Selection
from signals_app.models import Signal

TEMPLATE = "incidents_app/add_signals.html"
OFFERED = 10  # incidents to choose from
CHUNK = 500  # signals a transaction


@require_POST
def add_signals(request: HttpRequest) -> HttpResponse:
    """Find an incident by its number or title, and put the selected signals into it."""
    require(request.actor, LINK)
    require(request.actor, READ)
    chosen = chosen_signals(request)
    if chosen is None:
        raise Invalid("Nothing is selected: tick the signals that you mean first.", field="rows")
    if "confirm" not in request.POST:
        return _ask(request, chosen, ChosenForm())
    form = ChosenForm(request.POST)
    if not form.is_valid():
        return _ask(request, chosen, form, status=422)
    incident = visible_incident(request, form.cleaned_data["incident"])
    keys = chosen.freeze().keys.tolist()
    added = there = refused = 0
    operation = uuid4()
    for start in range(0, len(keys), CHUNK):
        outcome = actions.add_signals(
            actor=request.actor,
            incident=incident,
            signals=dict.fromkeys(keys[start : start + CHUNK]),  # the link changes no signal, so it claims no version
            on_timeline=form.cleaned_data["on_timeline"],
            operation=operation if len(keys) > 1 else None,
        )
        added += len(outcome.changed)
        there += len(outcome.unchanged)
        refused += len(outcome.refused)
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("incidents:signals", args=[incident.public_id]))
    context = {"incident": incident, "added": added, "there": there, "refused": refused}
    response = partial(request, "incidents_app/added.html", context, trigger=CHANGED)
    return trigger_client_event(response, "signals:changed", after="settle")


def _ask(request: HttpRequest, chosen: Selection, form: ChosenForm, *, status: int = 200) -> HttpResponse:
    find = FindForm(request.POST)
    words = find.cleaned_data["q"] if find.is_valid() else ""
    picked = form["incident"].value() if form.is_bound else None
    context: dict[str, Any] = {
        "chosen": chosen,
        "form": form,
        "words": words,
        "incidents": lately(request.actor, words)[:OFFERED],
        "picked": str(picked or request.POST.get("incident", "")),
        "on_timeline": "on_timeline" in request.POST or "q" not in request.POST,  # yes, until somebody says no
    }
    name = ""
    if wants_fragment(request):
        name = "#choices" if request.htmx.target == "incident-choices" else "#dialog"
    return render(request, f"{TEMPLATE}{name}", context, status=status)


@require_POST
def remove_signals(request: HttpRequest, public_id: int) -> HttpResponse:
    """Take signals out of the incident."""
    incident = visible_incident(request, public_id)
    require(request.actor, LINK)
    form = RowsForm(request.POST)
    if not form.is_valid():
        raise Invalid("Say which signals are to be taken out.", field="signals")
    actions.remove_signals(actor=request.actor, incident=incident, signals=dict.fromkeys(form.cleaned_data["signals"]))
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("incidents:signals", args=[public_id]))
    response = trigger_client_event(HttpResponse(), CHANGED, after="settle")
    return trigger_client_event(response, "signals:changed", after="settle")


@require_GET
def signal_incidents(request: HttpRequest, public_id: str) -> HttpResponse:
    """The section of a signal's panel: the incidents that it is in, as far as the person sees them."""
    signal = get_object_or_404(Signal.objects.visible_to(request.actor), public_id=public_id)
    require(request.actor, READ)
    incidents: list[Incident] = list(incidents_of_signal(request.actor, signal))
    context = {"signal": signal, "incidents": incidents, "can_link": request.actor.can(LINK)}
    name = "#list" if wants_fragment(request) else ""
    return render(request, f"incidents_app/signal_incidents.html{name}", context)
