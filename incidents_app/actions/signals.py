"""Which signals an incident is about. Source of the rules: the seed document "Add a security signal to an incident"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID, uuid4

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import locked
from core_app.errors import DomainError, Invalid, NotFound, check_version
from core_app.ledger import record_each
from core_app.outcome import Outcome
from incidents_app.actions.checking import MAX_SIGNALS
from incidents_app.models import Incident, IncidentSignal
from signals_app.models import Signal

LINK = "security_monitoring_signals_write"


@transaction.atomic
def add_signals(
    *,
    actor: Actor,
    incident: Incident,
    signals: Mapping[int, int | None],
    on_timeline: bool = False,
    operation: UUID | None = None,
) -> Outcome[Signal]:
    """Put signals into an incident, and on its timeline if asked for. Their versions stay as they are.

    `signals` maps a signal's pk to the version looked at; None makes no claim. One that is in it already is
    unchanged, unless it now comes onto the timeline.
    Raises NotAllowed, NotFound or Invalid; refuses single signals with StaleVersion or NotFound.
    """
    require(actor, LINK)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    return put_in(actor, row, signals, on_timeline=on_timeline, operation=operation)


def put_in(
    actor: Actor,
    incident: Incident,
    signals: Mapping[int, int | None],
    *,
    on_timeline: bool,
    operation: UUID | None = None,
) -> Outcome[Signal]:
    """As `add_signals`, into an incident that the caller holds locked."""
    outcome: Outcome[Signal] = Outcome()
    if not signals:
        return outcome
    links = {link.signal_id: link for link in IncidentSignal.objects.filter(incident=incident)}
    if len(links.keys() | signals.keys()) > MAX_SIGNALS:
        raise Invalid(f"An incident can be about {MAX_SIGNALS:,} signals at most.", field="signals")
    new, shown = [], []
    for signal in _found(actor, signals, outcome):
        link = links.get(signal.pk)
        if link is None:
            new.append(IncidentSignal(incident=incident, signal=signal, on_timeline=on_timeline, added_by=actor.user))
        elif on_timeline and not link.on_timeline:
            shown.append(link.pk)
        else:
            outcome.unchanged.append(signal)
            continue
        outcome.changed.append(signal)
    IncidentSignal.objects.bulk_create(new, batch_size=500)
    IncidentSignal.objects.filter(pk__in=shown).update(on_timeline=True)
    _tell(actor, "incidents.signal_added", incident, outcome.changed, operation, on_timeline=on_timeline)
    return outcome


@transaction.atomic
def remove_signals(
    *, actor: Actor, incident: Incident, signals: Mapping[int, int | None], operation: UUID | None = None
) -> Outcome[Signal]:
    """Take signals out of an incident, as `add_signals` puts them in. One that is not in it is unchanged."""
    require(actor, LINK)
    row = locked(Incident.objects.visible_to(actor), incident.pk)
    outcome: Outcome[Signal] = Outcome()
    links = IncidentSignal.objects.filter(incident=row, signal__in=list(signals))
    there = set(links.values_list("signal", flat=True))
    for signal in _found(actor, signals, outcome):
        (outcome.changed if signal.pk in there else outcome.unchanged).append(signal)
    links.filter(signal__in=[signal.pk for signal in outcome.changed]).delete()
    _tell(actor, "incidents.signal_removed", row, outcome.changed, operation)
    return outcome


@transaction.atomic
def set_incidents(
    *, actor: Actor, signal: Signal, incidents: Iterable[Incident], seen_version: int | None = None
) -> Signal:
    """Make exactly these the incidents of a signal, among those that the actor sees; the others stay as they are.

    Raises NotAllowed, NotFound for a signal or incident out of sight, or StaleVersion.
    """
    require(actor, LINK)
    wanted = {incident.pk for incident in incidents}
    mine = IncidentSignal.objects.visible_to(actor).filter(signal=signal)
    now = set(mine.values_list("incident", flat=True))
    touched = sorted(wanted ^ now)
    rows = Incident.objects.visible_to(actor).filter(pk__in=touched).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in rows}
    if found.keys() != set(touched):
        raise NotFound("There is no such incident, or it is not yours to see.")
    outcome: Outcome[Signal] = Outcome()
    one = next(_found(actor, {signal.pk: seen_version}, outcome), None)
    if one is None:
        raise outcome.refused[signal.pk]
    operation = uuid4()
    for pk in touched:
        if pk in wanted:
            put_in(actor, found[pk], {one.pk: None}, on_timeline=False, operation=operation)
        else:
            IncidentSignal.objects.filter(incident=found[pk], signal=one).delete()
            _tell(actor, "incidents.signal_removed", found[pk], [one], operation)
    return one


def _found(actor: Actor, seen: Mapping[int, int | None], outcome: Outcome[Signal]) -> Iterable[Signal]:
    """The signals, locked in the order of their keys; the stale and the absent go to `outcome.refused`."""
    rows = Signal.objects.visible_to(actor).filter(pk__in=list(seen)).order_by("pk").select_for_update(of=("self",))
    found = {signal.pk: signal for signal in rows.only("version", "public_id", "title")}
    for pk, version in sorted(seen.items()):
        signal = found.get(pk)
        if signal is None:
            outcome.refused[pk] = NotFound("There is no such signal, or it is not yours to see.")
            continue
        try:
            check_version(signal, version)
        except DomainError as problem:
            outcome.refused[pk] = problem
            continue
        yield signal


def _tell(
    actor: Actor,
    verb: str,
    incident: Incident,
    signals: Iterable[Signal],
    operation: UUID | None,
    **data: bool,
) -> None:
    """One entry a signal, about the incident: an entry about the signal would betray an incident that is private."""
    told = [(incident, {"signal": signal.public_id, "title": signal.title, **data}) for signal in signals]
    record_each(actor, verb, told, operation=operation or (uuid4() if len(told) > 1 else None))
