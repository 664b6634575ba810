"""What people decide about a signal: its state, who looks after it, and which team."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts_app.choosing import choosable
from accounts_app.models import Team, User
from core_app.http import partial, wants_fragment
from core_app.outcome import Outcome
from signals_app import actions
from signals_app.forms import AssignForm, StateForm, TeamForm
from signals_app.lifecycle import moves
from signals_app.models import Signal, TriageState
from signals_app.views.explorer import signals_beside
from signals_app.views.parts import draw, movable_signal, refusal, triage_rights, visible_signal

MENU = {"signal-menu": "menu"}
CHANGED, LISTED = "signals:changed", "signals:listed"  # the second: and the list has come with the answer


@require_http_methods(["GET", "POST"])
def signal_set_state(request: HttpRequest, public_id: str) -> HttpResponse:
    """The state menu, and a move made with it."""
    signal = movable_signal(request, public_id)
    form = StateForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        outcome = actions.set_state(
            actor=request.actor,
            seen={signal.pk: given["seen_version"]},
            to=given["state"],
            reason=given["reason"],
            comment=given["comment"],
        )
        if not outcome.refused:
            is_now = "was already" if outcome.unchanged else "is now"
            return _done(request, signal, f"{is_now} {TriageState(given['state']).label}")
        return _state_menu(request, form, _refused(request, public_id, outcome, given["seen_version"]))
    return _state_menu(request, form, {"signal": signal, "status": 422 if form.is_bound else 200})


def _state_menu(request: HttpRequest, form: StateForm, context: dict[str, Any]) -> HttpResponse:
    wanted = request.POST.get("state") or request.GET.get("state")
    possible = moves(context["signal"])
    may_archive = any(move.to == TriageState.ARCHIVED and move.allowed for move in possible)
    context |= {"form": form, "moves": possible, "archiving": wanted == TriageState.ARCHIVED and may_archive}
    return _menu(request, "signals_app/signal_state.html", context)


@require_http_methods(["GET", "POST"])
def signal_assign(request: HttpRequest, public_id: str) -> HttpResponse:
    """The people to choose from, and who was chosen."""
    signal = visible_signal(request, public_id)
    form = AssignForm(request.POST or None, actor=request.actor, there=_assigned_to(signal))
    if form.is_valid():
        seen_version = form.cleaned_data["seen_version"]
        users = [] if "nobody" in request.POST else form.cleaned_data["assignees"]
        outcome = actions.assign(actor=request.actor, seen={signal.pk: seen_version}, users=users)
        if not outcome.refused:
            names = ", ".join(user.label for user in users)
            return _assigned(request, public_id, f"is assigned to {names or 'nobody'}")
        return _assign_menu(request, form, _refused(request, public_id, outcome, seen_version))
    return _assign_menu(request, form, {"signal": signal, "status": 422 if form.is_bound else 200})


def _assigned(request: HttpRequest, public_id: str, words: str) -> HttpResponse:
    """As `_done`, but the menu stays, drawn anew: a second person may be chosen as well."""
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("signals:detail", args=[public_id]))
    signal = visible_signal(request, public_id)
    context = {"signal": signal, "words": words, "status": 200}
    response = _assign_menu(request, AssignForm(actor=request.actor, there=_assigned_to(signal)), context)
    return _announced(request, response)


def _assign_menu(request: HttpRequest, form: AssignForm, context: dict[str, Any]) -> HttpResponse:
    """Those assigned come first, in their order, then oneself, then the others by name."""
    there = _assigned_to(context["signal"])
    assigned = [person.pk for person in there]
    people = list(choosable(request.actor, there))
    for person in people:
        person.is_assigned = person.pk in assigned
    people.sort(key=lambda person: (_place(assigned, person.pk), person != request.user, person.label.casefold()))
    return _menu(request, "signals_app/signal_assign.html", {"form": form, "people": people, **context})


def _assigned_to(signal: Signal) -> list[User]:
    return [assignment.user for assignment in signal.assignments.all()]


def _place(order: list[int], pk: int) -> int:
    return order.index(pk) if pk in order else len(order)


@require_http_methods(["GET", "POST"])
def signal_set_team(request: HttpRequest, public_id: str) -> HttpResponse:
    """The teams to choose from, and the one that was chosen."""
    signal = visible_signal(request, public_id)
    form = TeamForm(request.POST or None, actor=request.actor)
    context: dict[str, Any] = {"signal": signal, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen_version, team = form.cleaned_data["seen_version"], form.cleaned_data["team"]
        outcome = actions.set_team(actor=request.actor, seen={signal.pk: seen_version}, team=team)
        if not outcome.refused:
            return _done(request, signal, f"is routed to {team.name}" if team else "is routed to no team")
        context = _refused(request, public_id, outcome, seen_version)
    context |= {"form": form, "teams": list(Team.objects.visible_to(request.actor))}
    return _menu(request, "signals_app/signal_team.html", context)


def _refused(request: HttpRequest, public_id: str, outcome: Outcome[Signal], seen: int | None) -> dict[str, Any]:
    """The signal as it is now, and why the change was refused."""
    signal = visible_signal(request, public_id)
    return {"signal": signal, **refusal(signal, outcome, seen)}


def _menu(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    status = context.pop("status")
    return draw(request, template, context | triage_rights(request), MENU, status=status)


def _done(request: HttpRequest, signal: Signal, words: str) -> HttpResponse:
    """Say what is so now, and bring the list as it is; what else is on the page hears of it and refreshes itself."""
    if not wants_fragment(request):
        return HttpResponseRedirect(reverse("signals:detail", args=[signal.public_id]))
    return _announced(request, partial(request, "components/notice.html", {"signal": signal, "words": words}))


def _announced(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    listed = signals_beside(request)
    response.write(listed)
    return trigger_client_event(response, LISTED if listed else CHANGED, after="settle")
