"""Archiving the signals of an incident that is over, all in one operation."""

from __future__ import annotations

from uuid import uuid4

import numpy as np
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import trigger_client_event

from accounts_app.access import Actor, require
from core_app.http import partial, wants_fragment
from incidents_app.models import Incident, IncidentSignal
from incidents_app.views.parts import CHANGED, ask, visible_incident
from search_app.bulk import operations
from search_app.bulk.frozen import Frozen
from signals_app.actions import MAX_COMMENT
from signals_app.bulk import SET_STATE
from signals_app.models import TriageState
from signals_app.models.signals import ArchiveReason

WORDS = {"title": "Archive its signals", "button": "Archive", "icon": "archive", "skip": "Leave them as they are"}


class ArchiveForm(forms.Form):
    """Why they are archived; `token` makes two presses of the button one."""

    reason = forms.ChoiceField(choices=ArchiveReason, initial=ArchiveReason.REMEDIATED)
    comment = forms.CharField(required=False, max_length=MAX_COMMENT, widget=forms.Textarea(attrs={"rows": 2}))
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.initial["token"] = uuid4()
        self.fields["reason"].widget.attrs["class"] = "form-select"
        self.fields["comment"].widget.attrs["class"] = "form-control"


def waiting_signals(actor: Actor, incident: Incident) -> int:
    """How many of its signals are not archived, for somebody who may archive them; 0 for others."""
    return _waiting(actor, incident).count() if actor.can(SET_STATE.permission) else 0


def _waiting(actor: Actor, incident: Incident) -> QuerySet[IncidentSignal]:
    links = IncidentSignal.objects.visible_to(actor).filter(incident=incident)
    return links.exclude(signal__state=TriageState.ARCHIVED)


def ask_archive(
    request: HttpRequest, incident: Incident, form: ArchiveForm | None = None, *, changed: bool = False
) -> HttpResponse:
    """The dialog; `changed` says besides that the incident has just become another."""
    total = waiting_signals(request.actor, incident)
    note = f"{total:,} signal{'' if total == 1 else 's'} of this incident {'is' if total == 1 else 'are'} not archived."
    action = reverse("incidents:archive_signals", args=[incident.public_id])
    form = form or ArchiveForm()
    response = ask(request, incident, form, note=note, action=action, **WORDS)
    return trigger_client_event(response, CHANGED, after="settle") if changed else response


@require_http_methods(["GET", "POST"])
def incident_archive_signals(request: HttpRequest, public_id: int) -> HttpResponse:
    """Ask for the reason, then archive what is not archived yet."""
    require(request.actor, SET_STATE.permission)
    incident = visible_incident(request, public_id)
    form = ArchiveForm(request.POST or None)
    if not form.is_valid():
        return ask_archive(request, incident, form)
    given = form.cleaned_data
    operation = operations.begun_with(request.actor, given["token"])
    if operation is None:
        pairs = list(_waiting(request.actor, incident).order_by("signal").values_list("signal", "signal__version"))
        # A private incident is named nowhere that others read: an operation has its own lines in the ledger.
        which = "an incident" if incident.is_private else f"incident #{incident.public_id}"
        operation = operations.begin(
            actor=request.actor,
            action=SET_STATE,
            rows=Frozen.of(np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.int32)),
            params={"to": TriageState.ARCHIVED.value, "reason": given["reason"], "comment": given["comment"]},
            words=f"Set state to Archived ({ArchiveReason(given['reason']).label})",
            selection=f"the signals of {which}",
            token=given["token"],
        )
    report = reverse("search:bulk_operation", args=["signals", operation.uuid])
    if not wants_fragment(request):
        return HttpResponseRedirect(report)
    context = {"incident": incident, "operation": operation, "report": report}
    response = partial(request, "incidents_app/archived.html", context, trigger=CHANGED)
    return trigger_client_event(response, "signals:changed", after="settle")
