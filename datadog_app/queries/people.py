"""People, roles and teams with what is told beside each."""

from __future__ import annotations

from typing import TypeVar

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, Model, OuterRef, Prefetch, QuerySet

from accounts_app.access import Actor
from accounts_app.models import (
    AccessToken,
    ApiKey,
    ApplicationKey,
    Invitation,
    Membership,
    Role,
    Team,
    TeamLink,
    TeamPart,
    User,
)
from core_app.errors import NotFound
from datadog_app.reading import uuid

Row = TypeVar("Row", bound=Model)


def users(actor: Actor) -> QuerySet[User]:
    """The people that the actor may see, with their roles."""
    has_mfa = Exists(Authenticator.objects.filter(user=OuterRef("pk")))
    return User.objects.visible_to(actor).annotate(has_mfa=has_mfa).prefetch_related("groups__role")


def user(actor: Actor, user_id: str, absent: str = "User not found") -> User:
    """One of them. Raises NotFound."""
    found = users(actor).filter(uuid=uuid(user_id)).first() if uuid(user_id) else None
    if found is None:
        raise NotFound(absent)
    return found


def roles(actor: Actor) -> QuerySet[Role]:
    """The roles that the actor may see, with their permissions."""
    counted = Role.objects.visible_to(actor).annotate(user_count=Count("group__user", distinct=True))
    return counted.select_related("group").prefetch_related("group__permissions")


def role(actor: Actor, role_id: str) -> Role:
    """One of them. Raises NotFound."""
    found = roles(actor).filter(uuid=uuid(role_id)).first() if uuid(role_id) else None
    if found is None:
        raise NotFound("Role not found")
    return found


def teams(actor: Actor) -> QuerySet[Team]:
    """The teams that the actor may see, with their links."""
    counted = Team.objects.visible_to(actor).annotate(user_count=Count("memberships"))
    return counted.prefetch_related("links")


def team(actor: Actor, team_id: str) -> Team:
    """One of them. Raises NotFound, with the words of the original for what is no UUID."""
    name = uuid(team_id)
    if name is None:
        raise NotFound(f"{team_id[:100]} is not a valid UUID not found")
    found = teams(actor).filter(uuid=name).first()
    if found is None:
        raise NotFound("Team not found")
    return found


def memberships(actor: Actor) -> QuerySet[Membership]:
    """Who is in which team, as far as the actor may see."""
    return Membership.objects.visible_to(actor).select_related("team", "user")


def link(actor: Actor, team_id: str, link_id: str) -> TeamLink:
    """A link of a team. Raises NotFound."""
    found = TeamLink.objects.visible_to(actor).filter(team=team(actor, team_id)).select_related("team")
    return one_of(found, link_id, "Link not found")


def parts(actor: Actor) -> QuerySet[TeamPart]:
    """Which team is a part of which, as far as the actor may see; both teams with what is told beside them."""
    both = [Prefetch(name, queryset=teams(actor)) for name in ("parent", "sub")]
    return TeamPart.objects.visible_to(actor).select_related("created_by").prefetch_related(*both)


def invitation(actor: Actor, invitation_id: str) -> Invitation:
    """An invitation. Raises NotFound."""
    found = Invitation.objects.visible_to(actor).select_related("user")
    return one_of(found, invitation_id, "Invitation not found")


# --- keys -------------------------------------------------------------------------------------


def api_keys(actor: Actor) -> QuerySet[ApiKey]:
    """The organisation's keys in force that the actor may see."""
    return ApiKey.objects.visible_to(actor).in_force().select_related("created_by", "modified_by")


def application_keys(actor: Actor) -> QuerySet[ApplicationKey]:
    """People's keys in force that the actor may see."""
    return ApplicationKey.objects.visible_to(actor).in_force().select_related("owner")


def access_tokens(actor: Actor) -> QuerySet[AccessToken]:
    """Tokens in force that the actor may see."""
    return AccessToken.objects.visible_to(actor).in_force().select_related("owner")


def one_of(rows: QuerySet[Row], row_id: str, absent: str) -> Row:
    """The row with this UUID. Raises NotFound."""
    name = uuid(row_id)
    found = rows.filter(uuid=name).first() if name else None
    if found is None:
        raise NotFound(absent)
    return found
