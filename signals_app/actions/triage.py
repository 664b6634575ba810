"""What people decide about signals: one function a verb, for one row and for five hundred."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.models import Team, User
from core_app.errors import DomainError, Invalid, NotFound, check_version
from core_app.ledger import record_each
from core_app.outcome import Outcome
from core_app.prepared import Prepared, Slot
from signals_app.lifecycle import check_move
from signals_app.models import Assignment, Signal, TriageState
from signals_app.models.signals import ArchiveReason
from signals_app.queries.rows import visible

WRITE = "security_monitoring_signals_write"
MAX_ASSIGNEES = 20
MAX_COMMENT = 5000  # characters
CHUNK = 1000  # rows an UPDATE
# What a decision looks at: the long texts of a signal are left where they are.
READ = ("id", "version", "title", "state", "archive_reason", "archive_comment", "team_id", "first_seen")
_LOCKED = Prepared(
    lambda: (
        Signal.objects.filter(pk__among=Slot("signals"))
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list(*READ)
    )
)


def locked(actor: Actor, seen: Mapping[int, int | None], outcome: Outcome[Signal]) -> Iterator[Signal]:
    """The signals to change, locked in the order of their keys; the stale and the absent go to `outcome.refused`."""
    signals = _LOCKED.objects(Signal, columns=READ, signals=visible(actor, [*seen]))
    found = {signal.pk: signal for signal in signals}
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


def change(signals: Sequence[Signal], **values: Any) -> None:
    """Give all of these locked signals the same new values, by column, and the next version, a chunk an UPDATE."""
    values["updated_at"] = timezone.now()
    for start in range(0, len(signals), CHUNK):
        chunk = [signal.pk for signal in signals[start : start + CHUNK]]
        Signal.objects.give(chunk, raised=["version"], **values)
    for signal in signals:
        signal.version += 1
        signal.__dict__.update(values)  # plain columns: setting them one by one is most of a bulk change's time


@transaction.atomic
def set_state(
    *,
    actor: Actor,
    seen: Mapping[int, int | None],
    to: str,
    reason: str = "",
    comment: str = "",
    operation: UUID | None = None,
) -> Outcome[Signal]:
    """Move signals through their lifecycle.

    `seen` maps a signal's pk to the version that the caller looked at; None makes no claim.
    `reason` (an ArchiveReason) and `comment` are kept only when archiving, and a reason is required then.
    Setting the state that a signal already has changes nothing and is no error.
    Raises NotAllowed, or Invalid for an unknown state or reason; refuses single rows with StaleVersion or IllegalMove.
    """
    require(actor, WRITE)
    if to not in TriageState.values:
        raise Invalid(f"“{to}” is no triage state; the states are {', '.join(TriageState.values)}.", field="state")
    state = TriageState(to)
    if state == TriageState.ARCHIVED:
        if reason not in ArchiveReason.values:
            raise Invalid(f"Archiving needs a reason: one of {', '.join(ArchiveReason.values)}.", field="reason")
        if len(comment) > MAX_COMMENT:
            raise Invalid(f"A comment may have at most {MAX_COMMENT} characters.", field="comment")
    else:
        reason = comment = ""

    outcome: Outcome[Signal] = Outcome()
    changes = []
    for signal in locked(actor, seen, outcome):
        if signal.state == state:
            outcome.unchanged.append(signal)
            continue
        try:
            check_move(signal, state)
        except DomainError as problem:
            outcome.refused[signal.pk] = problem
            continue
        data: dict[str, Any] = {"state": [signal.state, state.value]}
        if state == TriageState.ARCHIVED:
            data |= {"reason": reason, "comment": comment}
        if signal.state == TriageState.ARCHIVED:
            data["was"] = {"reason": signal.archive_reason, "comment": signal.archive_comment}
        changes.append((signal, data))
    outcome.changed = [signal for signal, _ in changes]
    change(
        outcome.changed,
        state=state.value,
        archive_reason=reason,
        archive_comment=comment,
        state_changed_at=timezone.now(),
        state_changed_by_id=actor.user.pk if actor.user else None,
    )
    record_each(actor, "signals.state_changed", changes, operation=operation)
    return outcome


@transaction.atomic
def set_reason(
    *,
    actor: Actor,
    seen: Mapping[int, int | None],
    reason: str | None = None,
    comment: str | None = None,
    operation: UUID | None = None,
) -> Outcome[Signal]:
    """Say anew why archived signals are archived, and what there is to say of it; what is None stays as it is.

    Other signals have neither and stay as they are. Raises NotAllowed, or Invalid for an unknown reason.
    """
    require(actor, WRITE)
    if reason is not None and reason not in ArchiveReason.values:
        raise Invalid(f"The reasons are {', '.join(ArchiveReason.values)}.", field="reason")
    if comment is not None and len(comment) > MAX_COMMENT:
        raise Invalid(f"A comment may have at most {MAX_COMMENT} characters.", field="comment")
    asked = {"archive_reason": reason, "archive_comment": comment}
    wanted = {column: value for column, value in asked.items() if value is not None}
    outcome: Outcome[Signal] = Outcome()
    changes = []
    for signal in locked(actor, seen, outcome):
        same = all(getattr(signal, column) == value for column, value in wanted.items())
        if signal.state != TriageState.ARCHIVED or same:
            outcome.unchanged.append(signal)
            continue
        was = {"reason": signal.archive_reason, "comment": signal.archive_comment}
        said = {name.removeprefix("archive_"): value for name, value in wanted.items()}
        changes.append((signal, {**was, **said, "was": was}))
    outcome.changed = [signal for signal, _ in changes]
    change(outcome.changed, **wanted)
    record_each(actor, "signals.reason_set", changes, operation=operation)
    return outcome


@transaction.atomic
def assign(
    *, actor: Actor, seen: Mapping[int, int | None], users: Sequence[User], operation: UUID | None = None
) -> Outcome[Signal]:
    """Make these people, in this order, the assignees of the signals; an empty sequence removes all assignments.

    The first is what the API calls the assignee. Raises NotAllowed, or Invalid for a person who may not log in,
    unless they are among the assignees already.
    """
    require(actor, WRITE)
    people = list(dict.fromkeys(users))
    if len(people) > MAX_ASSIGNEES:
        raise Invalid(f"A signal may have at most {MAX_ASSIGNEES} assignees.", field="assignees")
    outcome: Outcome[Signal] = Outcome()
    signals = list(locked(actor, seen, outcome))
    before = assignees_of(signals)
    gone = [user for user in people if not user.is_active]
    changes = []
    for signal in signals:
        for user in gone:
            if user not in before[signal.pk]:
                message = f"{user.label} can no longer log in, so nothing can be assigned to them."
                raise Invalid(message, field="assignees")
        if before[signal.pk] == people:
            outcome.unchanged.append(signal)
            continue
        changes.append((signal, {"assignees": [names(before[signal.pk]), names(people)]}))
    outcome.changed = [signal for signal, _ in changes]
    Assignment.objects.give(
        [signal.pk for signal in outcome.changed],
        [{"user": user, "position": position} for position, user in enumerate(people)],
    )
    change(outcome.changed)
    record_each(actor, "signals.assigned" if people else "signals.unassigned", changes, operation=operation)
    return outcome


def assignees_of(signals: Sequence[Signal]) -> dict[int, list[User]]:
    """Who looks after each of these signals, in order, by the signal's key."""
    found: dict[int, list[User]] = {signal.pk: [] for signal in signals}
    rows = Assignment.objects.filter(signal__among=found).order_by("position", "pk")
    pairs = list(rows.values_list("signal", "user"))
    people = User.objects.in_bulk({user for _, user in pairs})
    for signal, user in pairs:
        found[signal].append(people[user])
    return found


