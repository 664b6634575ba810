"""People, the roles they have, how they are invited and what they are told."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, Permission, PermissionsMixin
from django.db import models
from django.utils import timezone

from accounts_app.permissions import LABELS
from core_app.ledger import visible_entries
from core_app.prepared import Prepared, Slot
from core_app.zones import check_time_zone

if TYPE_CHECKING:
    from accounts_app.access import Actor


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
