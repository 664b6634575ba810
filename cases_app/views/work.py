"""How the work on a case goes on: status, priority, assignee, archive; and its signals, once it is closed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts_app.access import require
from cases_app import actions
from cases_app.forms import ArchiveSignalsForm, AssigneeForm, PriorityForm, SeenForm, StatusForm
from cases_app.models import Case
from cases_app.queries.waiting import waiting, waiting_rows
from cases_app.views.case import head
from cases_app.views.parts import CHANGED, refusal, version_for, visible_case
from core_app.errors import Conflict
from core_app.http import partial, wants_fragment
from core_app.outcome import Outcome
from search_app.bulk import operations
from signals_app.bulk import SET_STATE
from signals_app.models import TriageState

PAGE = "cases_app/case_refused.html"
HEAD = "cases_app/case_detail.html#head"


@require_POST
def case_set_status(request: HttpRequest, case: str) -> HttpResponse:
    found, form = visible_case(request, case), StatusForm(request.POST)
    if not form.is_valid():
        return _invalid(request, found, form)
    seen = form.cleaned_data["seen_version"]
    version = version_for(found, seen, "status")
    outcome = actions.set_status(actor=request.actor, seen={found.pk: version}, to=form.cleaned_data["to"])
    return _told(request, found, outcome, seen)


@require_POST
def case_set_priority(request: HttpRequest, case: str) -> HttpResponse:
    found, form = visible_case(request, case), PriorityForm(request.POST)
    if not form.is_valid():
        return _invalid(request, found, form)
    seen = form.cleaned_data["seen_version"]
    version = version_for(found, seen, "priority")
    outcome = actions.set_priority(actor=request.actor, seen={found.pk: version}, to=form.cleaned_data["to"])
    return _told(request, found, outcome, seen)


@require_POST
def case_assign(request: HttpRequest, case: str) -> HttpResponse:
    found, form = visible_case(request, case), AssigneeForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _invalid(request, found, form)
    seen = form.cleaned_data["seen_version"]
    version = version_for(found, seen, "assignee")
    outcome = actions.assign(actor=request.actor, seen={found.pk: version}, user=form.cleaned_data["assignee"])
    return _told(request, found, outcome, seen)


@require_POST
def case_archive(request: HttpRequest, case: str) -> HttpResponse:
    return _put_away(request, case, actions.archive)


@require_POST
def case_unarchive(request: HttpRequest, case: str) -> HttpResponse:
    return _put_away(request, case, actions.unarchive)


def _put_away(request: HttpRequest, case: str, verb: Any) -> HttpResponse:
    found, form = visible_case(request, case), SeenForm(request.POST)
    if not form.is_valid():
        return _invalid(request, found, form)
    seen = form.cleaned_data["seen_version"]
    return _told(request, found, verb(actor=request.actor, seen={found.pk: seen}), seen)


@require_POST
def case_archive_signals(request: HttpRequest, case: str) -> HttpResponse:
    """Archive the signals of a closed case, in one operation that can be undone for an hour."""
    found, asked = visible_case(request, case), ArchiveSignalsForm(request.POST)
    if not asked.is_valid():
        return _invalid(request, found, asked)
    form = SET_STATE.form({**request.POST.dict(), "state": TriageState.ARCHIVED}, request.actor)
    if not form.is_valid():
        return _invalid(request, found, form)
    require(request.actor, SET_STATE.permission)
    token, seen = asked.cleaned_data["token"], asked.cleaned_data["seen"]
    operation = operations.begun_with(request.actor, token)
    if operation is None:
        rows = waiting_rows(request.actor, found)
        if waiting(request.actor, found).mark != seen:  # asked after the rows were read: these are what was seen
            problem = Conflict("Some of its signals were changed meanwhile: look at how many there are now.")
            return _refused(request, found, {"problem": problem, "status": problem.status})
        operation = operations.begin(
            actor=request.actor,
            action=SET_STATE,
            rows=rows,
            params=SET_STATE.params(form),
            words=SET_STATE.words(form),
            selection=f"the signals of case {found.key}",
            token=token,
        )
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("search:bulk_operation", args=["signals", operation.uuid]))
    return partial(request, HEAD, {**head(request, found), "operation": operation}, trigger=CHANGED)


def _told(request: HttpRequest, case: Case, outcome: Outcome[Case], seen: int | None) -> HttpResponse:
    """The head of the page as it is now, or why it was not changed; without htmx the page."""
    fresh = visible_case(request, case.key)
    if not outcome.refused:
        if not wants_fragment(request):
            return HttpResponseRedirect(reverse("cases:detail", args=[case.key]))
        return partial(request, HEAD, head(request, fresh), trigger=CHANGED)
    return _refused(request, fresh, refusal(fresh, outcome, seen))


def _invalid(request: HttpRequest, case: Case, form: forms.Form) -> HttpResponse:
    return _refused(request, case, {"form": form, "status": 422})


def _refused(request: HttpRequest, case: Case, why: dict[str, Any]) -> HttpResponse:
    template = HEAD if wants_fragment(request) else PAGE
    return render(request, template, {**head(request, case), **why}, status=why["status"])
