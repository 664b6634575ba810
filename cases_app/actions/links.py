"""Which signals a case is about.

Linking moves neither the case's version nor the signal's: two people who link at once undo nothing of each other's.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from cases_app.actions.changing import locked_case
from cases_app.models import Case, CaseSignal
from cases_app.models.managers import WRITE
from core_app.errors import Invalid
from core_app.ledger import record, record_each
from core_app.outcome import Outcome
from signals_app.actions import WRITE as SIGNALS_WRITE
from signals_app.actions.triage import locked as locked_signals
from signals_app.models import Signal

MOST_AT_ONCE = 1000  # signals
NAMED = 20  # signals that an entry about a case names


@transaction.atomic
def add_signals(*, actor: Actor, case: Case, signals: Mapping[int, int | None]) -> Outcome[Signal]:
    """Say that a case is about these signals, which map their pk to the version seen; None makes no claim.

    Raises NotAllowed, NotFound, or Invalid for too many; refuses single signals with StaleVersion or NotFound.
    """
    require(actor, WRITE)
    require(actor, SIGNALS_WRITE)
    return join(actor, locked_case(actor, case), signals)


@transaction.atomic
def remove_signals(*, actor: Actor, case: Case, signals: Mapping[int, int | None]) -> Outcome[Signal]:
    """Say that a case is not about these signals. Raises and refuses as `add_signals` does."""
    require(actor, WRITE)
    require(actor, SIGNALS_WRITE)
    row = locked_case(actor, case)
    outcome: Outcome[Signal] = Outcome()
    linked = set(row.signal_links.values_list("signal_id", flat=True))
    for signal in locked_signals(actor, signals, outcome):
        (outcome.changed if signal.pk in linked else outcome.unchanged).append(signal)
    row.signal_links.filter(signal__in=outcome.changed).delete()
    _tell(actor, row, outcome, "cases.signals_removed", "cases.signal_unlinked")
    return outcome


def join(
    actor: Actor, case: Case, signals: Mapping[int, int | None], *, operation: UUID | None = None
) -> Outcome[Signal]:
    """Link these signals to the case, which the caller has locked, in the caller's transaction."""
    if len(signals) > MOST_AT_ONCE:
        raise Invalid(f"At most {MOST_AT_ONCE:,} signals can go into a case at once.", field="signals")
    outcome: Outcome[Signal] = Outcome()
    linked = set(case.signal_links.filter(signal__in=list(signals)).values_list("signal_id", flat=True))
    for signal in locked_signals(actor, signals, outcome):
        (outcome.unchanged if signal.pk in linked else outcome.changed).append(signal)
    CaseSignal.objects.bulk_create(
        CaseSignal(case=case, signal_id=signal.pk, added_by=actor.user) for signal in outcome.changed
    )
    _tell(actor, case, outcome, "cases.signals_added", "cases.signal_linked", operation)
    return outcome


def _tell(
    actor: Actor,
    case: Case,
    outcome: Outcome[Signal],
    about_case: str,
    about_signal: str,
    operation: UUID | None = None,
) -> None:
    """One entry about the case that names the first of the signals, and one about each signal."""
    if not outcome.changed:
        return
    Case.objects.filter(pk=case.pk).update(modified_at=timezone.now())
    first = [signal.pk for signal in outcome.changed[:NAMED]]
    ids = dict(Signal.objects.filter(pk__in=first).values_list("pk", "public_id"))
    named = [{"id": ids[signal.pk], "title": signal.title} for signal in outcome.changed[:NAMED]]
    record(actor, about_case, case, operation=operation, signals=named, count=len(outcome.changed))
    about = {"case": case.key, "uuid": str(case.uuid)}
    record_each(actor, about_signal, [(signal, about) for signal in outcome.changed], operation=operation)
