"""One case: its page, and the forms that make and edit it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts_app.access import require
from cases_app import actions, sections
from cases_app.custom import shown
from cases_app.forms import CaseForm, CommentForm, NewCaseForm, people
from cases_app.models import Case, Priority, Project, Status
from cases_app.queries import timeline
from cases_app.queries.rows import is_overdue
from cases_app.queries.waiting import waiting
from cases_app.views.besides import related, watchers
from cases_app.views.parts import refusal, rights, typed, visible_case
from core_app.http import wants_fragment
from search_app.explorer import Address
from signals_app.actions import WRITE as SIGNALS_WRITE
from signals_app.explorer import EXPLORER as SIGNALS
from signals_app.models import Signal
from signals_app.models.signals import ArchiveReason

LINKED = 50  # signals on the page
TOLD = 200  # rows of the timeline on the page
PAGE = "cases_app/case_detail.html"


@require_GET
def case_detail(request: HttpRequest, case: str) -> HttpResponse:
    """The case, or the part of its page that has to be fresh."""
    found = visible_case(request, case)
    part = PARTS.get(request.htmx.target or "") if wants_fragment(request) else None
    if part:
        name, read = part
        return render(request, f"{PAGE}#{name}", read(request, found))
    if found.key != case:  # a key that it had; the browser keeps the place on the page
        return redirect(f"{reverse('cases:detail', args=[found.key])}{_query(request)}")
    context = {
        **head(request, found),
        **linked(request, found),
        **happened(request, found),
        **related(request, found),
        **watchers(request, found),
        "custom": shown(found),
        "form": CommentForm(),
        "sections": [(section, section.url(found.key)) for section in sections.sections_for(request.actor)],
    }
    return render(request, PAGE, context)


def _query(request: HttpRequest) -> str:
    return f"?{request.GET.urlencode()}" if request.GET else ""


def head(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the head of the page is drawn from; with the signals that could be archived with a closed case."""
    case.is_overdue = is_overdue(case)
    is_offered = case.status == Status.CLOSED and request.actor.can(SIGNALS_WRITE)
    return {
        "case": case,
        "statuses": Status,
        "priorities": Priority,
        "people": people(request.actor),
        "buttons": [(button, button.url(case.key)) for button in sections.buttons_for(request.actor)],
        "waiting": waiting(request.actor, case) if is_offered else None,
        "reasons": ArchiveReason,
        "token": uuid4(),
        **rights(request),
    }


def linked(request: HttpRequest, case: Case) -> dict[str, Any]:
    """The signals of the case, those added last first."""
    visible = Signal.objects.visible_to(request.actor)
    links = case.signal_links.filter(signal__in=visible).select_related("signal", "signal__service")
    total = links.count()
    address = Address(query=f"@case.key:{case.key}", range="90d")
    return {
        "case": case,
        "links": list(links.order_by("-pk")[:LINKED]),
        "links_total": total,
        "links_url": f"{SIGNALS.path}{address}" if request.actor.can(SIGNALS.permission) else "",
        "can_unlink": request.actor.can(actions.WRITE) and request.actor.can(SIGNALS_WRITE),
        **rights(request),
    }


def happened(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What happened to the case and was said about it: the last of it, or with `all` the whole."""
    whole = "all" in request.GET
    rows = timeline(request.actor, case, None if whole else TOLD + 1)
    beyond = not whole and len(rows) > TOLD
    return {
        "case": case,
        "rows": rows[1:] if beyond else rows,
        "earlier": f"{reverse('cases:detail', args=[case.key])}?all=1" if beyond else "",
        "may_moderate": request.actor.can("org_management"),
        **rights(request),
    }


PARTS = {"case-head": ("head", head), "case-activity": ("activity", happened), "case-signals": ("signals", linked)}


@require_http_methods(["GET", "POST"])
def case_new(request: HttpRequest) -> HttpResponse:
    """Make a case of one's own. An address may suggest the project."""
    require(request.actor, actions.WRITE)
    initial = {"project": request.GET.get("project")} if request.method == "GET" else {}
    form = NewCaseForm(request.POST or None, actor=request.actor, initial=initial)
    if form.is_valid():
        case = actions.create_case(actor=request.actor, token=form.cleaned_data["token"], **form.values)
        return HttpResponseRedirect(reverse("cases:detail", args=[case.key]))
    context = {"form": form, "projects": Project.objects.visible_to(request.actor)}
    return render(request, "cases_app/case_new.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def case_edit(request: HttpRequest, case: str) -> HttpResponse:
    """Write what a case says."""
    require(request.actor, actions.WRITE)
    found = visible_case(request, case)
    form = CaseForm(request.POST or None, instance=found, actor=request.actor)
    context: dict[str, Any] = {"case": found, "form": form, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen = form.cleaned_data["seen_version"]
        outcome = actions.edit_cases(actor=request.actor, seen={found.pk: seen}, **form.given)
        if not outcome.refused:
            return HttpResponseRedirect(reverse("cases:detail", args=[found.key]))
        fresh = get_object_or_404(Case.objects.visible_to(request.actor), pk=found.pk)
        context |= refusal(fresh, outcome, seen)
        context["form"] = CaseForm(instance=fresh, actor=request.actor, initial=typed(form, fresh, seen))
    return render(request, "cases_app/case_edit.html", context, status=context["status"])
