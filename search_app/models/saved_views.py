"""Saved views: a name for the address of an explorer, and what people have said of it."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts_app.access import Actor
from accounts_app.models import Membership, Team
from core_app.models import Versioned

WRITE = "saved_views_write"
RUN_BY = "org_management"  # whoever has this sees, and may change, every view that is shared
MAX_NAME = 100
one_line = RegexValidator(r"[\x00-\x1f\x7f]", "A name is one line of text.", inverse_match=True)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, actor: Actor) -> SavedViewQuerySet:
        """One's own, what is shared with one's teams, and for administrators whatever is shared.

        What lists a surface's views asks as well whether the actor may look at that surface.
        """
        if actor.user is None and not actor.can(RUN_BY):
            return self.none()
        shared = SavedView.teams.through.objects.filter(savedview=OuterRef("pk"))
        if not actor.can(RUN_BY):
            shared = shared.filter(team__in=Membership.objects.filter(user=actor.user).values("team"))
        return self.filter(Q(owner=actor.user) | Q(Exists(shared)))


class SavedView(Versioned):
    """A named configuration of an explorer: the parameters of its address, and the teams that may use it too.

    `token` is what the form that made it carried: a form that is sent twice makes one view.
    """

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    surface = models.CharField(max_length=40, editable=False)
    name = models.CharField(max_length=MAX_NAME, validators=[one_line])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views", editable=False)
    teams = models.ManyToManyField(Team, related_name="saved_views", blank=True)
    configuration = models.JSONField(default=dict, blank=True, editable=False)
    token = models.UUIDField(default=uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    modified_at = models.DateTimeField(auto_now=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        indexes = [models.Index(fields=["surface", "owner"], name="view_owned")]
        constraints = [models.UniqueConstraint(fields=["owner", "token"], name="view_made_once")]

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, actor: Actor) -> bool:
        """Whether the actor, who may see it, may change it: its owner, or an administrator."""
        is_own = actor.user is not None and self.owner_id == actor.user.pk
        return actor.can(WRITE) and (is_own or actor.can(RUN_BY))


class ViewMark(models.Model):
    """What one person has said of one view of a surface: that it is a favourite, or what they want to see first.

    `key` is the UUID of a saved view, or the name of one that is ready-made and no row of anybody.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    surface = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    is_favourite = models.BooleanField(default=False)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "surface", "key"], name="view_marked_once"),
            models.UniqueConstraint(
                fields=["person", "surface"], name="view_one_default", condition=models.Q(is_default=True)
            ),
            models.CheckConstraint(
                name="view_mark_says_something", condition=models.Q(is_favourite=True) | models.Q(is_default=True)
            ),
        ]
        indexes = [models.Index(fields=["key"], name="view_mark_key")]

    def __str__(self) -> str:
        return f"{self.person}: {self.key}"
