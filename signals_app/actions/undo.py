"""Putting signals back to what they were before a change, as the ledger tells it.

The caller vouches that it is the undo of something done within the hour. `done` is, by key, the data of the entry
that told of the change. All raise NotAllowed, and refuse single rows with StaleVersion or NotFound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts_app.access import Actor, require
from accounts_app.models import Team, User
from core_app.errors import NotFound
from core_app.ledger import record_each
from core_app.outcome import Outcome
from signals_app.actions.triage import WRITE, assignees_of, change, locked, names, team_change
from signals_app.lifecycle import why_not
from signals_app.models import Assignment, Signal, TriageState

Done = Mapping[int, Mapping[str, Any]]
UNDONE = {"undone": True}


@transaction.atomic
def restore_state(
    *, actor: Actor, seen: Mapping[int, int | None], done: Done, operation: UUID | None = None
) -> Outcome[Signal]:
    """Move signals back to the state before a change, with the reason and comment that they had then.

    Such a move is exempt from the lifecycle and its 30 days, and where it needs that its entry says so.
    """
    require(actor, WRITE)
    outcome: Outcome[Signal] = Outcome()
    changes = []
    alike: dict[tuple[str, str, str], list[Signal]] = defaultdict(list)
    for signal in locked(actor, seen, outcome):
        before, was = done[signal.pk]["state"][0], done[signal.pk].get("was", {})
        if signal.state == before:
            outcome.unchanged.append(signal)
            continue
        exempt = {"exempt": True} if why_not(signal, TriageState(before)) else {}
        changes.append((signal, {"state": [signal.state, before], **was, **UNDONE, **exempt}))
        alike[before, was.get("reason", ""), was.get("comment", "")].append(signal)
    by = {"state_changed_at": timezone.now(), "state_changed_by_id": actor.user.pk if actor.user else None}
    for (state, reason, comment), signals in alike.items():
        change(signals, state=state, archive_reason=reason, archive_comment=comment, **by)
    outcome.changed = [signal for signal, _ in changes]
    record_each(actor, "signals.state_changed", changes, operation=operation)
    return outcome


@transaction.atomic
def restore_assignees(
    *, actor: Actor, seen: Mapping[int, int | None], done: Done, operation: UUID | None = None
) -> Outcome[Signal]:
    """Give signals back the assignees before a change, in their order, also those who can no longer log in."""
    require(actor, WRITE)
    wanted = {pk: tuple(person["uuid"] for person in data["assignees"][0]) for pk, data in done.items()}
    people = {str(user.uuid): user for user in User.objects.filter(uuid__in={u for us in wanted.values() for u in us})}
    outcome: Outcome[Signal] = Outcome()
    signals = _restorable(actor, seen, wanted, people, "Somebody who looked after it is no longer here.", outcome)
    before = assignees_of(signals)
    changes = []
    alike: dict[tuple[str, ...], list[Signal]] = defaultdict(list)
    for signal in signals:
        users = [people[uuid] for uuid in wanted[signal.pk]]
        changes.append((signal, {"assignees": [names(before[signal.pk]), names(users)], **UNDONE}))
        alike[wanted[signal.pk]].append(signal)
    for uuids, some in alike.items():
        parts = [{"user": people[uuid], "position": position} for position, uuid in enumerate(uuids)]
        Assignment.objects.give([signal.pk for signal in some], parts)
        change(some)
    outcome.changed = signals
    for verb, is_given in (("signals.assigned", True), ("signals.unassigned", False)):
        told = [(signal, data) for signal, data in changes if bool(data["assignees"][1]) == is_given]
        record_each(actor, verb, told, operation=operation)
    return outcome


@transaction.atomic
def restore_team(
    *, actor: Actor, seen: Mapping[int, int | None], done: Done, operation: UUID | None = None
) -> Outcome[Signal]:
    """Route signals back to the team before a change, or to none."""
    require(actor, WRITE)
    wanted = {pk: (data["uuid"][0],) if data["uuid"][0] else () for pk, data in done.items()}
    teams = {str(team.uuid): team for team in Team.objects.all()}
    outcome: Outcome[Signal] = Outcome()
    signals = _restorable(actor, seen, wanted, teams, "Its team is no longer here.", outcome)
    changes = []
    alike: dict[int | None, list[Signal]] = defaultdict(list)
    for signal in signals:
        team = next((teams[uuid] for uuid in wanted[signal.pk]), None)
        changes.append((signal, {**team_change(signal, team, teams.values()), **UNDONE}))
        alike[team.pk if team else None].append(signal)
    for team_id, some in alike.items():
        change(some, team_id=team_id)
    outcome.changed = signals
    record_each(actor, "signals.team_set", changes, operation=operation)
    return outcome


def _restorable(
    actor: Actor,
    seen: Mapping[int, int | None],
    wanted: Mapping[int, tuple[str, ...]],
    there: Mapping[str, Hashable],
    why_not_there: str,
    outcome: Outcome[Signal],
) -> list[Signal]:
    """The signals, locked, of which all that is wanted back is still there; the others go to `outcome.refused`."""
    found = []
    for signal in locked(actor, seen, outcome):
        if there.keys() >= set(wanted[signal.pk]):
            found.append(signal)
        else:
            outcome.refused[signal.pk] = NotFound(why_not_there)
    return found
