"""What several pages of this app ask of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts_app.permissions import LABELS
from cases_app import limits
from cases_app.actions import WRITE
from cases_app.actions.changing import plain
from cases_app.models import Case, Project
from cases_app.queries import changes_since, with_key
from core_app.http import wants_fragment
from core_app.models import Versioned
from core_app.outcome import Outcome

CHANGED = "cases:changed"


def visible_case(request: HttpRequest, key: str) -> Case:
    """The case of the address, by the key that it has or had, or 404: not there, or not the person's to see."""
    cases = Case.objects.visible_to(request.actor).select_related("project", "type", "assignee", "created_by")
    found = with_key(cases, key)
    if found is None:
        raise Http404
    return found


def visible_project(request: HttpRequest, key: str) -> Project:
    """The project of the address, or 404."""
    return get_object_or_404(Project.objects.visible_to(request.actor), key=key)


def rights(request: HttpRequest, permission: str = WRITE) -> dict[str, Any]:
    """Whether the person may change cases, and the words for those who may not."""
    can_write = request.actor.can(permission)
    why = f"You can look but not change: that needs the permission “{LABELS[permission]}” ({permission})."
    return {"can_write": can_write, "why_not_write": "" if can_write else why}


def refusal(row: Versioned, outcome: Outcome[Any], seen: int | None) -> dict[str, Any]:
    """Why a change of this row, as it is now, was refused; and what others changed since the version seen."""
    problem = outcome.refused[row.pk]
    changes = [] if seen is None else changes_since(row, seen)
    return {"problem": problem, "changes": changes, "fresh_version": row.version, "status": problem.status}


def version_for(case: Case, seen: int | None, field: str) -> int | None:
    """The version that a change of this one field goes by: what became of other fields is no reason to refuse it.

    That is the version seen if somebody changed this very field since, and else the one of `case` as it was read.
    """
    if seen is None or any(field in entry.data for entry in changes_since(case, seen)):
        return seen
    return case.version


def typed(form: forms.ModelForm, row: Versioned, seen: int | None) -> dict[str, Any]:
    """What a refused form holds, but for what others changed since and this person left as they saw it."""
    before: dict[str, Any] = {}
    for entry in [] if seen is None else changes_since(row, seen):
        for name in form.fields.keys() & entry.data.keys():
            before.setdefault(name, entry.data[name][0])
    theirs = {name for name, old in before.items() if _same(form.cleaned_data[name], old)}
    return {name: form[name].value() for name in form.fields.keys() - theirs - {"seen_version"}}


def _same(value: Any, old: Any) -> bool:
    """Whether a form holds the value in the ledger, where tags are sorted and lines may end in two characters."""
    if isinstance(value, list):
        return sorted(value) == old
    return plain(value) == (limits.lines(old) if isinstance(old, str) else old)


def draw(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    parts: Mapping[str, str],
    *,
    status: int = 200,
) -> HttpResponse:
    """Draw the page, or the part of it that stands in the element which htmx wants to fill.

    `parts` maps the id of an element to the name of the partial; what it does not list gets the whole page.
    """
    name = parts.get(request.htmx.target or "") if wants_fragment(request) else None
    return render(request, f"{template}#{name}" if name else template, dict(context), status=status)
