"""Who sees what on this floor."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts_app.access import Actor

READ = "incident_read"
WRITE = "incident_write"
SETTINGS = "incident_settings_write"
SEES_PRIVATE = "incidents_private_global_access"


class IncidentQuerySet(models.QuerySet):
    def visible_to(self, actor: Actor) -> Self:
        """Incidents are seen by whoever may read incidents; a private one only by those in it, and administrators.

        Those in it are its commander, its responders and whoever declared it. One that was deleted is seen by nobody.
        """
        if not actor.can(READ):
            return self.none()
        there = self.filter(deleted_at=None)
        if actor.can(SEES_PRIVATE):
            return there
        return there.filter(Q(is_private=False) | self._inside(actor))

    def found_by(self, actor: Actor) -> Self:
        """Those that lists and searches find: visible ones that are not left out there."""
        return self.visible_to(actor).exclude(pk__in=self._left_out("include_in_search"))

    def counted_for(self, actor: Actor) -> Self:
        """Those that figures count: visible ones that are neither rehearsals nor left out there."""
        return self.visible_to(actor).filter(is_test=False).exclude(pk__in=self._left_out("include_in_analytics"))

    def _left_out(self, of: str) -> models.QuerySet:
        configurations = self.model._meta.get_field("incidentconfigurations").related_model
        return configurations.objects.filter(**{of: False}).order_by().values("incident")

    def hidden_from(self, actor: Actor) -> Self:
        """Private incidents, deleted ones among them, that this actor is not in and may not see otherwise."""
        if actor.can(SEES_PRIVATE):
            return self.none()
        private = self.filter(is_private=True)
        return private.exclude(self._inside(actor))

    def _inside(self, actor: Actor) -> Q:
        """The actor is in it: its commander, among its responders, or whoever declared it."""
        if actor.user is None:
            return Q(pk__in=[])
        responders = self.model._meta.get_field("responders").remote_field.through
        mine = responders.objects.filter(incident=OuterRef("pk"), user=actor.user)
        return Q(commander=actor.user) | Q(created_by=actor.user) | Q(Exists(mine))


class OfIncident(models.QuerySet):
    """What belongs to an incident is seen by whoever sees the incident."""

    def visible_to(self, actor: Actor) -> Self:
        incidents = self.model._meta.get_field("incident").related_model
        return self.filter(incident__in=incidents.objects.visible_to(actor))


class SignalsOfIncident(OfIncident):
    """Which signals an incident is about is seen by whoever sees both."""

    def visible_to(self, actor: Actor) -> Self:
        signals = self.model._meta.get_field("signal").related_model
        return super().visible_to(actor).filter(signal__in=signals.objects.visible_to(actor))


class OfNote(models.QuerySet):
    """The versions of a note are seen by whoever sees its incident."""

    def visible_to(self, actor: Actor) -> Self:
        notes = self.model._meta.get_field("note").related_model
        return self.filter(note__in=notes.objects.visible_to(actor))


class OfResponder(models.QuerySet):
    """What a responder of an incident is there is seen by whoever sees the incident."""

    def visible_to(self, actor: Actor) -> Self:
        responders = self.model._meta.get_field("responder").related_model
        return self.filter(responder__in=responders.objects.visible_to(actor))


class SeenWithIncidents(models.QuerySet):
    """Kinds of incidents are seen by whoever may read incidents."""

    def visible_to(self, actor: Actor) -> Self:
        return self if actor.can(READ) else self.none()
