"""What the pages of signals accept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from accounts_app.choosing import PeopleField, choosable
from accounts_app.models import Team, User
from core_app.errors import Invalid
from signals_app.actions import MAX_ASSIGNEES, MAX_COMMENT
from signals_app.actions.catalogue import MOST_WINDOW
from signals_app.models import DetectionRule, Service, Source, Suppression, TriageState
from signals_app.models.intake import check_hosts
from signals_app.models.signals import ArchiveReason
from signals_app.suppressing import check_queries


class StateForm(forms.Form):
    """Where a signal is to go, and the version that the person saw."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    state = forms.ChoiceField(choices=TriageState)
    reason = forms.ChoiceField(choices=[("", "Choose a reason…"), *ArchiveReason.choices], required=False)
    comment = forms.CharField(
        required=False, max_length=MAX_COMMENT, widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Optional"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("state") == TriageState.ARCHIVED and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", "Say why it is archived.")
        return data


class AssignForm(forms.Form):
    """Who is to look after a signal, in this order; nobody removes all assignments."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    assignees = PeopleField(
        required=False,
        error_messages={"invalid_choice": "There is no such person to assign, or they can no longer log in."},
    )

    def __init__(self, *args: Any, actor: Actor, there: Iterable[User] = ()) -> None:
        super().__init__(*args)
        self.fields["assignees"].queryset = choosable(actor, there)

    def clean_assignees(self) -> list[User]:
        """In the order in which they were sent: the first is what the API calls the assignee."""
        order = list(dict.fromkeys(self.data.getlist("assignees")))
        if len(order) > MAX_ASSIGNEES:
            raise ValidationError(f"A signal may have at most {MAX_ASSIGNEES} assignees.")
        return sorted(self.cleaned_data["assignees"], key=lambda user: order.index(str(user.uuid)))


class TeamForm(forms.Form):
    """Which team a signal is routed to; none when empty."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    team = forms.ModelChoiceField(Team.objects.none(), to_field_name="uuid", required=False, empty_label="No team")

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args)
        self.fields["team"].queryset = Team.objects.visible_to(actor)


class EditForm(forms.ModelForm):
    """Edits a thing that people share: it carries the version that the person saw."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version
        if "team" in self.fields:
            self.fields["team"].queryset = Team.objects.visible_to(actor)
        for field in self.fields.values():
            field.widget.attrs["class"] = bootstrap_class(field.widget)

    @property
    def changes(self) -> dict[str, Any]:
        """The new values, by field, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}


class ServiceForm(EditForm):
    repository = forms.URLField(label="Code repository", required=False, assume_scheme="https")
    documentation = forms.URLField(required=False, assume_scheme="https")

    class Meta:
        model = Service
        fields = ["description", "repository", "documentation", "team", "on_call"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}


class RuleForm(EditForm):
    window = forms.IntegerField(
        label="Correlation window (minutes)",
        min_value=1,
        max_value=MOST_WINDOW // timedelta(minutes=1),
        help_text="After this much quiet, what arrives begins a new signal.",
    )
    tags = forms.CharField(required=False, help_text="Separated by commas.", max_length=1000)

    class Meta:
        model = DetectionRule
        fields = [
            "name",
            "severity",
            "tactic",
            "technique",
            "tags",
            "window",
            "title_template",
            "meaning",
            "next_steps",
            "is_enabled",
        ]
        widgets = {
            "meaning": forms.Textarea(attrs={"rows": 5}),
            "next_steps": forms.Textarea(attrs={"rows": 8}),
        }
        help_texts = {"meaning": "Markdown.", "next_steps": "Markdown.", "title_template": "Empty keeps the sensor's."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["tags"] = ", ".join(self.instance.tags)
        self.initial["window"] = int(self.instance.window.total_seconds() // 60)

    def clean_window(self) -> timedelta:
        return timedelta(minutes=self.cleaned_data["window"])

    def clean_tags(self) -> list[str]:
        return list(dict.fromkeys(tag for part in self.cleaned_data["tags"].split(",") if (tag := part.strip())))


class LocalMoment(forms.DateTimeInput):
    """The browser's own picker of a day and a time, in the person's time zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class SuppressionForm(EditForm):
    """What shall make no signal, and for how long."""

    class Meta:
        model = Suppression
        fields = [
            "name",
            "description",
            "rule_query",
            "query",
            "exclusion_query",
            "starts_at",
            "expires_at",
            "is_enabled",
        ]
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "starts_at": LocalMoment(),
            "expires_at": LocalMoment(),
        }
        help_texts = {
            "rule_query": "Which rules: name, id, type, severity, tactic, technique and tags. Empty for all.",
            "query": "Which of their detections, in the language of the explorer: env:staging or "
            "@network.client.ip:192.0.2.7. Empty for all.",
            "exclusion_query": "The same; a detection that meets either query is suppressed.",
            "starts_at": "Empty: since ever.",
            "expires_at": "Empty: until it is switched off.",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        try:
            check_queries(**{name: data.get(name) or "" for name in ("rule_query", "query", "exclusion_query")})
        except Invalid as problem:
            self.add_error(problem.data["field"], problem.message)
        return data


class SourceForm(EditForm):
    """How what a sensor sends is to be read. Hosts are typed one a line, `shop.example.com = web-store`."""

    hosts = forms.CharField(
        label="Service of each host",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line: shop.example.com = web-store. What the edge's access log names is learned by itself.",
    )

    class Meta:
        model = Source
        fields = ["env", "time_zone", "default_service", "hosts", "is_enabled"]
        help_texts = {"time_zone": "Of the sensor's log, which writes local time: UTC, Europe/Berlin …"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["hosts"] = "\n".join(f"{host} = {service}" for host, service in self.instance.hosts.items())

    def clean_hosts(self) -> dict[str, str]:
        pairs = (line.partition("=") for line in self.cleaned_data["hosts"].splitlines() if line.strip())
        hosts = {host.strip().lower(): service.strip() for host, _, service in pairs}
        check_hosts(hosts)
        return hosts


class NewSourceForm(forms.ModelForm):
    """A sensor that is to be let in."""

    class Meta:
        model = Source
        fields = ["name", "format", "env", "time_zone"]
        help_texts = {"name": "Part of the address that it sends to.", "time_zone": "UTC, Europe/Berlin …"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["format"].choices = [("", "Choose a format…"), *Source._meta.get_field("format").choices]


class RetryForm(forms.Form):
    """Unreadable items that are to be read again."""

    items = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # Any number: the action refuses what is not there.
        self.fields["items"].valid_value = lambda value: value.isascii() and value.isdigit() and len(value) < 19


def bootstrap_class(widget: forms.Widget) -> str:
    """The class that Bootstrap wants on such a control."""
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"
