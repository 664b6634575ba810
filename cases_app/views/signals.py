"""Cases by way of signals: made from a selection, given more, asked of one signal."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from accounts_app.access import require
from cases_app import actions
from cases_app.bulk import ADD_TO_CASE, CREATE_CASE
from cases_app.forms import AddSignalsForm, FindForm, FromSignalsForm
from cases_app.models import Case
from cases_app.models.managers import READ
from cases_app.queries.rows import cases_of_signal, find_cases
from cases_app.views.case import linked
from cases_app.views.parts import CHANGED, draw, rights, visible_case
from core_app.http import partial, wants_fragment
from search_app.bulk import operations
from search_app.bulk.selection import Selection, selected
from signals_app.actions import WRITE as SIGNALS_WRITE
from signals_app.explorer import EXPLORER as SIGNALS
from signals_app.models import Signal

Seen = dict[int, int | None]


@require_POST
def from_signals(request: HttpRequest) -> HttpResponse:
    """Ask what the case is to be; with the dialog's token, make it, and lead to it."""
    require(request.actor, actions.WRITE)
    require(request.actor, SIGNALS_WRITE)
    chosen = selected(SIGNALS, request.actor, request.POST)
    if "token" not in request.POST:
        return _ask_new(request, chosen, None)
    form = FromSignalsForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _ask_new(request, chosen, form, status=422)
    given = form.cleaned_data
    made = Case.objects.visible_to(request.actor).filter(token=given["token"], created_by=request.actor.user).first()
    if made is None:
        signals, changed = _seen(request, chosen)
        if changed or given.pop("expected") != len(signals):
            return _ask_new(request, chosen, form, status=409, changed=changed, signals=signals)
        made = actions.create_case(actor=request.actor, signals=signals, **given)
    address = reverse("cases:detail", args=[made.key])
    return HttpResponseClientRedirect(address) if wants_fragment(request) else HttpResponseRedirect(address)


def _ask_new(
    request: HttpRequest,
    chosen: Selection,
    form: FromSignalsForm | None,
    *,
    status: int = 200,
    changed: int = 0,
    signals: Seen | None = None,
) -> HttpResponse:
    if form is None:
        title = _title(request, chosen)
        form = FromSignalsForm(actor=request.actor, initial={"title": title, "token": uuid4()})
    context = _dialog(chosen, CREATE_CASE, status, changed, signals)
    return _draw_dialog(request, "cases_app/from_signals.html", {**context, "form": form}, status)


def _title(request: HttpRequest, chosen: Selection) -> str:
    """What a case about a single signal is called at first."""
    if len(chosen) != 1:
        return ""
    (key,) = chosen.freeze().keys.tolist()
    return Signal.objects.visible_to(request.actor).filter(pk=key).values_list("title", flat=True).first() or ""


@require_POST
def add_signals(request: HttpRequest) -> HttpResponse:
    """Ask which case the signals are to go into; with one chosen, put them there."""
    require(request.actor, actions.WRITE)
    require(request.actor, SIGNALS_WRITE)
    chosen = selected(SIGNALS, request.actor, request.POST)
    if "add" not in request.POST:
        return _ask_which(request, chosen, None)
    form = AddSignalsForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _ask_which(request, chosen, form, status=422)
    case = form.cleaned_data["case"]
    signals, changed = _seen(request, chosen)
    if changed or form.cleaned_data["expected"] != len(signals):
        return _ask_which(request, chosen, form, status=409, changed=changed, signals=signals)
    outcome = actions.add_signals(actor=request.actor, case=case, signals=signals)
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("cases:detail", args=[case.key]))
    context = {"case": case, "added": len(outcome.changed), "known": len(outcome.unchanged), "outcome": outcome}
    response = partial(request, "cases_app/notice.html", context, trigger="signals:changed")
    return trigger_client_event(response, CHANGED, after="settle")


def _ask_which(
    request: HttpRequest,
    chosen: Selection,
    form: AddSignalsForm | None,
    *,
    status: int = 200,
    changed: int = 0,
    signals: Seen | None = None,
) -> HttpResponse:
    find = FindForm(request.POST)
    words = find.cleaned_data["find"] if find.is_valid() else ""
    context = {
        **_dialog(chosen, ADD_TO_CASE, status, changed, signals),
        "form": form,
        "find": words,
        "cases": find_cases(request.actor, words),
        "picked": request.POST.get("case", ""),
    }
    if request.htmx.target == "case-choices":
        return render(request, "cases_app/find_case.html#choices", context)
    return _draw_dialog(request, "cases_app/add_signals.html", context, status)


def _seen(request: HttpRequest, chosen: Selection) -> tuple[Seen, int]:
    """The signals at the versions that were seen, and how many of them somebody has changed since then."""
    operations.check_size(len(chosen))
    rows = chosen.freeze()
    seen = rows.seen(0, len(rows))
    now = Signal.objects.visible_to(request.actor).filter(pk__in=list(seen)[: actions.MOST_AT_ONCE + 1])
    versions = now.values_list("pk", "version")
    changed = sum(seen[pk] is not None and version > seen[pk] for pk, version in versions)
    return seen, changed


def _dialog(chosen: Selection, entry: Any, status: int, changed: int, signals: Seen | None) -> dict[str, Any]:
    """What both dialogs show. After a refusal they name the rows without versions: whoever goes on has been told."""
    fields = chosen.fields if signals is None else (("rows", ",".join(map(str, signals))),)
    return {
        "explorer": SIGNALS,
        "entry": entry,
        "chosen": chosen,
        "fields": fields,
        "count": len(chosen) if signals is None else len(signals),
        "most": actions.MOST_AT_ONCE,
        "changed": changed,
        "is_refused": status == 409,
    }


def _draw_dialog(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    part = "#dialog" if wants_fragment(request) else ""
    return render(request, f"{template}{part}", context, status=status)


@require_GET
def of_signal(request: HttpRequest, public_id: str) -> HttpResponse:
    """The cases that a signal is in: a section of its panel."""
    require(request.actor, READ)
    signal = get_object_or_404(Signal.objects.visible_to(request.actor), public_id=public_id)
    context = {"signal": signal, "cases": cases_of_signal(request.actor, signal), **rights(request)}
    return draw(request, "cases_app/of_signal.html", context, {"signal-cases": "section"})


@require_POST
def remove_signal(request: HttpRequest, case: str, public_id: str) -> HttpResponse:
    """Say that the case is not about the signal."""
    found = visible_case(request, case)
    signal = get_object_or_404(Signal.objects.visible_to(request.actor), public_id=public_id)
    actions.remove_signals(actor=request.actor, case=found, signals={signal.pk: None}).one_or_raise()
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("cases:detail", args=[found.key]))
    response = partial(request, "cases_app/case_detail.html#signals", linked(request, found), trigger=CHANGED)
    return trigger_client_event(response, "signals:changed", after="settle")
