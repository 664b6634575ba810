"""Attackers and victims, and what is known of each."""

from __future__ import annotations

from django.db import models

from search_app.addresses import PackedAddressField
from signals_app.models.managers import SeenWithSignals


class Entity(models.Model):
    """An address or a person outside, met as an attacker or a victim."""

    class Kind(models.TextChoices):
        IP = "ip", "IP address"
        USER = "user", "User"

    kind = models.CharField(max_length=4, choices=Kind)
    value = models.CharField(max_length=254)
    packed = PackedAddressField(of="value")  # so that CIDR() is a range of an index
    country = models.CharField(
        max_length=2, blank=True
    )  # ISO 3166-1 alpha-2; empty when nobody has registered the block
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()

    objects = SeenWithSignals.as_manager()

    class Meta:
        ordering = ["-last_seen"]
        verbose_name_plural = "entities"
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="entity_once")]
        indexes = [
            models.Index(fields=["country"], name="entity_country"),
            models.Index(fields=["packed"], name="entity_packed"),
        ]

    def __str__(self) -> str:
        return self.value
