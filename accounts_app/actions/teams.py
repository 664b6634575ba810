"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import Membership, Team, User
from accounts_app.rules import change, check, locked
from core_app.errors import Invalid
from core_app.ledger import record

MANAGE_TEAMS = "teams_manage"


@transaction.atomic
def create_team(*, actor: Actor, name: str, handle: str, description: str = "") -> Team:
    """Make a team with nobody in it. Raises NotAllowed, or Invalid naming the field at fault."""
    require(actor, MANAGE_TEAMS)
    team = Team(name=name, handle=handle, description=description)
    check(team)
    team.save()
    record(actor, "accounts.team_created", team, name=name, handle=handle)
    return team


@transaction.atomic
def update_team(
    *, actor: Actor, team: Team, name: str | None = None, handle: str | None = None, description: str | None = None
) -> Team:
    """Change what is given and leave the rest. Raises NotAllowed, or Invalid naming the field at fault."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    given = {"name": name, "handle": handle, "description": description}
    if changes := change(row, **{field: value for field, value in given.items() if value is not None}):
        check(row)
        row.save()
        record(actor, "accounts.team_updated", row, **changes)
    return row


@transaction.atomic
def delete_team(*, actor: Actor, team: Team) -> None:
    """Dissolve a team, for good: what was routed to it is routed to nobody. Raises NotAllowed."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    people = [_name(user) for user in row.members.order_by("pk")]
    record(actor, "accounts.team_deleted", row, name=row.name, handle=row.handle, members=people)
    row.delete()


@transaction.atomic
def set_members(*, actor: Actor, team: Team, users: Collection[User]) -> Team:
    """Make these people, and no others, the members of a team. Raises NotAllowed, or Invalid for a newcomer
    who may not log in."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    _make_members(actor, row, set(users))
    return row


@transaction.atomic
def change_members(*, actor: Actor, team: Team, add: Collection[User] = (), remove: Collection[User] = ()) -> Team:
    """Let people into a team and out of it, whoever else comes and goes at the same time. Raises as `set_members`."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    _make_members(actor, row, ({*row.members.all()} | {*add}) - {*remove})
    return row


def _make_members(actor: Actor, row: Team, after: set[User]) -> None:
    before = set(row.members.all())
    joined, left = after - before, before - after
    for user in joined:
        if not user.is_active:
            raise Invalid(f"{user.label} can no longer log in, so they cannot join a team.", field="members")
    Membership.objects.filter(team=row, user__in=left).delete()
    Membership.objects.bulk_create(Membership(team=row, user=user) for user in joined)
    for verb, people in (("accounts.members_added", joined), ("accounts.members_removed", left)):
        if people:
            record(actor, verb, row, members=[_name(user) for user in sorted(people, key=lambda user: user.pk)])


def _name(user: User) -> dict[str, str]:
    return {"uuid": str(user.uuid), "name": user.label}
