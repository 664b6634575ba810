"""What comes in, before it is a signal: sources, raw items, detections."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from core_app.models import Versioned
from core_app.zones import check_time_zone
from signals_app.models.entities import Entity
from signals_app.models.managers import SeenByOperators, SeenWithSignals
from signals_app.models.rules import DetectionRule, Severity
from signals_app.models.services import Service
from signals_app.models.signals import Signal
from signals_app.models.suppressions import Suppression

MOST_HOSTS, LONGEST_SERVICE = 1000, 120


def check_hosts(hosts: Any) -> None:
    """Raises ValidationError unless it maps host names to names of services."""
    if not isinstance(hosts, dict) or len(hosts) > MOST_HOSTS:
        raise ValidationError(f"Hosts are a table of at most {MOST_HOSTS} names.")
    for host, service in hosts.items():
        if not isinstance(service, str) or not 0 < len(service) <= LONGEST_SERVICE:
            raise ValidationError(f"{host}: give the name of its service, at most {LONGEST_SERVICE} characters.")


class Source(Versioned):
    """A sensor that sends to us, and how what it sends is to be read."""

    class Format(models.TextChoices):
        TOCSIN = "tocsin", "Tocsin JSON"
        MODSECURITY3 = "modsecurity3", "ModSecurity 3 JSON audit log (with the edge's access log)"

    name = models.SlugField(max_length=60, unique=True)
    format = models.CharField(max_length=30, choices=Format)
    env = models.CharField("environment", max_length=60, blank=True)
    time_zone = models.CharField(
        "time zone of its clock", max_length=64, default="UTC", validators=[check_time_zone]
    )  # IANA name
    hosts = models.JSONField(
        "service of each host name", default=dict, blank=True, validators=[check_hosts]
    )  # {"shop.example": "web-store"}
    default_service = models.CharField("service of any other host", max_length=120, blank=True)
    token_digest = models.CharField(max_length=64, blank=True, editable=False)
    token_last4 = models.CharField(max_length=4, blank=True, editable=False)
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_item_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = SeenByOperators.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class RawItem(models.Model):
    """One item as it came, redacted: stored before anything is made of it.

    `key` is the item's own name within its source: the unique constraint is what makes
    "sent twice" and "sent by two at once" count once.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        DONE = "done", "Read"
        UNREADABLE = "unreadable", "Unreadable"

    source = models.ForeignKey(Source, models.PROTECT, related_name="items")
    key = models.CharField(max_length=128)
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.TextField(blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True, blank=True)

    objects = SeenByOperators.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="raw_item_once")]
        indexes = [
            models.Index(fields=["id"], name="raw_item_pending", condition=models.Q(state="pending")),
            models.Index(fields=["state", "-received_at"], name="raw_item_state"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id}:{self.key}"


class Detection(models.Model):
    """One thing that one event shows, in our terms. A signal is what detections add up to.

    Rows that do not amount to a signal yet (one failed login, one 404) wait here with `rule` and `signal` empty.
    Those that are suppressed, or that no security filter includes, never will: they have a rule and no signal.
    """

    item = models.ForeignKey(RawItem, models.CASCADE, related_name="detections")
    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)  # what was seen: an attack family, login-failure, missing-path …
    transaction = models.CharField(max_length=128, blank=True)  # request id: joins what two logs say of one request
    rule = models.ForeignKey(DetectionRule, models.PROTECT, null=True, blank=True, related_name="+")
    signal = models.ForeignKey(Signal, models.SET_NULL, null=True, blank=True, related_name="detections")
    suppression = models.ForeignKey(Suppression, models.SET_NULL, null=True, blank=True, related_name="detections")
    at = models.DateTimeField()
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.LOW)
    service = models.ForeignKey(Service, models.PROTECT, null=True, blank=True, related_name="+")
    env = models.CharField(max_length=60, blank=True)
    attacker = models.ForeignKey(Entity, models.PROTECT, null=True, blank=True, related_name="+")
    victim = models.ForeignKey(Entity, models.PROTECT, null=True, blank=True, related_name="+")
    facts = models.JSONField(default=dict)  # method, path, status, verdict, rules …: what the words are made from

    objects = SeenWithSignals.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["source", "kind", "at"], name="detection_waiting", condition=models.Q(signal__isnull=True)
            ),
            models.Index(fields=["source", "transaction"], name="detection_joins", condition=~models.Q(transaction="")),
            models.Index(fields=["signal", "at"], name="detection_timeline"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at:%Y-%m-%d %H:%M:%S}"


class FollowedFile(models.Model):
    """How far a followed log file has been read: moved in the same transaction that stores its items."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="followed_files")
    path = models.CharField(max_length=1000)
    inode = models.BigIntegerField(default=0)
    offset = models.BigIntegerField(default=0)  # bytes
    head_digest = models.CharField(max_length=64, blank=True)  # of the first bytes, to notice a file that was rewritten
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "path"], name="followed_once")]

    def __str__(self) -> str:
        return self.path
