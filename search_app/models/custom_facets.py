"""Facets that an organisation adds to those that the product has."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from accounts_app.access import Actor

DECLARE = "facets_write"


class CustomFacetQuerySet(models.QuerySet["CustomFacet"]):
    def visible_to(self, actor: Actor) -> CustomFacetQuerySet:
        """The list of declarations is for those who may change it; everyone uses the facets."""
        return self if actor.can(DECLARE) else self.none()


class CustomFacet(models.Model):
    """An attribute of a surface's rows, by its `@path`, that is counted and chosen from like any other field."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        NUMBER = "number", "Number"

    surface = models.CharField(max_length=40)
    path = models.CharField(max_length=200)
    label = models.CharField(max_length=60)
    group = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.TEXT)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CustomFacetQuerySet.as_manager()

    class Meta:
        ordering = ["surface", "group", "label", "path"]
        constraints = [models.UniqueConstraint(fields=["surface", "path"], name="facet_declared_once")]

    def __str__(self) -> str:
        return f"{self.label} ({self.path})"
