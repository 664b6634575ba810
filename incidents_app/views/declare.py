"""Declaring an incident: on a page of its own, and in a dialog over the signals or the case that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts_app.access import require
from cases_app.models import Case
from core_app.errors import DomainError, Invalid
from core_app.http import wants_fragment
from incidents_app import actions
from incidents_app.actions import WRITE
from incidents_app.actions.checking import MAX_SIGNALS, MAX_TITLE
from incidents_app.forms import DeclareForm
from incidents_app.models import Incident, UserDefinedField
from incidents_app.queries.rows import case_of_key, signals_of_case
from incidents_app.views.parts import refused, told_beside
from search_app.bulk.selection import Selection, selected
from signals_app.explorer import EXPLORER as SIGNALS_EXPLORER
from signals_app.models import Signal

TEMPLATE = "incidents_app/declare.html"
SERVICES = 20  # of the signals, that an incident begins with


@require_http_methods(["GET", "POST"])
def incident_declare(request: HttpRequest) -> HttpResponse:
    """Ask what an emergency is, and declare it. A POST without the form's token is a selection of signals."""
    require(request.actor, WRITE)
    chosen = chosen_signals(request)
    keys = chosen.freeze().keys.tolist() if chosen else []
    context = {"action": reverse("incidents:declare"), "chosen": chosen, "back": reverse("incidents:list")}
    if "token" not in request.POST:
        form = DeclareForm(actor=request.actor, initial={"token": uuid4(), "title": _title(request, keys)})
        return _ask(request, form, context)

    def declare(given: dict[str, Any]) -> Incident:
        fields = _services(request, keys, given) | given.pop("fields", {})
        # No version is claimed: that somebody triages a signal does not make it less of an emergency.
        return actions.declare(actor=request.actor, signals=dict.fromkeys(keys), fields=fields, **given)

    return _answer(request, context, declare)


@require_http_methods(["GET", "POST"])
def case_escalate(request: HttpRequest, key: str) -> HttpResponse:
    """Declare the incident that a case has become."""
    case = case_of_key(request.actor, key)
    require(request.actor, WRITE)
    context = {
        "action": reverse("incidents:escalate", args=[key]),
        "case": case,
        "case_signals": len(signals_of_case(case)),
        "back": reverse("cases:detail", args=[case.key]),
        "place": case.key,
    }
    if "token" not in request.POST:
        initial = {"token": uuid4(), "title": case.title, "summary": case.description}
        return _ask(request, DeclareForm(actor=request.actor, initial=initial), context)
    return _answer(request, context, lambda given: _escalated(request, case, given))


def _escalated(request: HttpRequest, case: Case, given: dict[str, Any]) -> Incident:
    fields = _services(request, signals_of_case(case), given) | given.pop("fields", {})
    return actions.escalate(actor=request.actor, case=case, fields=fields, **given)


def chosen_signals(request: HttpRequest) -> Selection | None:
    """The signals that a request is about; None when it is about none. Raises Invalid for too many."""
    if not any(request.POST.get(name) for name in ("rows", "matching", "operation")):
        return None
    chosen = selected(SIGNALS_EXPLORER, request.actor, request.POST)
    if len(chosen) > MAX_SIGNALS:
        raise Invalid(f"An incident can be about {MAX_SIGNALS:,} signals at most; these are {len(chosen):,}.")
    return chosen


def _ask(
    request: HttpRequest, form: DeclareForm, context: dict[str, Any], problem: DomainError | None = None
) -> HttpResponse:
    status = problem.status if problem else 422 if form.is_bound else 200
    if problem and told_beside(form, problem):
        problem = None
    name = "#dialog" if wants_fragment(request) else ""
    return render(request, f"{TEMPLATE}{name}", {"form": form, "problem": problem, **context}, status=status)


def _answer(request: HttpRequest, context: dict[str, Any], declare: Any) -> HttpResponse:
    form = DeclareForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _ask(request, form, context)
    made: list[Incident] = []
    problem = refused(lambda: made.append(declare(form.given)))
    if problem is not None:
        return _ask(request, form, context, problem)
    there = reverse("incidents:detail", args=[made[0].public_id])
    if not wants_fragment(request):
        return HttpResponseRedirect(there)
    response = HttpResponse()
    response["HX-Redirect"] = there
    return response


def _title(request: HttpRequest, keys: Sequence[int]) -> str:
    """What the worst of the signals is called, and that there are others."""
    signals = Signal.objects.visible_to(request.actor).filter(pk__in=keys)
    worst = signals.order_by("-severity", "-last_seen").values_list("title", flat=True).first() or ""
    others = f" and {len(keys) - 1:,} more" if len(keys) > 1 else ""
    return worst[: MAX_TITLE - len(others)] + others


def _services(request: HttpRequest, keys: Sequence[int], given: dict[str, Any]) -> dict[str, Any]:
    """What the incident's fields say of the services of its signals, as far as they may be said."""
    signals = Signal.objects.visible_to(request.actor).filter(pk__in=keys).exclude(service=None)
    names = list(signals.order_by("service__name").values_list("service__name", flat=True).distinct()[:SERVICES])
    kind = {"type": given["type"]} if given.get("type") else {"type__is_default": True}
    field = UserDefinedField.objects.visible_to(request.actor).filter(name="services", **kind).first()
    if field is not None:
        names = [name for name in names if not field.choices or name in field.choices]
        return {"services": {"type": field.wire_kind, "value": names if field.is_list else names[0]}} if names else {}
    return {"services": {"type": "multiselect", "value": names}} if names else {}
