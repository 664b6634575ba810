"""Who sees what on this floor."""

from __future__ import annotations

from typing import Self

from django.db import models

from accounts_app.access import Actor

READ = "cases_read"
WRITE = "cases_write"
SETTINGS = "cases_shared_settings_write"


class SeenWithCases(models.QuerySet):
    """Cases and what belongs to them are seen by whoever may read cases."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can(READ) else self.none()
