"""Teams, who is in them, what they have linked, and which is part of which."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.models import Membership, Team, TeamLink, TeamPart, User
from accounts_app.rules import change, check, locked
from core_app.errors import Conflict, Invalid, NotFound
from core_app.ledger import record

MANAGE_TEAMS = "teams_manage"
TEAM_FIELDS = frozenset({"name", "handle", "description", "avatar", "banner", "visible_modules", "hidden_modules"})
DEEPEST = 100  # teams above a team


def roles_in(actor: Actor, teams: Iterable[Team]) -> dict[int, str]:
    """The role that the actor has in those of the teams that they are in, by the team's pk."""
    mine = Membership.objects.filter(team__in=[team.pk for team in teams], user=actor.user)
    return dict(mine.values_list("team", "role")) if actor.user else {}


def may_change(actor: Actor, team: Team, policy: str, roles: Mapping[int, str] | None = None) -> bool:
    """Whether the actor may, by their roles or by what the team has set: `edited_by` or `members_changed_by`.

    `roles` are `roles_in` of many teams, which are asked for one by one without it.
    """
    if actor.can(MANAGE_TEAMS):
        return True
    if actor.user is None or not actor.can("teams_read"):
        return False
    whose = getattr(team, policy)
    if whose == Team.Whose.ORGANIZATION:
        return True
    if whose == Team.Whose.USER_ACCESS_MANAGE:
        return actor.can("user_access_manage")
    role = (roles_in(actor, [team]) if roles is None else roles).get(team.pk)
    if whose == Team.Whose.MEMBERS:
        return role is not None
    return whose == Team.Whose.ADMINS and role == Membership.ADMIN


def open_team(actor: Actor, team: Team, policy: str = "edited_by") -> Team:
    """The team, locked, when the actor may change it. Raises NotAllowed, NotFound."""
    row = locked(Team.objects.visible_to(actor), team.pk)
    if not may_change(actor, row, policy):
        require(actor, MANAGE_TEAMS)
    return row


@transaction.atomic
def create_team(*, actor: Actor, name: str, handle: str, description: str = "", **more: Any) -> Team:
    """Make a team with nobody in it; `more` are further ones of TEAM_FIELDS.

    Raises NotAllowed, or Invalid naming the field at fault.
    """
    require(actor, MANAGE_TEAMS)
    team = Team(name=name, handle=handle, description=description, **_known(more))
    check(team)
    team.save()
    record(actor, "accounts.team_created", team, name=name, handle=handle)
    return team


@transaction.atomic
def update_team(*, actor: Actor, team: Team, **given: Any) -> Team:
    """Change what is given of TEAM_FIELDS and leave the rest. Raises NotAllowed, or Invalid naming the field."""
    row = open_team(actor, team)
    if changes := change(row, **_known(given)):
        check(row)
        row.save()
        record(actor, "accounts.team_updated", row, **changes)
    return row


def _known(given: dict[str, Any]) -> dict[str, Any]:
    for name in given.keys() - TEAM_FIELDS:
        raise Invalid(f"“{name}” cannot be changed here.", field=name)
    return given


