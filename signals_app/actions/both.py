"""Several decisions about signals as one: all are made, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import User
from core_app.outcome import Outcome
from signals_app.actions.triage import WRITE, assign, set_reason, set_state
from signals_app.models import Signal


@transaction.atomic
def decide(
    *,
    actor: Actor,
    seen: Mapping[int, int | None],
    to: str | None = None,
    reason: str = "",
    comment: str = "",
    renewed: Mapping[str, str] | None = None,
    users: Sequence[User] | None = None,
    operation: UUID | None = None,
) -> Outcome[Signal]:
    """Set the state of signals and who looks after them, in one transaction and under one operation.

    What is None stays as it is. A signal that one of them refuses is not changed by the other either.
    `renewed`, a `reason` and a `comment` or one of them, is for signals that are archived already: see `set_reason`.
    Raises and refuses as `set_state`, `set_reason` and `assign` do.
    """
    require(actor, WRITE)
    operation = operation or uuid4()
    outcome: Outcome[Signal] = Outcome()
    left = dict(seen)
    if to is not None:
        outcome = set_state(actor=actor, seen=left, to=to, reason=reason, comment=comment, operation=operation)
        # Locked since, so as they are now is as they were seen.
        left = {signal.pk: None for signal in [*outcome.changed, *outcome.unchanged]}
    if renewed or (to is None and users is None):  # with nothing to do it still refuses what is stale
        here = {signal.pk: None for signal in outcome.unchanged} if to is not None else left
        said = set_reason(actor=actor, seen=here, operation=operation, **(renewed or {}))
        left = {pk: version for pk, version in left.items() if pk not in said.refused}
        left |= {signal.pk: None for signal in [*said.changed, *said.unchanged]}
        outcome = Outcome([*outcome.changed, *said.changed], said.unchanged, {**outcome.refused, **said.refused})
    if users is not None:
        assigned = assign(actor=actor, seen=left, users=users, operation=operation)
        moved = {signal.pk for signal in outcome.changed}
        outcome = Outcome(
            changed=[*assigned.changed, *(one for one in assigned.unchanged if one.pk in moved)],
            unchanged=[one for one in assigned.unchanged if one.pk not in moved],
            refused={**outcome.refused, **assigned.refused},
        )
    return outcome
