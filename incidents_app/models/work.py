"""What people write and do in an incident."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone

from core_app.models import Versioned
from incidents_app.models.incidents import Incident
from incidents_app.models.managers import OfIncident, OfNote


class PartOfIncident(Versioned):
    """Something that belongs to one incident and is changed by itself."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    incident = models.ForeignKey(Incident, models.CASCADE)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    modified_at = models.DateTimeField(auto_now=True)

    objects = OfIncident.as_manager()

    class Meta:
        abstract = True
        default_related_name = "%(class)ss"


class Note(PartOfIncident):
    """A note on the timeline, in Markdown. `at` is the moment that it tells of, which may lie in the past.

    One that is taken back keeps its place and loses its text; what it said before is in its revisions.
    """

    body = models.TextField()
    at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(PartOfIncident.Meta):
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"note on incident {self.incident_id}"


class NoteRevision(models.Model):
    """What a note said before somebody edited it."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="revisions")
    body = models.TextField()
    until = models.DateTimeField(default=timezone.now, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")

    objects = OfNote.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"note {self.note_id} until {self.until:%Y-%m-%d %H:%M:%S}"


class Todo(PartOfIncident):
    """Something to be done about the incident, now or after it. Open until `completed_at`.

    `elsewhere` are those who do it and are nobody here: a handle, or somebody of a chat as Datadog's wire names them.
    """

    content = models.TextField()
    assignees = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="incident_todos", blank=True)
    elsewhere = models.JSONField(default=list, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta(PartOfIncident.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.content[:80]


class Impact(PartOfIncident):
    """What customers felt, from when until when (None: still)."""

    description = models.TextField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField(null=True, blank=True)
    fields = models.JSONField(default=dict, blank=True)

    class Meta(PartOfIncident.Meta):
        ordering = ["start_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="impact_time_runs_forward",
                condition=models.Q(end_at__isnull=True) | models.Q(end_at__gte=models.F("start_at")),
            )
        ]

    def __str__(self) -> str:
        return self.description[:80]


class Attachment(PartOfIncident):
    """A link that belongs to the incident: a document, a dashboard, its postmortem.

    A postmortem that is kept here has `content`, in Markdown, and its own page as its `url`, from the root of the site.
    """

    class Kind(models.TextChoices):
        LINK = "link", "Link"
        POSTMORTEM = "postmortem", "Postmortem"

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.LINK)
    title = models.CharField(max_length=300)
    url = models.URLField(max_length=2000)
    content = models.TextField(blank=True)

    class Meta(PartOfIncident.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def is_here(self) -> bool:
        """Whether it is a document of ours, and no link to another place."""
        return bool(self.content)


class TimestampOverride(PartOfIncident):
    """A moment of an incident that was set right: `value` is what counts, `before` what it was.

    The incident's own column has the value, so that everything that asks for it finds it there. `stable_before` is
    when it was stable, where that moment had to go along.
    """

    class Kind(models.TextChoices):
        """Of what. Source: Datadog's API."""

        DETECTED = "detected", "Detected"
        RESOLVED = "resolved", "Resolved"
        DECLARED = "declared", "Declared"

    kind = models.CharField(max_length=10, choices=Kind)
    value = models.DateTimeField()
    before = models.DateTimeField()
    stable_before = models.DateTimeField(null=True, blank=True)
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta(PartOfIncident.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["incident", "kind"], name="timestamp_overridden_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.value:%Y-%m-%d %H:%M:%S}"

    @property
    def column(self) -> str:
        """Which of the incident's moments it is about."""
        return f"{self.kind}_at"


class Integration(PartOfIncident):
    """Where else an incident is worked on: channels of a chat, tickets. Kept as it was told; nothing is sent there.

    `kind` and `status` are numbers of Datadog's wire; `metadata` has one list of `channels`, `teams` or `issues`.
    """

    kind = models.PositiveSmallIntegerField()
    status = models.PositiveSmallIntegerField(default=0)
    metadata = models.JSONField()

    class Meta(PartOfIncident.Meta):
        ordering = ["pk"]

    def __str__(self) -> str:
        return ", ".join(place["name"] for place in self.places)[:300]

    @property
    def places(self) -> list[dict[str, str]]:
        """Each channel or ticket with its name and its address, which may be empty."""
        found = []
        for system, items in self.metadata.items():
            for item in items:
                name = next((item[key] for key in NAMED_BY[system] if item.get(key)), "")
                found.append({"system": SYSTEMS[system], "name": name, "url": item.get("redirect_url", "")})
        return found


class IncidentConfiguration(PartOfIncident):
    """What one incident is left out of. One without a configuration is left out of nothing.

    `execute_integrations` is kept for whoever asks: nothing is run at other places from here.
    """

    execute_integrations = models.BooleanField(default=True)
    execute_notification_rules = models.BooleanField(default=True)
    include_in_analytics = models.BooleanField(default=True)
    include_in_search = models.BooleanField(default=True)
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta(PartOfIncident.Meta):
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["incident"], name="incident_configured_once")]

    def __str__(self) -> str:
        return f"configuration of incident {self.incident_id}"

    @property
    def left_out_of(self) -> list[str]:
        """In words."""
        words = {
            "include_in_search": "lists and searches",
            "include_in_analytics": "the overview",
            "execute_notification_rules": "notification rules",
        }
        return [word for name, word in words.items() if not getattr(self, name)]


SYSTEMS = {"channels": "Slack", "teams": "Microsoft Teams", "issues": "Jira"}
NAMED_BY = {
    "channels": ("channel_name", "channel_id"),
    "teams": ("ms_channel_name", "ms_channel_id"),
    "issues": ("issue_key", "project_key", "account"),
}
