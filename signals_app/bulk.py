"""What can be done to many signals at once: each entry calls the action that a single click calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms

from accounts_app.access import Actor
from accounts_app.models import Team, User
from core_app.errors import Invalid
from core_app.outcome import Outcome
from search_app.bulk import BulkAction, BulkLink
from search_app.explorer.export import FORMATS
from signals_app import actions
from signals_app.explorer import EXPLORER
from signals_app.forms import AssignForm, StateForm, TeamForm
from signals_app.models import Signal, TriageState
from signals_app.models.signals import ArchiveReason

Params = Mapping[str, Any]
Seen = Mapping[int, int | None]


class AssignSelectionForm(AssignForm):
    """Who is to look after the selection: at least one."""

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args, actor=actor)
        self.fields["assignees"].required = True
        self.fields["assignees"].error_messages["required"] = "Choose whom to assign them to."


def _state_words(form: forms.Form) -> str:
    given = form.cleaned_data
    reason = f" ({ArchiveReason(given['reason']).label})" if given["state"] == TriageState.ARCHIVED else ""
    return f"Set state to {TriageState(given['state']).label}{reason}"


def _set_state(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Signal]:
    return actions.set_state(actor=actor, seen=seen, operation=operation, **params)


def _assign(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Signal]:
    found = {str(user.uuid): user for user in User.objects.filter(uuid__in=params["users"])}
    if len(found) < len(params["users"]):
        raise Invalid("Somebody whom these were to be assigned to is no longer here.")
    users = [found[uuid] for uuid in params["users"]]
    return actions.assign(actor=actor, seen=seen, users=users, operation=operation)


def _set_team(*, actor: Actor, seen: Seen, params: Params, operation: UUID) -> Outcome[Signal]:
    team = Team.objects.filter(uuid=params["team"]).first() if params["team"] else None
    if params["team"] and team is None:
        raise Invalid("The team that these were to be routed to is no longer here.")
    return actions.set_team(actor=actor, seen=seen, team=team, operation=operation)


def _names(form: forms.Form) -> str:
    return ", ".join(user.label for user in form.cleaned_data["assignees"])


SET_STATE = BulkAction(
    surface="signals",
    name="set_state",
    label="Set state",
    permission=actions.WRITE,
    button="Set state of",
    icon="archive",
    form=lambda data, actor: StateForm(data),
    template="components/bulk_set_state.html",
    params=lambda form: {
        "to": form.cleaned_data["state"],
        "reason": form.cleaned_data["reason"],
        "comment": form.cleaned_data["comment"],
    },
    words=_state_words,
    act=_set_state,
    undo=actions.restore_state,
    undo_note="An undo within its hour is exempt from the rule that archived signals go back only for 30 days.",
)
ASSIGN = BulkAction(
    surface="signals",
    name="assign",
    label="Assign selection",
    permission=actions.WRITE,
    button="Assign",
    icon="user",
    form=lambda data, actor: AssignSelectionForm(data, actor=actor),
    template="components/bulk_assign.html",
    params=lambda form: {"users": [str(user.uuid) for user in form.cleaned_data["assignees"]]},
    words=lambda form: f"Assign to {_names(form)}",
    act=_assign,
    undo=actions.restore_assignees,
)
UNASSIGN = BulkAction(
    surface="signals",
    name="unassign",
    label="Remove all assignments",
    permission=actions.WRITE,
    button="Remove all assignments of",
    icon="close",
    form=lambda data, actor: forms.Form(data),
    params=lambda form: {"users": []},
    words=lambda form: "Remove all assignments",
    act=_assign,
    undo=actions.restore_assignees,
)
SET_TEAM = BulkAction(
    surface="signals",
    name="set_team",
    label="Assign to a team",
    permission=actions.WRITE,
    button="Set the team of",
    icon="users",
    form=lambda data, actor: TeamForm(data, actor=actor),
    template="components/bulk_team.html",
    params=lambda form: {"team": str(form.cleaned_data["team"].uuid) if form.cleaned_data["team"] else ""},
    words=lambda form: (
        f"Assign to the team {form.cleaned_data['team']}" if form.cleaned_data["team"] else "Assign to no team"
    ),
    act=_set_team,
    undo=actions.restore_team,
)
EXPORTS = [
    BulkLink(
        surface="signals",
        name=f"export_{kind.name}",
        label=f"Export as {kind.name.upper()}",
        permission=EXPLORER.permission,
        icon="download",
        url_name="signals:export",
        value=("format", kind.name),
        opens_dialog=False,
        place=90,  # after what higher floors hang in
    )
    for kind in FORMATS
]
ALL = (SET_STATE, ASSIGN, UNASSIGN, SET_TEAM, *EXPORTS)
