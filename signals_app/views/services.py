"""Services: who owns what is attacked."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts_app.access import require
from signals_app import actions
from signals_app.actions.catalogue import SERVICES_WRITE
from signals_app.forms import ServiceForm
from signals_app.models import Service
from signals_app.queries.rows import newest_signals
from signals_app.views.lists import busiest_first
from signals_app.views.parts import READ, draw, plain_columns, refusal, showing, triage_rights


@require_GET
def service_list(request: HttpRequest) -> HttpResponse:
    """Every service with how many signals wait for somebody."""
    require(request.actor, READ)
    services = Service.objects.visible_to(request.actor).select_related("team")
    found_in = ["name", "team__name", "on_call"]
    context = busiest_first(request, services, field="service", key="name", found_in=found_in)
    return render(request, "signals_app/service_list.html", context)


@require_GET
def service_detail(request: HttpRequest, name: str) -> HttpResponse:
    """What is written down about a service, and its newest signals."""
    service = _visible(request, name)
    context = {
        "service": service,
        "signals": newest_signals(request.actor, service.signals.all()),
        "all_signals": showing("service", service.name),
        "can_edit": request.actor.can(SERVICES_WRITE),
        "signal_columns": plain_columns(),
        **triage_rights(request),
    }
    return render(request, "signals_app/service_detail.html", context)


@require_GET
def service_card(request: HttpRequest, name: str) -> HttpResponse:
    """The card over a service's name: its page, repository, documentation, team and who is on call."""
    service = _visible(request, name)
    return draw(request, "signals_app/service_card.html", {"service": service}, {"hovercard": "card"})


@require_http_methods(["GET", "POST"])
def service_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Write down who looks after a service."""
    require(request.actor, SERVICES_WRITE)
    service = _visible(request, name)
    form = ServiceForm(request.POST or None, instance=service, actor=request.actor)
    context = {"service": service, "form": form, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen_version = form.cleaned_data["seen_version"]
        outcome = actions.edit_services(actor=request.actor, seen={service.pk: seen_version}, **form.changes)
        if not outcome.refused:
            messages.success(request, f"The service {name} is saved.")
            return HttpResponseRedirect(reverse("signals:service_detail", args=[name]))
        context |= refusal(_visible(request, name), outcome, seen_version)
    return render(request, "signals_app/service_edit.html", context, status=context["status"])


def _visible(request: HttpRequest, name: str) -> Service:
    services = Service.objects.visible_to(request.actor).select_related("team")
    return get_object_or_404(services, name=name)