def names(users: Sequence[User]) -> list[dict[str, str]]:
    """People as the ledger keeps them."""
    return [{"uuid": str(user.uuid), "name": user.label} for user in users]


@transaction.atomic
def set_team(
    *, actor: Actor, seen: Mapping[int, int | None], team: Team | None, operation: UUID | None = None
) -> Outcome[Signal]:
    """Route the signals to a team, or to none. Raises NotAllowed."""
    require(actor, WRITE)
    outcome: Outcome[Signal] = Outcome()
    changes = []
    teams = list(Team.objects.all())
    for signal in locked(actor, seen, outcome):
        if signal.team_id == (team.pk if team else None):
            outcome.unchanged.append(signal)
            continue
        changes.append((signal, team_change(signal, team, teams)))
    outcome.changed = [signal for signal, _ in changes]
    change(outcome.changed, team_id=team.pk if team else None)
    record_each(actor, "signals.team_set", changes, operation=operation)
    return outcome


def team_change(signal: Signal, team: Team | None, teams: Iterable[Team]) -> dict[str, list[str]]:
    """What the ledger says when a signal goes from its team, one of `teams`, to another."""
    before = next((one for one in teams if one.pk == signal.team_id), None)
    return {
        "team": [one.name if one else "" for one in (before, team)],
        "uuid": [str(one.uuid) if one else "" for one in (before, team)],
    }
