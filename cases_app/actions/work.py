"""How the work on cases goes on: status, assignee, priority, archive; and each put back as the ledger tells it.

Of the `restore_…` the caller vouches that it is the undo of something done within the hour. `done` is, by key, the
data of the entry that told of the change. All raise NotAllowed, and refuse single rows with StaleVersion or NotFound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.models import User
from cases_app.actions.cases import chosen
from cases_app.actions.changing import change, check_assignee, locked_cases, name
from cases_app.models import Case, Priority, Status
from cases_app.models.managers import WRITE
from core_app.errors import NotFound
from core_app.ledger import record_each
from core_app.outcome import Outcome

Seen = Mapping[int, int | None]
Done = Mapping[int, Mapping[str, Any]]
UNDONE = {"undone": True}


@transaction.atomic
def set_status(*, actor: Actor, seen: Seen, to: str, operation: UUID | None = None) -> Outcome[Case]:
    """Say where the work stands. Every status leads to every other. Raises NotAllowed or Invalid."""
    require(actor, WRITE)
    status = chosen(Status, to, "status")
    outcome: Outcome[Case] = Outcome()
    changes = []
    for case in locked_cases(actor, seen, outcome):
        if case.status == status:
            outcome.unchanged.append(case)
            continue
        was = {"closed_at": case.closed_at.isoformat()} if case.closed_at else {}
        changes.append((case, {"status": [case.status, status], **was}))
    outcome.changed = [case for case, _ in changes]
    change(outcome.changed, status=status, closed_at=timezone.now() if status == Status.CLOSED else None)
    record_each(actor, "cases.status_changed", changes, operation=operation)
    return outcome


@transaction.atomic
def assign(*, actor: Actor, seen: Seen, user: User | None, operation: UUID | None = None) -> Outcome[Case]:
    """Give the cases to a person, or to nobody. Raises NotAllowed, or Invalid for who may not log in."""
    require(actor, WRITE)
    check_assignee(user)
    outcome: Outcome[Case] = Outcome()
    changes = []
    for case in locked_cases(actor, seen, outcome):
        if case.assignee == user:
            outcome.unchanged.append(case)
            continue
        changes.append((case, {"assignee": [name(case.assignee), name(user)]}))
    outcome.changed = [case for case, _ in changes]
    change(outcome.changed, assignee=user)
    record_each(actor, "cases.assigned" if user else "cases.unassigned", changes, operation=operation)
    return outcome


@transaction.atomic
def set_priority(*, actor: Actor, seen: Seen, to: str, operation: UUID | None = None) -> Outcome[Case]:
    """Say how soon they have to be dealt with. Raises NotAllowed or Invalid."""
    require(actor, WRITE)
    priority = chosen(Priority, to, "priority")
    outcome: Outcome[Case] = Outcome()
    changes = []
    for case in locked_cases(actor, seen, outcome):
        if case.priority == priority:
            outcome.unchanged.append(case)
            continue
        changes.append((case, {"priority": [case.priority, priority]}))
    outcome.changed = [case for case, _ in changes]
    change(outcome.changed, priority=priority)
    record_each(actor, "cases.priority_set", changes, operation=operation)
    return outcome


@transaction.atomic
def archive(*, actor: Actor, seen: Seen, operation: UUID | None = None) -> Outcome[Case]:
    """Put cases away: from now on only who asks for archived ones finds them. Raises NotAllowed."""
    require(actor, WRITE)
    return _set_archived(actor, seen, timezone.now(), operation)


@transaction.atomic
def unarchive(*, actor: Actor, seen: Seen, operation: UUID | None = None) -> Outcome[Case]:
    """Bring cases back from the archive. Raises NotAllowed."""
    require(actor, WRITE)
    return _set_archived(actor, seen, None, operation)


def _set_archived(actor: Actor, seen: Seen, at: datetime | None, operation: UUID | None) -> Outcome[Case]:
    outcome: Outcome[Case] = Outcome()
    for case in locked_cases(actor, seen, outcome):
        (outcome.unchanged if bool(case.archived_at) == bool(at) else outcome.changed).append(case)
    change(outcome.changed, archived_at=at)
    verb = "cases.archived" if at else "cases.unarchived"
    record_each(actor, verb, [(case, {}) for case in outcome.changed], operation=operation)
    return outcome


@transaction.atomic
def restore_status(*, actor: Actor, seen: Seen, done: Done, operation: UUID | None = None) -> Outcome[Case]:
    """Put cases back to the status before a change, with the day on which they were closed."""
    require(actor, WRITE)
    outcome: Outcome[Case] = Outcome()
    changes = []
    alike: dict[Hashable, list[Case]] = defaultdict(list)
    for case in locked_cases(actor, seen, outcome):
        before, closed_at = done[case.pk]["status"][0], done[case.pk].get("closed_at")
        changes.append((case, {"status": [case.status, before], **UNDONE}))
        alike[before, closed_at].append(case)
    for (status, closed_at), some in alike.items():
        change(some, status=status, closed_at=datetime.fromisoformat(closed_at) if closed_at else None)
    outcome.changed = [case for case, _ in changes]
    record_each(actor, "cases.status_changed", changes, operation=operation)
    return outcome


@transaction.atomic
def restore_assignee(*, actor: Actor, seen: Seen, done: Done, operation: UUID | None = None) -> Outcome[Case]:
    """Give cases back to whom they were with before a change, also to who can no longer log in."""
    require(actor, WRITE)
    wanted = {pk: (data["assignee"][0] or {}).get("uuid") for pk, data in done.items()}
    people = {str(user.uuid): user for user in User.objects.filter(uuid__in=set(filter(None, wanted.values())))}
    outcome: Outcome[Case] = Outcome()
    changes = []
    alike: dict[str | None, list[Case]] = defaultdict(list)
    for case in locked_cases(actor, seen, outcome):
        uuid = wanted[case.pk]
        if uuid and uuid not in people:
            outcome.refused[case.pk] = NotFound("Whoever looked after it is no longer here.")
            continue
        changes.append((case, {"assignee": [name(case.assignee), name(people.get(uuid or ""))], **UNDONE}))
        alike[uuid].append(case)
    for uuid, some in alike.items():
        change(some, assignee=people.get(uuid or ""))
    outcome.changed = [case for case, _ in changes]
    for verb, is_given in (("cases.assigned", True), ("cases.unassigned", False)):
        told = [(case, data) for case, data in changes if bool(data["assignee"][1]) == is_given]
        record_each(actor, verb, told, operation=operation)
    return outcome


@transaction.atomic
def restore_priority(*, actor: Actor, seen: Seen, done: Done, operation: UUID | None = None) -> Outcome[Case]:
    """Give cases back the priority before a change."""
    require(actor, WRITE)
    outcome: Outcome[Case] = Outcome()
    changes = []
    alike: dict[str, list[Case]] = defaultdict(list)
    for case in locked_cases(actor, seen, outcome):
        before = done[case.pk]["priority"][0]
        changes.append((case, {"priority": [case.priority, before], **UNDONE}))
        alike[before].append(case)
    for priority, some in alike.items():
        change(some, priority=priority)
    outcome.changed = [case for case, _ in changes]
    record_each(actor, "cases.priority_set", changes, operation=operation)
    return outcome


@transaction.atomic
def restore_archived(*, actor: Actor, seen: Seen, done: Done, operation: UUID | None = None) -> Outcome[Case]:
    """Bring back what was put away."""
    require(actor, WRITE)
    return _set_archived(actor, seen, None, operation)
