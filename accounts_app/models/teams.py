"""Teams: who is in them, what they have linked, which is part of which, and how they are told."""

from __future__ import annotations

import re
import uuid

from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from accounts_app.access import Actor
from accounts_app.models.people import User

GITHUB = "github"  # as the API spells it
GITHUB_TEAM = re.compile(r"@?([\w.-]+)/([\w.-]+)", re.ASCII)


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, actor: Actor) -> TeamQuerySet:
        """Teams are seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class Team(models.Model):
    """People who share work: signals are routed to a team, views are shared with one.

    `edited_by` and `members_changed_by` say who may do so beside those whom their roles let edit every team.
    """

    class Whose(models.TextChoices):
        ADMINS = "admins", "its administrators"
        MEMBERS = "members", "its members"
        ORGANIZATION = "organization", "everyone who sees teams"
        USER_ACCESS_MANAGE = "user_access_manage", "those who may edit people"
        TEAMS_MANAGE = "teams_manage", "nobody else"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    handle = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    avatar = models.CharField(max_length=40, blank=True, help_text="One emoji.")
    # Of a page that is the original's: only given back.
    banner = models.PositiveIntegerField(null=True, blank=True, editable=False)
    visible_modules = models.JSONField(default=list, blank=True, editable=False)
    hidden_modules = models.JSONField(default=list, blank=True, editable=False)
    edited_by = models.CharField("edited also by", max_length=20, choices=Whose, default=Whose.TEAMS_MANAGE)
    members_changed_by = models.CharField(
        "members changed also by", max_length=20, choices=Whose, default=Whose.TEAMS_MANAGE
    )
    members = models.ManyToManyField(User, through="Membership", related_name="teams")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = TeamQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, actor: Actor) -> MembershipQuerySet:
        """Who is in a team is seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class Membership(models.Model):
    """One person in one team, as a member or as one of its administrators."""

    ADMIN = "admin"

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, blank=True, choices=[("", "Member"), (ADMIN, "Administrator")])
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TeamLinkQuerySet(models.QuerySet["TeamLink"]):
    def visible_to(self, actor: Actor) -> TeamLinkQuerySet:
        """What teams have linked is seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class TeamLink(models.Model):
    """Something that a team wants to be found: its handbook, its rota, its channel."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="links")
    label = models.CharField(max_length=256)
    url = models.URLField("address", max_length=500, validators=[URLValidator(schemes=["https", "http"])])
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamLinkQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.label


class TeamPartQuerySet(models.QuerySet["TeamPart"]):
    def visible_to(self, actor: Actor) -> TeamPartQuerySet:
        """Which team is part of which is seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class TeamPart(models.Model):
    """One team is a part of another. No team is, by any way, a part of itself."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    parent = models.ForeignKey(Team, models.CASCADE, related_name="parts")
    sub = models.ForeignKey(Team, models.CASCADE, related_name="wholes")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamPartQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["parent", "sub"], name="team_part_once")]

    def __str__(self) -> str:
        return f"{self.sub} in {self.parent}"


class TeamToldQuerySet(models.QuerySet["TeamTold"]):
    def visible_to(self, actor: Actor) -> TeamToldQuerySet:
        """How teams are told is seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class TeamTold(models.Model):
    """How a team is told that is named by its handle: whether its members get mail beside the line under the bell.

    `channels` are as the API sends them, by name. All but `email` are of products that nothing is sent to here: they
    are kept and given back. A team of which there is no such row gets mail.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.OneToOneField(Team, models.CASCADE, related_name="told")
    channels = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = TeamToldQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = "team notification rule"

    def __str__(self) -> str:
        return f"how {self.team} is told"

    @property
    def mails(self) -> bool:
        """Whether the members get mail: as those of other teams, unless it is said that they get none."""
        return (self.channels.get("email") or {}).get("enabled") is not False


class TeamConnectionQuerySet(models.QuerySet["TeamConnection"]):
    def visible_to(self, actor: Actor) -> TeamConnectionQuerySet:
        """Which team is which elsewhere is seen by whoever may read teams."""
        return self if actor.can("teams_read") else self.none()


class TeamConnection(models.Model):
    """The same team elsewhere, such as `@organisation/team` on GitHub. Nobody is let in or out because of it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey(Team, models.CASCADE, related_name="connections")
    source = models.CharField(max_length=40)
    connected = models.CharField("team there", max_length=300)
    managed_by = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = TeamConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["team", "source", "connected"], name="team_connected_once")]

    def __str__(self) -> str:
        return f"{self.team} is {self.connected} on {self.source}"

    @property
    def url(self) -> str:
        """Where the team is found there; empty when its name does not say."""
        found = GITHUB_TEAM.fullmatch(self.connected) if self.source == GITHUB else None
        return f"https://github.com/orgs/{found[1]}/teams/{found[2]}" if found else ""

    @property
    def place(self) -> str:
        """What people call that elsewhere."""
        return "GitHub" if self.source == GITHUB else self.source
