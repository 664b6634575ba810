"""The cases of an incident, and the incidents of a case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from cases_app.queries.rows import find_cases
from core_app.errors import DomainError
from core_app.http import wants_fragment
from incidents_app import actions
from incidents_app.actions import WRITE
from incidents_app.models import Incident
from incidents_app.models.managers import READ
from incidents_app.queries.rows import case_of_key, incidents_of_case
from incidents_app.views.parts import ask, done, refused, rights, visible_incident
from incidents_app.work_forms import CaseForm, FindForm


@require_http_methods(["GET", "POST"])
def case_link(request: HttpRequest, public_id: int) -> HttpResponse:
    """Find a case by its key or title, and say that it belongs to the incident."""
    incident = visible_incident(request, public_id)
    require(request.actor, WRITE)
    form = CaseForm(request.POST if "link" in request.POST else None, actor=request.actor)
    if not form.is_valid():
        return _ask_which(request, incident, form)
    case = form.cleaned_data["case"]
    problem = refused(lambda: actions.link_case(actor=request.actor, incident=incident, case=case))
    if problem is not None:
        return _ask_which(request, incident, form, problem)
    return done(request, incident)


def _ask_which(
    request: HttpRequest, incident: Incident, form: CaseForm, problem: DomainError | None = None
) -> HttpResponse:
    find = FindForm(request.POST)
    text = find.cleaned_data["find"] if find.is_valid() else ""
    found = {
        "find": text,
        "cases": find_cases(request.actor, text, closed=True),
        "picked": request.POST.get("case", ""),
        "with_closed": True,
    }
    if request.htmx.target == "case-choices":
        return render(request, "cases_app/find_case.html#choices", found)
    words = {"title": "Link a case", "button": "Link"}
    return ask(request, incident, form, problem=problem, template="incidents_app/case_link.html", **words, **found)


@require_POST
def case_unlink(request: HttpRequest, public_id: int, key: str) -> HttpResponse:
    """Say that a case does not belong to the incident."""
    incident = visible_incident(request, public_id)
    actions.unlink_case(actor=request.actor, incident=incident, case=case_of_key(request.actor, key))
    return done(request, incident)


@require_GET
def case_incidents(request: HttpRequest, key: str) -> HttpResponse:
    """The section of a case's page: the incidents that it belongs to, as far as the person sees them."""
    case = case_of_key(request.actor, key)
    require(request.actor, READ)
    context = {"case": case, "incidents": list(incidents_of_case(request.actor, case)), **rights(request)}
    name = "#list" if wants_fragment(request) else ""
    return render(request, f"incidents_app/case_incidents.html{name}", context)