@transaction.atomic
def set_team_policy(
    *, actor: Actor, team: Team, edited_by: str | None = None, members_changed_by: str | None = None
) -> Team:
    """Say who else may edit a team, and who else may change its members. Raises NotAllowed, or Invalid."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    given = {"edited_by": edited_by, "members_changed_by": members_changed_by}
    if changes := change(row, **{name: value for name, value in given.items() if value is not None}):
        check(row)
        row.save()
        record(actor, "accounts.team_policy_set", row, **changes)
    return row


@transaction.atomic
def delete_team(*, actor: Actor, team: Team) -> None:
    """Dissolve a team, for good: what was routed to it is routed to nobody. Raises NotAllowed."""
    require(actor, MANAGE_TEAMS)
    row = locked(Team.objects.visible_to(actor), team.pk)
    people = [_name(user) for user in row.members.order_by("pk")]
    record(actor, "accounts.team_deleted", row, name=row.name, handle=row.handle, members=people)
    row.delete()


# --- members ----------------------------------------------------------------------------------


@transaction.atomic
def set_members(*, actor: Actor, team: Team, users: Collection[User]) -> Team:
    """Make these people, and no others, the members of a team. Raises NotAllowed, or Invalid for a newcomer
    who may not log in."""
    row = open_team(actor, team, "members_changed_by")
    _make_members(actor, row, set(users))
    return row


@transaction.atomic
def change_members(*, actor: Actor, team: Team, add: Collection[User] = (), remove: Collection[User] = ()) -> Team:
    """Let people into a team and out of it, whoever else comes and goes at the same time. Raises as `set_members`."""
    row = open_team(actor, team, "members_changed_by")
    _make_members(actor, row, ({*row.members.all()} | {*add}) - {*remove})
    return row


@transaction.atomic
def set_member_role(*, actor: Actor, team: Team, user: User, role: str) -> Membership:
    """Make a member one of a team's administrators (`admin`), or a plain member again (empty).

    Raises NotAllowed, NotFound for who is no member, or Invalid.
    """
    row = open_team(actor, team, "members_changed_by")
    membership = Membership.objects.filter(team=row, user=user).first()
    if membership is None:
        raise NotFound("Membership not found")
    if changes := change(membership, role=role):
        check(membership)
        membership.save(update_fields=["role"])
        record(actor, "accounts.member_role_set", row, member=_name(user), **changes)
    return membership


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


# --- links ------------------------------------------------------------------------------------


@transaction.atomic
def add_team_link(*, actor: Actor, team: Team, label: str, url: str, position: int | None = None) -> TeamLink:
    """Link something from a team, at the end unless a position is given. Raises NotAllowed, or Invalid."""
    row = open_team(actor, team)
    link = TeamLink(team=row, label=label, url=url, position=row.links.count() if position is None else position)
    check(link)
    link.save()
    record(actor, "accounts.team_link_added", row, link=str(link.uuid), label=label, url=url)
    return link


@transaction.atomic
def edit_team_link(
    *, actor: Actor, link: TeamLink, label: str | None = None, url: str | None = None, position: int | None = None
) -> TeamLink:
    """Change what is given and leave the rest. Raises NotAllowed, or Invalid."""
    team = open_team(actor, link.team)
    row = locked(TeamLink.objects.visible_to(actor), link.pk)
    given = {"label": label, "url": url, "position": position}
    if changes := change(row, **{name: value for name, value in given.items() if value is not None}):
        check(row)
        row.save()
        record(actor, "accounts.team_link_edited", team, link=str(row.uuid), **changes)
    return row


@transaction.atomic
def remove_team_link(*, actor: Actor, link: TeamLink) -> None:
    """Link it no more. Raises NotAllowed."""
    team = open_team(actor, link.team)
    row = locked(TeamLink.objects.visible_to(actor), link.pk)
    record(actor, "accounts.team_link_removed", team, link=str(row.uuid), label=row.label, url=row.url)
    row.delete()


# --- parts ------------------------------------------------------------------------------------


@transaction.atomic
def add_team_part(*, actor: Actor, parent: Team, sub: Team) -> TeamPart:
    """Make one team a part of another. Raises NotAllowed, Conflict when it is so already, or would go in a circle."""
    require(actor, MANAGE_TEAMS)
    # In one order, so that two who do so at once wait for each other and see what the first has done.
    for pk in sorted({parent.pk, sub.pk}):
        locked(Team.objects.visible_to(actor), pk)
    if TeamPart.objects.filter(parent=parent, sub=sub).exists():
        raise Conflict(f"{sub} is a part of {parent} already.")
    if parent.pk == sub.pk or sub.pk in _above(parent):
        raise Conflict(f"{parent} would be a part of itself.")
    part = TeamPart(parent=parent, sub=sub, created_by=actor.user)
    check(part)
    part.save()
    record(actor, "accounts.team_part_added", parent, sub=str(sub.uuid), name=sub.name)
    return part


@transaction.atomic
def remove_team_part(*, actor: Actor, part: TeamPart) -> None:
    """Make it a part no more. Raises NotAllowed."""
    require(actor, MANAGE_TEAMS)
    row = locked(TeamPart.objects.visible_to(actor), part.pk)
    record(actor, "accounts.team_part_removed", row.parent, sub=str(row.sub.uuid), name=row.sub.name)
    row.delete()


def _above(team: Team) -> set[int]:
    """The primary keys of the teams that a team is a part of, by any way. Raises Conflict beyond DEEPEST."""
    found: set[int] = set()
    wave = {team.pk}
    while wave := set(TeamPart.objects.filter(sub__in=wave).values_list("parent", flat=True)) - found:
        found |= wave
        if len(found) > DEEPEST:
            raise Conflict(f"A team is a part of at most {DEEPEST} others.")
    return found
