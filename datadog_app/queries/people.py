"""People, roles and teams with what is told beside each."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts_app.access import Actor
from accounts_app.models import ApiKey, ApplicationKey, Membership, Role, Team, User
from core_app.errors import NotFound
from datadog_app.reading import uuid


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
    """The teams that the actor may see."""
    return Team.objects.visible_to(actor).annotate(user_count=Count("memberships"))


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


def api_keys(actor: Actor) -> QuerySet[ApiKey]:
    """The organisation's keys in force that the actor may see."""
    return ApiKey.objects.visible_to(actor).in_force().select_related("created_by")


def application_keys(actor: Actor) -> QuerySet[ApplicationKey]:
    """People's keys in force that the actor may see."""
    return ApplicationKey.objects.visible_to(actor).in_force().select_related("owner")
