"""What can be done to many incidents at once, and to signals by way of incidents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts_app.access import Actor
from accounts_app.models import User
from core_app.errors import Invalid
from core_app.outcome import Outcome
from incidents_app import actions
from incidents_app.forms import CommanderForm, SeverityForm, StateForm
from incidents_app.models import Incident, Severity, State
from incidents_app.models.managers import READ
from search_app.bulk import BulkAction, BulkLink
from search_app.explorer.export import FORMATS

Params = Mapping[str, Any]
Seen = Mapping[int, int | None]
FIELDS = "incidents_app/form_fields.html"
AFTER_CASES = 20  # in the menu of signals


def _edit(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Incident]:
    return actions.edit_incidents(actor=actor, seen=seen, operation=operation, **params)


def _assign(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Incident]:
    user = User.objects.filter(uuid=params["user"]).first() if params["user"] else None
    if params["user"] and user is None:
        raise Invalid("Whoever was to command these is no longer here.")
    return actions.edit_incidents(actor=actor, seen=seen, operation=operation, commander=user)


def _chosen(form: forms.Form) -> User | None:
    return form.cleaned_data["commander"]


SET_STATE = BulkAction(
    surface="incidents",
    name="set_state",
    label="Set state",
    permission=actions.WRITE,
    button="Set state of",
    icon="check",
    form=lambda data, actor: StateForm(data),
    template=FIELDS,
    params=lambda form: {"state": form.cleaned_data["state"]},
    words=lambda form: f"Set state to {State(form.cleaned_data['state']).label}",
    act=_edit,
    undo=actions.restore_incidents,
)
SET_SEVERITY = BulkAction(
    surface="incidents",
    name="set_severity",
    label="Set severity",
    permission=actions.WRITE,
    button="Set severity of",
    icon="alert",
    form=lambda data, actor: SeverityForm(data),
    template=FIELDS,
    params=lambda form: {"severity": form.cleaned_data["severity"]},
    words=lambda form: f"Set severity to {Severity(form.cleaned_data['severity']).label}",
    act=_edit,
    undo=actions.restore_incidents,
)
ASSIGN_COMMANDER = BulkAction(
    surface="incidents",
    name="assign_commander",
    label="Assign commander",
    permission=actions.WRITE,
    button="Assign commander of",
    icon="user",
    form=lambda data, actor: CommanderForm(data, actor=actor),
    template=FIELDS,
    params=lambda form: {"user": str(_chosen(form).uuid) if _chosen(form) else ""},
    words=lambda form: f"Make {_chosen(form)} the commander" if _chosen(form) else "Leave without a commander",
    act=_assign,
    undo=actions.restore_incidents,
)
DECLARE = BulkLink(
    surface="signals",
    name="declare_incident",
    label="Declare Incident",
    permission=actions.WRITE,
    icon="incident",
    url_name="incidents:declare",
    alone="Declare Incident",
    place=AFTER_CASES,
)
ADD_TO_EXISTING = BulkLink(
    surface="signals",
    name="add_to_incident",
    label="Add to an existing incident",
    permission=actions.LINK,
    icon="plus",
    url_name="incidents:add_signals",
    alone="Add to an existing incident",
    place=AFTER_CASES + 1,
)
EXPORTS = [
    BulkLink(
        surface="incidents",
        name=f"export_{kind.name}",
        label=f"Export as {kind.name.upper()}",
        permission=READ,
        icon="download",
        url_name="incidents:export",
        value=("format", kind.name),
        opens_dialog=False,
    )
    for kind in FORMATS
]
ALL = (SET_STATE, SET_SEVERITY, ASSIGN_COMMANDER, *EXPORTS, DECLARE, ADD_TO_EXISTING)
