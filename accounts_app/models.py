"""People, the teams they are in, the roles they have and the keys they use."""

from __future__ import annotations

import uuid
import zoneinfo
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from accounts_app.permissions import LABELS
from core_app.ledger import visible_entries
from core_app.prepared import Prepared, Slot

if TYPE_CHECKING:
    from accounts_app.access import Actor


def check_time_zone(name: str) -> None:
    """Refuse a name that the IANA database does not have."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError("“%(name)s” is no time zone; one looks like Europe/Paris.", params={"name": name})


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, email: str | None) -> User:
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Make a person. The e-mail address is kept in lower case: it is the name they log in by."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def visible_to(self, actor: Actor) -> models.QuerySet[User]:
        """People are seen by whoever may read people; one always sees oneself."""
        if actor.can("user_access_read"):
            return self.get_queryset()
        return self.get_queryset().filter(pk=actor.user.pk) if actor.user else self.none()


class Called:
    """How people are called, by their `name` and `email`."""

    name: str
    email: str

    @property
    def label(self) -> str:
        """The name to show: never empty."""
        return self.name or self.email

    @property
    def initials(self) -> str:
        """One or two letters for the round badge."""
        words = self.label.replace("@", " ").split()
        return "".join(word[0] for word in [words[0], *words[-1:][: len(words) - 1]]).upper()


class User(Called, AbstractBaseUser, PermissionsMixin):
    """A person who logs in by e-mail."""

    class Theme(models.TextChoices):
        AUTO = "auto", "As the system"
        LIGHT = "light", "Light"
        DARK = "dark", "Dark"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField("e-mail", unique=True)
    name = models.CharField(max_length=120)
    job_title = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    theme = models.CharField(max_length=5, choices=Theme, default=Theme.AUTO)
    is_active = models.BooleanField("may log in", default=True)
    is_service_account = models.BooleanField(
        "service account", default=False, help_text="A program: it has keys and no password."
    )
    is_staff = models.BooleanField("may open the admin panel", default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.label

    def role_permissions(self) -> set[str]:
        """Codenames of our own permissions that the person's roles give, in one query."""
        return LABELS.keys() & {name for (name,) in _GIVEN.rows(user=self.pk)}


_GIVEN = Prepared(
    lambda: Permission.objects.filter(group__user=Slot("user")).order_by().values_list("codename")
)  # every request asks this


class RoleQuerySet(models.QuerySet["Role"]):
    def visible_to(self, actor: Actor) -> RoleQuerySet:
        """Roles are seen by whoever may read people; one always sees one's own."""
        if actor.can("user_access_read"):
            return self
        return self.filter(group__user=actor.user) if actor.user else self.none()


class Role(models.Model):
    """What a Django group lacks to be a role: a public id, a description, and whether it came with the product."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.OneToOneField(Group, models.CASCADE, related_name="role")
    description = models.TextField(blank=True)
    managed = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        default_permissions = ()
        permissions = list(LABELS.items())  # all of the product's permissions live on this one content type

    def __str__(self) -> str:
        return self.group.name

    @property
    def permission_names(self) -> list[str]:
        """Codenames of our own permissions that the role gives, in the order of the catalogue."""
        given = {permission.codename for permission in self.group.permissions.all()}
        return [name for name in LABELS if name in given]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def visible_to(self, actor: Actor) -> InvitationQuerySet:
        """Invitations are seen by whoever may invite, of the people that they see."""
        return self if actor.can("user_access_invite") and actor.can("user_access_read") else self.none()


class Invitation(models.Model):
    """A mail with the link by which a person sets their first password; the link is good until `expires_at`."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"invitation of {self.user}"


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


class KeyQuerySet(models.QuerySet):
    def in_force(self) -> Self:
        """Neither revoked nor past its last day."""
        return self.filter(models.Q(expires_at=None) | models.Q(expires_at__gt=timezone.now()), revoked_at=None)


class Key(models.Model):
    """A secret for a machine: 256 random bits, shown once, kept as an HMAC that cannot be turned back."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    last4 = models.CharField(max_length=4, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} (…{self.last4})"

    @property
    def in_force(self) -> bool:
        """Whether it opens anything: the same as the query set's `in_force`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class ApiKeyQuerySet(KeyQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """API keys (never their secrets) are seen by whoever may read API keys."""
        return self if actor.can("api_keys_read") else self.none()


class ApiKey(Key):
    """The organisation's key: it says which organisation a request belongs to, and nothing more."""

    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)
    modified_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta(Key.Meta):
        verbose_name = "API key"


class OwnedKeyQuerySet(KeyQuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """People's keys are seen by whoever may read everyone's, those of service accounts by whoever may edit
        these; one always sees one's own."""
        if actor.can("org_app_keys_read"):
            return self
        mine = models.Q(owner=actor.user) if actor.user else models.Q(pk__in=[])
        if actor.can("service_account_write"):
            mine |= models.Q(owner__is_service_account=True)
        return self.filter(mine)


class ApplicationKey(Key):
    """A person's key: with it a machine acts as that person, narrowed to `scopes` (empty means all)."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="application_keys", editable=False)
    scopes = models.JSONField(default=list, blank=True)

    objects = OwnedKeyQuerySet.as_manager()


class AccessToken(Key):
    """A key that needs no other beside it: `Authorization: Bearer …`. It has scopes always, and a person's an end."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="access_tokens", editable=False)
    scopes = models.JSONField(default=list)
    public = models.CharField("public part", max_length=16, editable=False)

    objects = OwnedKeyQuerySet.as_manager()


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, actor: Actor) -> NotificationQuerySet:
        """One's own, but those of entries that are hidden from one by now: they still say what was there."""
        if actor.user is None:
            return self.none()
        # By each line's entry: a list of all that may be seen would be as long as the ledger.
        told = visible_entries(actor).filter(pk=models.OuterRef("entry"))
        return self.filter(models.Exists(told), user=actor.user)


class Notification(models.Model):
    """Something that a person was told of: what happened, in a line, and where."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    entry = models.ForeignKey("core_app.Entry", models.PROTECT, related_name="+")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "entry"], name="notified_once")]
        indexes = [models.Index(fields=["user"], name="notification_unread", condition=models.Q(read_at=None))]

    def __str__(self) -> str:
        return self.text
