"""What is attacked, and who looks after it."""

from __future__ import annotations

from django.db import models

from accounts_app.models import Team
from core_app.models import Versioned
from signals_app.models.managers import SeenWithSignals


class Service(Versioned):
    """A service of the organisation: what the hover card over its name shows. Made on first sight, edited by people."""

    name = models.CharField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    repository = models.URLField("code repository", blank=True)
    documentation = models.URLField(blank=True)
    team = models.ForeignKey(
        Team, models.SET_NULL, null=True, blank=True, verbose_name="owning team", related_name="services"
    )
    on_call = models.CharField("on-call contact", max_length=200, blank=True)

    objects = SeenWithSignals.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
