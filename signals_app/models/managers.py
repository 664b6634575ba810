"""Who sees what on this floor."""

from __future__ import annotations

from typing import Self

from django.db import models

from accounts_app.access import Actor
from accounts_app.permissions import RULES_READ

READ = "security_monitoring_signals_read"


class SeenWithSignals(models.QuerySet):
    """Signals and what belongs to them are seen by whoever may read signals: a team routes, it does not restrict."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can(READ) else self.none()


class SeenWithRules(models.QuerySet):
    """Detection rules are seen by whoever may read rules."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can(RULES_READ) else self.none()


class SeenWithSuppressions(models.QuerySet):
    """Suppressions are seen by whoever may read suppressions."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can("security_monitoring_suppressions_read") else self.none()


class SeenByOperators(models.QuerySet):
    """Sources and what is in the intake are seen by whoever runs the organisation's Tocsin."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can("org_management") else self.none()


class SeenWithFilters(models.QuerySet):
    """Security filters are seen by whoever may read filters."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can("security_monitoring_filters_read") else self.none()


class SeenWithNotificationRules(models.QuerySet):
    """Who is told of what is seen by whoever may read notification rules."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can("security_monitoring_notification_profiles_read") else self.none()
