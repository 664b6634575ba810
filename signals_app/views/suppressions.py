"""Suppressions: what shall make no signal."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from signals_app import actions
from signals_app.actions import SUPPRESSIONS_WRITE
from signals_app.forms import SuppressionForm
from signals_app.models import Suppression
from signals_app.queries.versions import versions
from signals_app.views.parts import refusal

READ = "security_monitoring_suppressions_read"
SHOWN = 20  # versions on a page
PREFILLED = ("name", "rule_query", "query")


@require_GET
def suppression_list(request: HttpRequest) -> HttpResponse:
    """Every suppression, with what it has kept from becoming signals."""
    require(request.actor, READ)
    rows = list(Suppression.objects.visible_to(request.actor).select_related("created_by"))
    now = timezone.now()
    for row in rows:
        row.works = row.is_in_force(now)
    context = {"suppressions": rows, "can_write": request.actor.can(SUPPRESSIONS_WRITE)}
    return render(request, "signals_app/suppression_list.html", context)


@require_http_methods(["GET", "POST"])
def suppression_create(request: HttpRequest) -> HttpResponse:
    """A new one; a rule's page and a signal's say in the address what it should be about."""
    require(request.actor, SUPPRESSIONS_WRITE)
    given = {name: request.GET[name][:1000] for name in PREFILLED if name in request.GET}
    form = SuppressionForm(request.POST or None, initial={"is_enabled": True, **given}, actor=request.actor)
    if form.is_valid():
        row = actions.create_suppression(actor=request.actor, **form.changes)
        messages.success(request, f"The suppression “{row.name}” is there.")
        return HttpResponseRedirect(reverse("signals:suppression_list"))
    status = 422 if form.is_bound else 200
    return render(request, "signals_app/suppression_edit.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
def suppression_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change what it is about, when, or whether at all."""
    require(request.actor, SUPPRESSIONS_WRITE)
    row = _visible(request, uuid)
    form = SuppressionForm(request.POST or None, instance=row, actor=request.actor)
    past = list(islice(versions(_visible(request, uuid)), SHOWN))
    context = {"suppression": row, "form": form, "versions": past, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen_version = form.cleaned_data["seen_version"]
        outcome = actions.edit_suppressions(actor=request.actor, seen={row.pk: seen_version}, **form.changes)
        if not outcome.refused:
            messages.success(request, f"The suppression “{form.cleaned_data['name']}” is saved.")
            return HttpResponseRedirect(reverse("signals:suppression_list"))
        context |= refusal(_visible(request, uuid), outcome, seen_version)
    return render(request, "signals_app/suppression_edit.html", context, status=context["status"])


@require_POST
def suppression_delete(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """End it for good."""
    require(request.actor, SUPPRESSIONS_WRITE)
    row = _visible(request, uuid)
    actions.delete_suppression(actor=request.actor, suppression=row)
    messages.success(request, f"The suppression “{row.name}” is gone.")
    return HttpResponseRedirect(reverse("signals:suppression_list"))


def _visible(request: HttpRequest, uuid: UUID) -> Suppression:
    return get_object_or_404(Suppression.objects.visible_to(request.actor), uuid=uuid)
