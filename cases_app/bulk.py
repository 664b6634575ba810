"""What can be done to many cases at once, and to signals by way of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts_app.access import Actor
from accounts_app.models import User
from cases_app import actions
from cases_app.forms import AssigneeForm, PriorityForm, StatusForm, ToProjectForm
from cases_app.models import Case, Priority, Project, Status
from core_app.errors import Invalid
from core_app.outcome import Outcome
from search_app.bulk import BulkAction, BulkLink
from search_app.explorer.export import FORMATS

Params = Mapping[str, Any]
Seen = Mapping[int, int | None]
AFTER_TRIAGE = 10  # in the menu of signals


def _set_status(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    return actions.set_status(actor=actor, seen=seen, operation=operation, **params)


def _set_priority(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    return actions.set_priority(actor=actor, seen=seen, operation=operation, **params)


def _assign(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    user = User.objects.filter(uuid=params["user"]).first() if params["user"] else None
    if params["user"] and user is None:
        raise Invalid("Whoever these were to be assigned to is no longer here.")
    return actions.assign(actor=actor, seen=seen, user=user, operation=operation)


def _move(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    project = Project.objects.visible_to(actor).filter(uuid=params["project"]).first()
    if project is None:
        raise Invalid("The project that these were to go into is no longer here.")
    return actions.move(actor=actor, seen=seen, to=project, operation=operation)


def _archive(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    return actions.archive(actor=actor, seen=seen, operation=operation)


def _unarchive(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Case]:
    return actions.unarchive(actor=actor, seen=seen, operation=operation)


def _chosen(form: forms.Form) -> User | None:
    return form.cleaned_data["assignee"]


SET_STATUS = BulkAction(
    surface="cases",
    name="set_status",
    label="Set status",
    permission=actions.WRITE,
    button="Set status of",
    icon="check",
    form=lambda data, actor: StatusForm(data),
    template="cases_app/bulk_choices.html",
    params=lambda form: {"to": form.cleaned_data["to"]},
    words=lambda form: f"Set status to {Status(form.cleaned_data['to']).label}",
    act=_set_status,
    undo=actions.restore_status,
)
ASSIGN = BulkAction(
    surface="cases",
    name="assign",
    label="Assign",
    permission=actions.WRITE,
    button="Assign",
    icon="user",
    form=lambda data, actor: AssigneeForm(data, actor=actor),
    template="cases_app/bulk_assign.html",
    params=lambda form: {"user": str(_chosen(form).uuid) if _chosen(form) else ""},
    words=lambda form: f"Assign to {_chosen(form).label if _chosen(form) else 'nobody'}",
    act=_assign,
    undo=actions.restore_assignee,
)
SET_PRIORITY = BulkAction(
    surface="cases",
    name="set_priority",
    label="Set priority",
    permission=actions.WRITE,
    button="Set priority of",
    icon="up",
    form=lambda data, actor: PriorityForm(data),
    template="cases_app/bulk_choices.html",
    params=lambda form: {"to": form.cleaned_data["to"]},
    words=lambda form: f"Set priority to {Priority(form.cleaned_data['to']).label}",
    act=_set_priority,
    undo=actions.restore_priority,
)
MOVE = BulkAction(
    surface="cases",
    name="move",
    label="Move to a project",
    permission=actions.WRITE,
    button="Move",
    icon="right",
    form=lambda data, actor: ToProjectForm(data, actor=actor),
    template="cases_app/bulk_project.html",
    params=lambda form: {"project": str(form.cleaned_data["project"].uuid)},
    words=lambda form: f"Move to the project {form.cleaned_data['project']}",
    act=_move,
)
ARCHIVE = BulkAction(
    surface="cases",
    name="archive",
    label="Archive",
    permission=actions.WRITE,
    button="Archive",
    icon="archive",
    form=lambda data, actor: forms.Form(data),
    params=lambda form: {},
    words=lambda form: "Archive",
    act=_archive,
    undo=actions.restore_archived,
)
UNARCHIVE = BulkAction(
    surface="cases",
    name="unarchive",
    label="Bring back from the archive",
    permission=actions.WRITE,
    button="Bring back",
    icon="up",
    form=lambda data, actor: forms.Form(data),
    params=lambda form: {},
    words=lambda form: "Bring back from the archive",
    act=_unarchive,
)
CREATE_CASE = BulkLink(
    surface="signals",
    name="create_case",
    label="Create a case",
    permission=actions.WRITE,
    icon="case",
    url_name="cases:from_signals",
    alone="Create Case",
    place=AFTER_TRIAGE,
)
ADD_TO_CASE = BulkLink(
    surface="signals",
    name="add_to_case",
    label="Add to an existing case",
    permission=actions.WRITE,
    icon="case-plus",
    url_name="cases:add_signals",
    alone="Add to an existing case",
    place=AFTER_TRIAGE + 1,
)
EXPORTS = [
    BulkLink(
        surface="cases",
        name=f"export_{kind.name}",
        label=f"Export as {kind.name.upper()}",
        permission=actions.READ,
        icon="download",
        url_name="cases:export",
        value=("format", kind.name),
        opens_dialog=False,
    )
    for kind in FORMATS
]
ALL = (SET_STATUS, ASSIGN, SET_PRIORITY, MOVE, ARCHIVE, UNARCHIVE, *EXPORTS, CREATE_CASE, ADD_TO_CASE)
