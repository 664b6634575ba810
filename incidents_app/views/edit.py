"""Changing what is so about an incident. Each form is a dialog on its page, and without scripts a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts_app.access import require
from core_app.errors import StaleVersion
from core_app.http import wants_fragment
from incidents_app import actions
from incidents_app.actions import WRITE
from incidents_app.forms import (
    CommanderForm,
    DeleteForm,
    EditForm,
    RespondersForm,
    RolesForm,
    SeverityForm,
    StateForm,
    initial_of,
)
from incidents_app.models import Incident, State
from incidents_app.queries.declared import roles_in
from incidents_app.views.archive import ask_archive, waiting_signals
from incidents_app.views.parts import ask, done, gone, refused, untouched, visible_incident


@require_http_methods(["GET", "POST"])
def incident_edit(request: HttpRequest, public_id: int) -> HttpResponse:
    """Write down what happened, who feels it, and why."""
    require(request.actor, WRITE)
    incident = visible_incident(request, public_id)
    words = {"title": "Edit the incident", "button": "Save"}
    form = EditForm(request.POST or None, actor=request.actor, incident=incident)
    if not form.is_valid():
        return ask(request, incident, form, **words)
    seen = form.cleaned_data["seen_version"]
    outcome = actions.edit_incidents(actor=request.actor, seen={incident.pk: seen}, **form.given)
    problem = outcome.refused.get(incident.pk)
    if problem is None:
        return done(request, incident)
    fresh = visible_incident(request, public_id)
    if isinstance(problem, StaleVersion):
        return _overtaken(request, fresh, form, seen, problem, words)
    return ask(request, fresh, form, problem=problem, seen=seen, **words)


def _overtaken(
    request: HttpRequest, fresh: Incident, form: EditForm, seen: int, problem: StaleVersion, words: dict[str, str]
) -> HttpResponse:
    """The form again, told what others changed: what this person typed stays, the rest is as it is now."""
    theirs = set(untouched(form, fresh, seen))
    typed = {name: form[name].value() for name in form.fields if name not in theirs and name != "seen_version"}
    again = EditForm(actor=request.actor, incident=fresh, initial={**initial_of(fresh), **typed})
    return ask(request, fresh, again, problem=problem, seen=seen, kept=True, **words)


@require_http_methods(["GET", "POST"])
def incident_state(request: HttpRequest, public_id: int) -> HttpResponse:
    """Where it stands. Who resolves it is asked whether its signals are to be archived."""
    incident = visible_incident(request, public_id)
    form = StateForm(request.POST or None, initial={"state": incident.state})
    response = _change(request, incident, form, title="Set the state", button="Set state")
    is_over = form.is_bound and form.is_valid() and form.cleaned_data["state"] == State.RESOLVED
    if response.status_code >= 400 or not is_over or not waiting_signals(request.actor, incident):
        return response
    if wants_fragment(request):
        return ask_archive(request, incident, changed=True)
    return HttpResponseRedirect(reverse("incidents:archive_signals", args=[public_id]))


@require_http_methods(["GET", "POST"])
def incident_severity(request: HttpRequest, public_id: int) -> HttpResponse:
    """How bad it is."""
    incident = visible_incident(request, public_id)
    form = SeverityForm(request.POST or None, initial={"severity": incident.severity})
    return _change(request, incident, form, title="Set the severity", button="Set severity")


@require_http_methods(["GET", "POST"])
def incident_commander(request: HttpRequest, public_id: int) -> HttpResponse:
    """Who leads."""
    incident = visible_incident(request, public_id)
    there = [incident.commander] if incident.commander else []
    initial = {"commander": incident.commander}
    form = CommanderForm(request.POST or None, actor=request.actor, there=there, initial=initial)
    return _change(request, incident, form, title="Assign a commander", button="Assign")


@require_http_methods(["GET", "POST"])
def incident_responders(request: HttpRequest, public_id: int) -> HttpResponse:
    """Who works on it."""
    incident = visible_incident(request, public_id)
    there = list(incident.responders.all())
    initial = {"responders": [user.uuid for user in there]}
    form = RespondersForm(request.POST or None, actor=request.actor, there=there, initial=initial)
    return _change(request, incident, form, title="Responders", button="Save")


@require_http_methods(["GET", "POST"])
def incident_roles(request: HttpRequest, public_id: int) -> HttpResponse:
    """Which of its responders hold which roles."""
    require(request.actor, WRITE)
    incident = visible_incident(request, public_id)
    form = RolesForm(request.POST or None, roles=roles_in(incident), responders=list(incident.responders.all()))
    words = {"title": "Roles", "button": "Save"}
    if not form.fields.keys() - {"seen_version"}:
        words["note"] = "Incidents of this type have no roles: they are made on the page of settings."
    if not form.is_valid():
        return ask(request, incident, form, **words)
    seen = form.cleaned_data["seen_version"]
    given = {"actor": request.actor, "incident": incident, "holders": form.holders, "seen_version": seen}
    problem = refused(lambda: actions.set_role_holders(**given))
    if problem is not None:
        return ask(request, visible_incident(request, public_id), form, problem=problem, seen=seen, **words)
    return done(request, incident)


@require_http_methods(["GET", "POST"])
def incident_delete(request: HttpRequest, public_id: int) -> HttpResponse:
    """Take it out of sight, once it is confirmed."""
    require(request.actor, WRITE)
    incident = visible_incident(request, public_id)
    form = DeleteForm(request.POST or None)
    words = {"title": f"Delete incident #{public_id}?", "button": "Delete", "danger": True}
    words["note"] = "Nobody will see it any more, and its number is not given again. The ledger keeps that it was."
    if not form.is_valid():
        return ask(request, incident, form, **words)
    seen = form.cleaned_data["seen_version"]
    problem = refused(lambda: actions.delete_incident(actor=request.actor, incident=incident, seen_version=seen))
    if problem is not None:
        return ask(request, visible_incident(request, public_id), form, problem=problem, seen=seen, **words)
    return gone(request)


def _change(request: HttpRequest, incident: Incident, form: Any, **words: Any) -> HttpResponse:
    """Ask, or give the incident what was chosen."""
    require(request.actor, WRITE)
    if not form.is_valid():
        return ask(request, incident, form, **words)
    seen = form.cleaned_data["seen_version"]
    outcome = actions.edit_incidents(actor=request.actor, seen={incident.pk: seen}, **form.given)
    problem = outcome.refused.get(incident.pk)
    if problem is None:
        return done(request, incident)
    return ask(request, visible_incident(request, incident.public_id), form, problem=problem, seen=seen, **words)
