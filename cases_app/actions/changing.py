"""What all changes of this floor's rows have in common: found, locked, of the version that was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db import models
from django.db.models import F
from django.utils import timezone

from accounts_app.access import Actor
from accounts_app.models import User
from cases_app.models import Case, CaseType
from core_app.errors import DomainError, Invalid, NotFound, check_version
from core_app.outcome import Outcome

CHUNK = 1000  # rows an UPDATE
GONE = "It is not there, or it is not yours to see."

Row = TypeVar("Row", bound=models.Model)


def locked(rows: models.QuerySet[Row], seen: Mapping[int, int | None], outcome: Outcome[Row]) -> Iterator[Row]:
    """The rows to change, locked in the order of their keys; the stale and the absent go to `outcome.refused`."""
    mine = rows.filter(pk__in=list(seen)).order_by("pk").select_for_update(of=("self",))
    found = {row.pk: row for row in mine}
    for pk, version in sorted(seen.items()):
        row = found.get(pk)
        if row is None:
            outcome.refused[pk] = NotFound(GONE)
            continue
        try:
            check_version(row, version)
        except DomainError as problem:
            outcome.refused[pk] = problem
            continue
        yield row


def locked_cases(actor: Actor, seen: Mapping[int, int | None], outcome: Outcome[Case]) -> Iterator[Case]:
    """The same for cases, with what their keys and the ledger name."""
    yield from locked(Case.objects.visible_to(actor).select_related("project", "assignee", "type"), seen, outcome)


def locked_case(actor: Actor, case: Case) -> Case:
    """One case as it is now, locked. Raises NotFound."""
    outcome: Outcome[Case] = Outcome()
    for row in locked_cases(actor, {case.pk: None}, outcome):
        return row
    raise outcome.refused[case.pk]


def change(cases: Sequence[Case], **values: Any) -> None:
    """Give all of these locked cases the same new values, by column, and the next version, a chunk an UPDATE."""
    values["modified_at"] = timezone.now()
    for start in range(0, len(cases), CHUNK):
        chunk = [case.pk for case in cases[start : start + CHUNK]]
        Case.objects.filter(pk__in=chunk).update(version=F("version") + 1, **values)
    for case in cases:
        case.version += 1
        for name, value in values.items():
            setattr(case, name, value)


def check_assignee(user: User | None) -> None:
    """Raise Invalid for a person who may not log in."""
    if user is not None and not user.is_active:
        raise Invalid(f"{user.label} can no longer log in, so nothing can be assigned to them.", field="assignee")


def name(user: User | None) -> dict[str, str] | None:
    """A person as the ledger keeps them."""
    return {"uuid": str(user.uuid), "name": user.label} if user else None


def plain(value: Any) -> Any:
    """A value as the ledger keeps it."""
    if isinstance(value, CaseType):
        return value.name
    return value.isoformat() if isinstance(value, date) else value


def known(fields: Mapping[str, Any], names: frozenset[str]) -> None:
    """Raise Invalid for a field that is none of those that the verb changes."""
    for field in fields.keys() - names:
        raise Invalid(f"“{field}” cannot be changed here.", field=field)
