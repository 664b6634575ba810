"""How teams are told, and which team is which elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.actions.teams import MANAGE_TEAMS, open_team
from accounts_app.models import Team, TeamConnection, TeamTold
from accounts_app.rules import change, check, locked
from core_app.errors import Conflict, Invalid, NotFound
from core_app.ledger import record

CHANNELS = ("email", "ms_teams", "pagerduty", "servicenow", "slack")
MOST = 100  # connections at once


@transaction.atomic
def set_up_telling(*, actor: Actor, team: Team, channels: Mapping[str, Any]) -> TeamTold:
    """Say how a team is told. Raises NotAllowed, Invalid, or Conflict when that is said already."""
    row = open_team(actor, team)
    if TeamTold.objects.filter(team=row).exists():
        raise Conflict("It is said already how this team is told: change that.")
    told = TeamTold(team=row, channels=_known(channels))
    check(told)
    told.save()
    record(actor, "accounts.team_telling_set", row, channels=[None, told.channels])
    return told


@transaction.atomic
def change_telling(*, actor: Actor, told: TeamTold, channels: Mapping[str, Any]) -> TeamTold:
    """Say it anew, as a whole. Raises NotAllowed, NotFound or Invalid."""
    team = open_team(actor, told.team)
    row = locked(TeamTold.objects.visible_to(actor), told.pk)
    if changes := change(row, channels=_known(channels)):
        check(row)
        row.save()
        record(actor, "accounts.team_telling_set", team, **changes)
    return row


@transaction.atomic
def say_mail(*, actor: Actor, team: Team, enabled: bool) -> TeamTold:
    """Say whether the members get mail; other channels stay as they are. Raises NotAllowed or NotFound."""
    row = open_team(actor, team)  # locked: nobody else says anything of it meanwhile
    told = TeamTold.objects.filter(team=row).first()
    before = told.channels if told else {}
    channels = {**before, "email": {**(before.get("email") or {}), "enabled": enabled}}
    if told:
        return change_telling(actor=actor, told=told, channels=channels)
    return set_up_telling(actor=actor, team=row, channels=channels)


@transaction.atomic
def forget_telling(*, actor: Actor, told: TeamTold) -> None:
    """Say nothing of it: the team is told as others are. Raises NotAllowed or NotFound."""
    team = open_team(actor, told.team)
    row = locked(TeamTold.objects.visible_to(actor), told.pk)
    record(actor, "accounts.team_telling_set", team, channels=[row.channels, None])
    row.delete()


def _known(channels: Mapping[str, Any]) -> dict[str, Any]:
    for name in channels.keys() - set(CHANNELS):
        raise Invalid(f"“{name}” is no way to tell a team.", field="channels")
    return dict(channels)


@transaction.atomic
def connect_teams(*, actor: Actor, connections: Iterable[Mapping[str, Any]]) -> list[TeamConnection]:
    """Say which teams are which elsewhere: all of them, or none. Each has `team`, `source`, `connected`, `managed_by`.

    Raises NotAllowed, NotFound, Invalid, or Conflict for what is said already.
    """
    require(actor, MANAGE_TEAMS)
    rows = [TeamConnection(**given) for given in connections]
    if not rows or len(rows) > MOST:
        raise Invalid(f"From 1 to {MOST} connections are made at once.", field="connections")
    for pk in sorted({row.team.pk for row in rows}):  # in one order, so that two who do so at once wait
        locked(Team.objects.visible_to(actor), pk)
    for row in rows:
        if TeamConnection.objects.filter(team=row.team, source=row.source, connected=row.connected).exists():
            raise Conflict(f"{row.team} is connected with {row.connected} already.")
        check(row)
        row.save()
        record(actor, "accounts.team_connected", row.team, source=row.source, connected=row.connected)
    return rows


@transaction.atomic
def disconnect_teams(*, actor: Actor, connections: Collection[TeamConnection]) -> None:
    """Say so no more: of all of them, or of none. Raises NotAllowed, or NotFound for one that is gone."""
    require(actor, MANAGE_TEAMS)
    wanted = {connection.pk for connection in connections}
    rows = TeamConnection.objects.visible_to(actor).filter(pk__in=wanted).order_by("pk")
    found = list(rows.select_for_update(of=("self",)).select_related("team"))
    if len(found) != len(wanted):
        raise NotFound("Connection not found")
    for row in found:
        record(actor, "accounts.team_disconnected", row.team, source=row.source, connected=row.connected)
        row.delete()
