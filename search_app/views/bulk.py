"""Bulk actions on the page: the dialog that asks, what was begun, how far it has come, cancel, undo."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import trigger_client_event

from accounts_app.access import require
from core_app.http import quick_part, wants_fragment
from search_app.bulk import BulkAction, bulk_action, operations, showing
from search_app.bulk.selection import Selection, selected
from search_app.explorer.spec import Explorer, explorer
from search_app.models import BulkOperation

REFRESH = 2  # seconds between two looks of a page without scripts
STRIP = "bulk_operations.html"


class ConfirmForm(forms.Form):
    """What the dialog's button sends: the number that stood on it, and the token that makes two presses one."""

    token = forms.UUIDField()
    expected = forms.IntegerField(min_value=1)


@require_POST
def bulk(request: HttpRequest, surface: str, action: str) -> HttpResponse:
    """Ask what is to be done to the rows that the request names; with the dialog's token, do it.

    A POST also for the asking, because a selection is longer than an address may be.
    """
    shown = _explorer(request, surface)
    entry = bulk_action(surface, action)
    require(request.actor, entry.permission)
    chosen = selected(shown, request.actor, request.POST)
    confirm = ConfirmForm(request.POST)
    if not confirm.is_valid():
        return _ask(request, shown, entry, chosen, entry.form(None, request.actor), uuid4())
    token = confirm.cleaned_data["token"]
    if begun := operations.begun_with(request.actor, token):
        return _begun(request, begun)
    form = entry.form(request.POST, request.actor)
    if not form.is_valid():
        return _ask(request, shown, entry, chosen, form, token, status=422)
    expected = confirm.cleaned_data["expected"]
    operations.check_size(len(chosen))
    rows = chosen.freeze() if expected == len(chosen) else None
    if rows is None or len(rows) != expected:
        return _ask(request, shown, entry, chosen, form, token, status=409, was=expected)
    operation = operations.begin(
        actor=request.actor,
        action=entry,
        rows=rows,
        params=entry.params(form),
        words=entry.words(form),
        selection=chosen.words,
        token=token,
    )
    return _begun(request, operation)


@require_GET
def bulk_operations(request: HttpRequest, surface: str) -> HttpResponse:
    """What runs and what has ended within the hour. `running` names those that the page believes to run."""
    shown = _explorer(request, surface)
    believed = {name for name in request.GET.get("running", "").split(",") if name}
    theirs = showing.shown_to(request.actor, surface)
    ended = [operation for operation in theirs.listed if operation.is_finished and str(operation.uuid) in believed]
    return _draw_strip(request, shown, theirs, ended)


@require_GET
def bulk_operation(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """One operation and its report: which rows it left, and why."""
    shown = _explorer(request, surface)
    operation = _visible(request, surface, uuid)
    context = {
        "explorer": shown,
        "line": showing.line(operation),
        "refusals": showing.refusals(operation, shown.surface, request.actor),
    }
    response = render(request, "search_app/bulk_operation.html", context)
    if not operation.is_finished:
        response["Refresh"] = str(REFRESH)
    return response


@require_POST
def bulk_cancel(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """Stop it after the chunk that is being done."""
    _explorer(request, surface)
    operation = operations.cancel(actor=request.actor, operation=_visible(request, surface, uuid))
    return _begun(request, operation)


@require_POST
def bulk_undo(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """Put back what it changed and nobody has touched since."""
    _explorer(request, surface)
    operation = operations.undo(actor=request.actor, operation=_visible(request, surface, uuid))
    return _begun(request, operation)


@require_POST
def bulk_dismiss(request: HttpRequest, surface: str, uuid: UUID) -> HttpResponse:
    """Put the report away."""
    shown = _explorer(request, surface)
    operations.dismiss(actor=request.actor, operation=_visible(request, surface, uuid))
    return _dismissed(request, shown)


@require_POST
def bulk_dismiss_all(request: HttpRequest, surface: str) -> HttpResponse:
    """Put all reports away. What still runs stays."""
    shown = _explorer(request, surface)
    operations.dismiss_all(actor=request.actor, surface=surface)
    return _dismissed(request, shown)


def _dismissed(request: HttpRequest, shown: Explorer) -> HttpResponse:
    if not wants_fragment(request):
        return HttpResponseRedirect(shown.path)
    return _draw_strip(request, shown, showing.shown_to(request.actor, shown.surface.name), out_of_band=True)


def _explorer(request: HttpRequest, surface: str) -> Explorer:
    shown = explorer(surface)
    require(request.actor, shown.permission)
    return shown


def _visible(request: HttpRequest, surface: str, uuid: UUID) -> BulkOperation:
    return get_object_or_404(BulkOperation.objects.visible_to(request.actor), surface=surface, uuid=uuid)


def _ask(
    request: HttpRequest,
    shown: Explorer,
    entry: BulkAction,
    chosen: Selection,
    form: forms.Form,
    token: UUID,
    *,
    status: int = 200,
    was: int | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "explorer": shown,
        "entry": entry,
        "chosen": chosen,
        "count": len(chosen),
        "at_once": len(chosen) <= operations.AT_ONCE,
        "form": form,
        "token": token,
        "was": was,
    }
    template = "search_app/bulk.html"
    return render(request, f"{template}#dialog" if wants_fragment(request) else template, context, status=status)


def _begun(request: HttpRequest, operation: BulkOperation) -> HttpResponse:
    """The strip that tells of it; without htmx the operation's own page."""
    surface = operation.surface
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("search:bulk_operation", args=[surface, operation.uuid]))
    shown = explorer(surface)
    ended = [operation] if operation.is_finished else []
    response = _draw_strip(request, shown, showing.shown_to(request.actor, surface), ended, out_of_band=True)
    return trigger_client_event(response, "bulk:begun", {"operation": str(operation.uuid)})


def _draw_strip(
    request: HttpRequest,
    shown: Explorer,
    theirs: showing.Shown,
    ended: Sequence[BulkOperation] = (),
    *,
    out_of_band: bool = False,
) -> HttpResponse:
    """The operations beside the list. What has just ended is announced, for the lists to refresh themselves."""
    left = [(str(operation.uuid), showing.left(operation)) for operation in ended]
    context = {"explorer": shown, "out_of_band": out_of_band, "left": left, **showing.strip(theirs)}
    response = HttpResponse(quick_part(request, STRIP, context))
    if ended:
        trigger_client_event(response, "bulk:ended", after="settle")
        trigger_client_event(response, f"{shown.surface.name}:changed", after="settle")
    return response
