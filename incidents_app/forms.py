"""What the pages of incidents accept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from accounts_app.choosing import PeopleField, PersonField, choosable
from accounts_app.models import User
from cases_app.models import Case
from incidents_app.actions import checking
from incidents_app.models import Attachment, Impact, Incident, IncidentType, Severity, State, Todo

BIG = 2**31 - 1


class MomentField(forms.DateTimeField):
    """A moment in the person's time zone, to the second."""

    def __init__(self, **kwargs: Any) -> None:
        shape = "%Y-%m-%dT%H:%M:%S"
        widget = forms.DateTimeInput(format=shape, attrs={"type": "datetime-local", "step": "1"})
        shapes = [shape, "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(widget=widget, input_formats=shapes, **kwargs)

    def clean(self, value: Any) -> datetime | None:
        try:
            return super().clean(value)
        except OverflowError as problem:  # year 1, or 9999, in a time zone on the other side
            raise ValidationError("There is no such moment.") from problem


class WordsField(forms.CharField):
    """Several words, with commas between them."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[str]:
        words = (super().to_python(value) or "").split(",")
        return list(dict.fromkeys(word.strip() for word in words if word.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)

    def validate(self, value: list[str]) -> None:
        if any(len(word) > checking.MAX_TAG for word in value):
            raise ValidationError(f"At most {checking.MAX_TAG} characters each.")
        if len(value) > checking.MAX_VALUES:
            raise ValidationError(f"At most {checking.MAX_VALUES}.")

    def run_validators(self, value: list[str]) -> None:
        for word in value:
            super().run_validators(word)


class Wearing(forms.Form):
    """Carries the version that the person saw, and wears Bootstrap's classes."""

    seen_version = forms.IntegerField(required=False, min_value=0, max_value=BIG, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _class_of(field.widget))

    @property
    def given(self) -> dict[str, Any]:
        """The values, by name, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}


class _Form(Wearing):
    """May ask for people."""

    def __init__(self, *args: Any, actor: Actor | None = None, there: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            if name in PEOPLE and actor is not None:
                field.queryset = choosable(actor, there)


PEOPLE = frozenset({"commander", "responders", "assignees"})


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


def _one_person(label: str, nobody: str, **kwargs: Any) -> PersonField:
    return PersonField(
        label=label,
        required=False,
        empty_label=nobody,
        error_messages={"invalid_choice": "There is no such person, or they can no longer log in."},
        **kwargs,
    )


def _people(label: str, **kwargs: Any) -> PeopleField:
    return PeopleField(
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "There is no such person, or they can no longer log in."},
        **kwargs,
    )


def _text(label: str, rows: int, most: int = checking.MAX_TEXT, **kwargs: Any) -> forms.CharField:
    kwargs.setdefault("required", False)
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


SEVERITIES = [(one.value, f"{one.label} – {one.meaning}") for one in Severity]
STATES = [(one.value, f"{one.label} – {one.meaning}") for one in State]
METHODS = [(method, method.capitalize()) for method in checking.DETECTION_METHODS]


class StateForm(_Form):
    state = forms.ChoiceField(choices=STATES, widget=forms.RadioSelect)


class SeverityForm(_Form):
    severity = forms.ChoiceField(
        choices=SEVERITIES, widget=forms.RadioSelect, help_text="When in doubt, choose the higher severity."
    )


class CommanderForm(_Form):
    commander = _one_person("Commander", "Nobody")


class RespondersForm(_Form):
    responders = _people("Responders")


class SeenForm(_Form):
    """Nothing but the version that was seen."""


class DeleteForm(_Form):
    confirm = forms.BooleanField(label="Yes, delete it")


class DeclareForm(_Form):
    """What is asked when somebody declares an incident; `token` makes two presses of the button one."""

    title = forms.CharField(max_length=checking.MAX_TITLE)
    severity = forms.ChoiceField(
        choices=SEVERITIES, widget=forms.RadioSelect, help_text="When in doubt, choose the higher severity."
    )
    commander = _one_person("Commander", "Nobody yet")
    is_private = forms.BooleanField(
        label="Private", required=False, help_text="Only those in it and administrators see that it exists."
    )
    responders = _people("Responders")
    customer_impacted = forms.BooleanField(label="Customers are affected", required=False)
    customer_impact_scope = _text("Customer impact", 2, help_text="Who feels it, and what they feel.")
    summary = _text("What happened", 3)
    is_test = forms.BooleanField(label="Rehearsal", required=False)
    type = forms.ModelChoiceField(
        IncidentType.objects.none(), to_field_name="uuid", required=False, empty_label="The usual type"
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        kinds = IncidentType.objects.visible_to(actor).filter(is_default=False)
        self.fields["type"].queryset = kinds
        if not kinds.exists():
            del self.fields["type"]  # where there is one kind, there is nothing to choose


class EditForm(_Form):
    """What is written down about an incident."""

    title = forms.CharField(max_length=checking.MAX_TITLE)
    summary = _text("What happened", 5, help_text="Markdown.")
    customer_impacted = forms.BooleanField(label="Customers are affected", required=False)
    customer_impact_scope = _text("Customer impact", 3, help_text="Who feels it, and what they feel.")
    root_cause = _text("Root cause", 5, help_text="Markdown.")
    type = forms.ModelChoiceField(IncidentType.objects.none(), to_field_name="uuid", empty_label=None)
    detection_method = forms.ChoiceField(choices=METHODS)
    services = WordsField(max_length=10_000, required=False, help_text="Separated by commas.")
    teams = WordsField(max_length=10_000, required=False, help_text="Separated by commas.")
    tags = WordsField(max_length=10_000, required=False, help_text="Separated by commas.")
    detected_at = MomentField(label="Detected")
    stable_at = MomentField(label="Stable", required=False)
    resolved_at = MomentField(label="Resolved", required=False)
    is_private = forms.BooleanField(
        label="Private", required=False, help_text="Only those in it and administrators see that it exists."
    )
    is_test = forms.BooleanField(label="Rehearsal", required=False)

    def __init__(self, *args: Any, actor: Actor, incident: Incident, **kwargs: Any) -> None:
        kwargs["initial"] = {**initial_of(incident), **kwargs.pop("initial", {})}
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["type"].queryset = IncidentType.objects.visible_to(actor)
        if len(self.fields["type"].queryset) < 2:
            del self.fields["type"]
        known = dict(METHODS)
        if incident.detection_method not in known:  # a name of the organisation's own
            own = (incident.detection_method, incident.detection_method or "–")
            self.fields["detection_method"].choices = [own, *METHODS]
            self.fields["detection_method"].required = bool(incident.detection_method)
        if incident.state == State.ACTIVE:
            del self.fields["stable_at"]
        if incident.state != State.RESOLVED:
            del self.fields["resolved_at"]

    @property
    def given(self) -> dict[str, Any]:
        """What the person changed, for the action."""
        changes = {name: self.cleaned_data[name] for name in self.changed_data if name != "seen_version"}
        lists = {name: changes.pop(name) for name in ("services", "teams") if name in changes}
        if lists:
            changes["fields"] = {name: {"type": "multiselect", "value": value} for name, value in lists.items()}
        return changes


def initial_of(incident: Incident) -> dict[str, Any]:
    """An incident as the form shows it."""
    columns = [name for name in EditForm.base_fields if hasattr(incident, name) and name != "tags"]
    return {
        **{name: getattr(incident, name) for name in columns},
        **{name: list_of(incident.fields, name) for name in ("services", "teams")},
        "tags": [tag.text for tag in incident.tags.all()],
        "seen_version": incident.version,
    }


def list_of(fields: dict[str, Any], name: str) -> list[str]:
    """The texts in one of an incident's property fields."""
    value = (fields.get(name) or {}).get("value")
    return value if isinstance(value, list) else [value] if value else []


class NoteForm(_Form):
    body = _text("Note", 4, required=True, help_text="Markdown. @name tells that person, if they see the incident.")
    at = MomentField(label="When it was", required=False, help_text="Empty for now.")


class TodoForm(_Form):
    content = _text("What is to be done", 2, checking.MAX_SHORT, required=True)
    assignees = _people("Who does it")
    due_at = MomentField(label="Due", required=False)


class ImpactForm(_Form):
    description = _text("What customers felt", 3, checking.MAX_SHORT, required=True)
    start_at = MomentField(label="From")
    end_at = MomentField(label="Until", required=False, help_text="Empty while it goes on.")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("start_at") and data.get("end_at") and data["end_at"] < data["start_at"]:
            self.add_error("end_at", "The end must be after the beginning.")
        return data


class LinkForm(_Form):
    title = forms.CharField(max_length=checking.MAX_TITLE)
    url = forms.URLField(label="Address", max_length=checking.MAX_URL, assume_scheme="https")
    kind = forms.ChoiceField(choices=Attachment.Kind)

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if not url.startswith(("https://", "http://")):
            raise ValidationError("A link begins with https:// or http://.")
        return url


class CaseForm(_Form):
    """Which case belongs to the incident."""

    case = forms.ModelChoiceField(
        Case.objects.none(),
        to_field_name="uuid",
        error_messages={
            "required": "Choose a case first.",
            "invalid_choice": "There is no such case, or it is not yours to see.",
        },
    )

    def __init__(self, *args: Any, actor: Actor) -> None:
        super().__init__(*args, actor=actor)
        self.fields["case"].queryset = Case.objects.visible_to(actor).select_related("project")


class ChosenForm(forms.Form):
    """Which incident signals are to be added to, and whether its timeline shows them."""

    incident = forms.IntegerField(
        min_value=1, max_value=2**63 - 1, error_messages={"required": "Choose an incident first."}
    )
    on_timeline = forms.BooleanField(required=False)


class FindForm(forms.Form):
    """Words to find an incident by, or a case."""

    q = forms.CharField(max_length=200, required=False)
    find = forms.CharField(max_length=200, required=False)


class RowsForm(forms.Form):
    """Which of an incident's signals."""

    signals = forms.TypedMultipleChoiceField(coerce=int)

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # Any number: the action refuses what is not there.
        self.fields["signals"].valid_value = lambda value: value.isascii() and value.isdigit() and len(value) < 19


def shown_in(row: Todo | Impact | Attachment, names: Sequence[str]) -> dict[str, Any]:
    """A row as its form shows it."""
    found = {name: getattr(row, name) for name in names if name != "assignees"}
    if "assignees" in names:
        found["assignees"] = [user.uuid for user in row.assignees.all()]
    return found | {"seen_version": row.version}
