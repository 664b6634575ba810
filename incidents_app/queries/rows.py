"""Incidents as the rows of a list, and as marks and sections of what is in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts_app.access import Actor
from cases_app.models import Case, CaseSignal
from core_app.errors import NotFound
from core_app.prepared import Prepared, Slot
from incidents_app.models import Incident, IncidentCase, IncidentSignal, State
from search_app.attributes import elements
from signals_app.marks import Mark
from signals_app.models import Signal

MOST_ELEMENTS = 5  # of a field, that a cell shows
MOST_TEXT = 300  # characters of it
FETCHED = {"responders": "responders", "tags": "tags"}


def incident_rows(actor: Actor, pks: Sequence[int], columns: Sequence[str], *, whole: bool = False) -> list[Incident]:
    """The incidents with these keys, in this order, with what these columns show of them; `whole` with long texts.

    With the column `signals` each has `signals_total`, how many it is about.
    """
    rows = Incident.objects.visible_to(actor).filter(pk__in=pks).order_by()
    if "commander" in columns:
        rows = rows.select_related("commander")
    if "kind" in columns:
        rows = rows.select_related("type")
    rows = rows.prefetch_related(*(FETCHED[name] for name in columns if name in FETCHED))
    if not whole:
        rows = rows.defer("summary", "root_cause", "customer_impact_scope", "search_text")
    found = {row.pk: row for row in rows}
    if "signals" in columns:
        counted = IncidentSignal.objects.visible_to(actor).filter(incident__in=found).order_by().values("incident")
        totals = dict(counted.annotate(total=Count("pk")).values_list("incident", "total"))
        for row in found.values():
            row.signals_total = totals.get(row.pk, 0)
    return [found[pk] for pk in pks if pk in found]


def property_text(incident: Incident, path: str) -> str:
    """What the incident's property fields hold at an `@path`, in one line; empty for nothing."""
    found = [str(one) for one in elements(incident.fields, path[1:].split(".")) if one is not None]
    beyond = f" +{len(found) - MOST_ELEMENTS}" if len(found) > MOST_ELEMENTS else ""
    return ", ".join(found[:MOST_ELEMENTS])[:MOST_TEXT] + beyond


def lasted(incident: Incident) -> timedelta:
    """From when it was detected until it was resolved, or until now."""
    return max((incident.resolved_at or timezone.now()) - incident.detected_at, timedelta())


def incidents_of_signal(actor: Actor, signal: Signal) -> QuerySet[Incident]:
    """The incidents that a signal is in, the newest first."""
    links = IncidentSignal.objects.filter(signal=signal)
    return _listed(actor).filter(pk__in=links.values("incident"))


def incidents_of_case(actor: Actor, case: Case) -> QuerySet[Incident]:
    """The incidents that a case belongs to, the newest first."""
    return _listed(actor).filter(pk__in=IncidentCase.objects.filter(case=case).values("incident"))


def _listed(actor: Actor) -> QuerySet[Incident]:
    return Incident.objects.visible_to(actor).select_related("commander").order_by("-declared_at", "-pk")


_LINKED = Prepared(lambda: IncidentSignal.objects.filter(signal__among=Slot("signals")).order_by().values_list("pk"))


def links_of(actor: Actor, signals: Iterable[int]) -> QuerySet[IncidentSignal] | None:
    """What leads from these signals to incidents, as far as the actor sees both; None where nothing does: so it is
    for most, and that is much the cheaper question."""
    linked = [pk for (pk,) in _LINKED.rows(signals=[*signals])]
    return IncidentSignal.objects.visible_to(actor).filter(pk__among=linked) if linked else None


def marks(actor: Actor, pks: Sequence[int]) -> Iterable[tuple[int, Mark]]:
    """For signals: the incidents that they are in and that are not over."""
    if (links := links_of(actor, pks)) is None:
        return
    open_ones = links.exclude(incident__state=State.RESOLVED)
    facts = open_ones.order_by("pk").values_list(
        "signal", "incident__public_id", "incident__title", "incident__severity"
    )
    for pk, number, title, severity in facts:
        url = reverse("incidents:detail", args=[number])
        yield pk, Mark(f"#{number}", f"Incident #{number}, {severity}: {title}", url)


def linked_cases(actor: Actor, incident: Incident) -> list[Case]:
    """The cases that belong to an incident, as far as the actor sees them."""
    links = IncidentCase.objects.filter(incident=incident).values("case")
    return list(Case.objects.visible_to(actor).select_related("project", "assignee").filter(pk__in=links))


def case_of_key(actor: Actor, key: str) -> Case:
    """The case that people call so, such as SEC-12. Raises NotFound, also for one out of sight."""
    project, _, number = key.strip().upper().rpartition("-")
    found = None
    if project and number.isascii() and number.isdigit() and len(number) < 10:
        cases = Case.objects.visible_to(actor).select_related("project")
        found = cases.filter(project__key=project, number=int(number)).first()
    if found is None:
        raise NotFound("There is no such case, or it is not yours to see.", field="case")
    return found


def signals_of_case(case: Case) -> list[int]:
    """The keys of a case's signals, in the order in which they came into it. The caller has seen the case."""
    return list(CaseSignal.objects.filter(case=case).order_by("pk").values_list("signal", flat=True))
