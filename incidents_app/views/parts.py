"""What the pages of incidents share: the incident of an address, and the dialog that asks and is answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from accounts_app.permissions import LABELS
from core_app.errors import DomainError, StaleVersion
from core_app.http import wants_fragment
from core_app.models import Versioned
from incidents_app.actions import WRITE, checking
from incidents_app.boxes import kept, list_of
from incidents_app.models import Incident
from incidents_app.queries import changes_since

CHANGED = "incidents:changed"
DIALOG = "bulk-dialog"
FORM = "incidents_app/form.html"

Deed = Callable[[], Any]


def visible_incident(request: HttpRequest, public_id: int) -> Incident:
    """The incident of the address, or 404 for one that is not there or not the person's to see."""
    rows = Incident.objects.visible_to(request.actor).select_related("commander", "type", "created_by")
    return get_object_or_404(rows, public_id=public_id)


def rights(request: HttpRequest) -> dict[str, Any]:
    """Whether the person may change incidents, and the words for those who may not."""
    can_write = request.actor.can(WRITE)
    why = "" if can_write else f"You can look but not change: that needs the permission “{LABELS[WRITE]}” ({WRITE})."
    return {"can_write": can_write, "why_not_write": why}


def refused(deed: Deed) -> DomainError | None:
    """Do it; answer what refused it, so that the form can be drawn again with what was typed."""
    try:
        deed()
    except DomainError as problem:
        return problem
    return None


def ask(
    request: HttpRequest,
    incident: Incident,
    form: forms.Form,
    *,
    title: str,
    button: str,
    problem: DomainError | None = None,
    seen: int | None = None,
    row: Versioned | None = None,
    template: str = FORM,
    **more: Any,
) -> HttpResponse:
    """The dialog with a form, or without htmx the page of it.

    `row` is what the form changes, where that is not the incident itself. A form that was refused, by `problem`, keeps
    what was typed, carries the newest version of the row, and tells what became of an incident since `seen`.
    """
    row = row or incident
    was_typed = form.is_bound and problem is None and "seen_version" in form.fields
    context = {
        "incident": incident,
        "form": form,
        "title": title,
        "button": button,
        "problem": problem,
        "seen_version": form["seen_version"].value() if was_typed else row.version,
        "back": reverse("incidents:detail", args=[incident.public_id]),
        "action": request.get_full_path(),
        **rights(request),
        **more,
    }
    status = 422 if form.is_bound and not form.is_valid() else 200
    if problem is not None:
        status = problem.status
        if isinstance(problem, StaleVersion) and row is incident and seen is not None:
            context["changes"] = changes_since(incident, seen)
        if form.is_bound and told_beside(form, problem):
            context["problem"] = None
    name = "#dialog" if wants_fragment(request) else ""
    return render(request, f"{template}{name}", context, status=status)


def told_beside(form: forms.Form, problem: DomainError) -> bool:
    """Tell a refusal beside the box that it is about, in the words of the page; whether there is such a box."""
    declared = {field.name: field.display_name for field in getattr(form, "boxes", {}).values()}
    if is_there := problem.data.get("field") in form.fields:
        labels = declared | {bound.name: bound.label for bound in form}
        form.add_error(problem.data["field"], problem.worded(labels))
    return is_there


def done(request: HttpRequest, incident: Incident, *, tab: str = "detail") -> HttpResponse:
    """An empty dialog, which closes, and the news that the page refreshes itself by; without htmx the page.

    Whoever has just left a private incident sees it no more: they are told so, on the list.
    """
    if not Incident.objects.visible_to(request.actor).filter(pk=incident.pk).exists():
        messages.info(request, f"Saved. Incident #{incident.public_id} is private, and you are no longer in it.")
        return gone(request)
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse(f"incidents:{tab}", args=[incident.public_id]))
    return trigger_client_event(HttpResponse(), CHANGED, after="settle")


def gone(request: HttpRequest) -> HttpResponse:
    """To the list: there is no page to come back to."""
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("incidents:list"))
    return HttpResponse(headers={"HX-Redirect": reverse("incidents:list")})


def untouched(form: forms.Form, incident: Incident, seen: int) -> list[str]:
    """The fields of a refused form that others changed since, and that this person left as they saw them."""
    before: dict[str, Any] = {}
    for entry in changes_since(incident, seen):
        for name, pair in entry.data.items():
            if isinstance(pair, list) and len(pair) == 2:
                before.setdefault(name, pair[0])
    boxes = getattr(form, "boxes", {})
    typed = {name: checking.plain(value) for name, value in form.cleaned_data.items()}
    if "fields" in before:
        before |= {name: list_of(before["fields"], name) for name in ("services", "teams")}
        for name, field in boxes.items():
            before[name] = (before["fields"].get(field.name) or {}).get("value")
            typed[name] = kept(field, form.cleaned_data.get(name))
    return [name for name, old in before.items() if name in typed and _same(typed[name], old)]


def _same(typed: Any, old: Any) -> bool:
    """Whether a form's value is the one in the ledger: what forms know of a moment ends with its second."""
    if isinstance(typed, str) and isinstance(old, str):
        return typed.replace("\r\n", "\n") == old or (len(old) > 25 and typed[:19] == old[:19] and old[10] == "T")
    return typed == old
