"""Cases that belong to an incident, and the case that becomes one."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import locked
from cases_app.models import Case
from core_app.errors import NotFound
from core_app.ledger import record
from incidents_app.actions.incidents import declare
from incidents_app.models import Incident, IncidentCase
from incidents_app.models.managers import WRITE
from incidents_app.queries.rows import signals_of_case


@transaction.atomic
def escalate(*, actor: Actor, case: Case, **declared: Any) -> Incident:
    """Declare the incident that a case has become: it carries the case's signals, and the case belongs to it.

    `declared` is as for `declare`, and the title is the case's unless another is given; `signals` come besides.
    Raises as `declare` does, or NotFound.
    """
    require(actor, WRITE)
    row = _visible(actor, case, for_update=True)  # before its signals, as whoever links them does
    signals: dict[int, int | None] = dict.fromkeys(signals_of_case(row))
    signals |= declared.pop("signals", None) or {}
    incident = declare(actor=actor, signals=signals, **{"title": row.title, **declared})
    _link(actor, incident, row)
    return incident


@transaction.atomic
def link_case(*, actor: Actor, incident: Incident, case: Case) -> Incident:
    """Say that a case belongs to an incident; twice is once. Raises NotAllowed or NotFound."""
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    _link(actor, row, _visible(actor, case))
    return row


@transaction.atomic
def unlink_case(*, actor: Actor, incident: Incident, case: Case) -> Incident:
    """Say that a case does not belong to an incident. Raises NotAllowed or NotFound."""
    require(actor, WRITE)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    seen = _visible(actor, case)
    removed, _ = IncidentCase.objects.filter(incident=row, case=seen).delete()
    if removed:
        record(actor, "incidents.case_unlinked", row, case=seen.key, title=seen.title)
    return row


def _link(actor: Actor, incident: Incident, case: Case) -> None:
    _, is_new = IncidentCase.objects.get_or_create(incident=incident, case=case)
    if is_new:
        record(actor, "incidents.case_linked", incident, case=case.key, title=case.title)


def _visible(actor: Actor, case: Case, *, for_update: bool = False) -> Case:
    cases = Case.objects.visible_to(actor).select_related("project").filter(pk=case.pk)
    found = (cases.select_for_update(of=("self",)) if for_update else cases).first()
    if found is None:
        raise NotFound("There is no such case, or it is not yours to see.")
    return found
