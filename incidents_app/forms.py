"""What the pages of incidents accept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from accounts_app.choosing import PeopleField, PersonField, choosable
from accounts_app.models import User
from incidents_app.actions import checking
from incidents_app.actions.values import declared_for
from incidents_app.boxes import MomentField, WithDeclared, WordsField, list_of, shown
from incidents_app.models import (
    Incident,
    IncidentHandle,
    IncidentType,
    Severity,
    State,
    UserDefinedRole,
)

BIG = 2**31 - 1


class Wearing(forms.Form):
    """Carries the version that the person saw, and wears Bootstrap's classes."""

    seen_version = forms.IntegerField(required=False, min_value=0, max_value=BIG, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.wear()

    def wear(self) -> None:
        """Once more for fields that were added."""
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", _class_of(field.widget))

    @property
    def given(self) -> dict[str, Any]:
        """The values, by name, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}


class Asking(Wearing):
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


def person_field(label: str, nobody: str, **kwargs: Any) -> PersonField:
    return PersonField(
        label=label,
        required=False,
        empty_label=nobody,
        error_messages={"invalid_choice": "There is no such person, or they can no longer log in."},
        **kwargs,
    )


def people_field(label: str, **kwargs: Any) -> PeopleField:
    return PeopleField(
        label=label,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "There is no such person, or they can no longer log in."},
        **kwargs,
    )


def text_field(label: str, rows: int, most: int = checking.MAX_TEXT, **kwargs: Any) -> forms.CharField:
    kwargs.setdefault("required", False)
    return forms.CharField(label=label, max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


SEVERITIES = [(one.value, f"{one.label} – {one.meaning}") for one in Severity]
STATES = [(one.value, f"{one.label} – {one.meaning}") for one in State]
METHODS = [(method, method.capitalize()) for method in checking.DETECTION_METHODS]


class StateForm(Asking):
    state = forms.ChoiceField(choices=STATES, widget=forms.RadioSelect)


class SeverityForm(Asking):
    severity = forms.ChoiceField(
        choices=SEVERITIES, widget=forms.RadioSelect, help_text="When in doubt, choose the higher severity."
    )


class CommanderForm(Asking):
    commander = person_field("Commander", "Nobody")


class RespondersForm(Asking):
    responders = people_field("Responders")


class RolesForm(Asking):
    """Who of the responders holds which role: a box for each role of the incident's type."""

    def __init__(
        self, *args: Any, roles: Sequence[tuple[UserDefinedRole, list[User]]], responders: Sequence[User], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {f"role.{role.uuid}": role for role, _ in roles}
        people = User.objects.filter(pk__in=[user.pk for user in responders]).order_by("name", "email")
        for role, holders in roles:
            name = f"role.{role.uuid}"
            if role.is_single and len(holders) < 2:
                self.fields[name] = person_field(role.name, "Nobody", help_text=role.description)
                self.initial[name] = holders[0].uuid if holders else None
            else:
                self.fields[name] = people_field(role.name, help_text=role.description)
                self.initial[name] = [user.uuid for user in holders]
            self.fields[name].queryset = people
        self.wear()

    @property
    def holders(self) -> dict[UserDefinedRole, list[User]]:
        """Who is to hold each role."""
        chosen = {role: self.cleaned_data[name] for name, role in self.roles.items()}
        return {role: [one] if isinstance(one, User) else list(one or ()) for role, one in chosen.items()}


class SeenForm(Asking):
    """Nothing but the version that was seen."""


class DeleteForm(Asking):
    confirm = forms.BooleanField(label="Yes, delete it")


class DeclareForm(Asking, WithDeclared):
    """What is asked when somebody declares an incident; `token` makes two presses of the button one.

    Of the fields that are declared for its type, those that have to be filled in, or are asked for from the beginning.
    """

    title = forms.CharField(max_length=checking.MAX_TITLE)
    severity = forms.ChoiceField(
        choices=SEVERITIES, widget=forms.RadioSelect, help_text="When in doubt, choose the higher severity."
    )
    commander = person_field("Commander", "Nobody yet")
    is_private = forms.BooleanField(
        label="Private", required=False, help_text="Only those in it and administrators see that it exists."
    )
    responders = people_field("Responders")
    customer_impacted = forms.BooleanField(label="Customers are affected", required=False)
    customer_impact_scope = text_field("Customer impact", 2, help_text="Who feels it, and what they feel.")
    summary = text_field("What happened", 3)
    is_test = forms.BooleanField(label="Rehearsal", required=False)
    type = forms.ModelChoiceField(
        IncidentType.objects.none(), to_field_name="uuid", required=False, empty_label="The usual type"
    )
    handle = forms.ModelChoiceField(
        IncidentHandle.objects.none(),
        label="Incident handle",
        to_field_name="uuid",
        required=False,
        empty_label="None",
        help_text="Gives it severity, type and commander where nothing else is chosen.",
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        kinds = IncidentType.objects.visible_to(actor).filter(is_default=False)
        self.fields["type"].queryset = kinds
        if not kinds.exists():
            del self.fields["type"]  # where there is one kind, there is nothing to choose
        self.fields["handle"].queryset = IncidentHandle.objects.visible_to(actor)
        if not self.fields["handle"].queryset.exists():
            del self.fields["handle"]
        self.fields["severity"].required = "handle" not in self.fields  # a handle may give it
        if "handle" in self.fields:
            self.fields["severity"].help_text += " It may be left open where an incident handle gives it."
        self._ask_declared(actor)
        self.wear()

    def _ask_declared(self, actor: Actor) -> None:
        declared = declared_for(self._kind(actor)).values()
        asked = [one for one in declared if one.required or one.collected == one.Collected.ACTIVE]
        self.add_boxes(asked, {})
        for name, field in self.boxes.items():
            self.initial[name] = shown(field, {field.name: {"value": field.default_value}})
        for field in asked:
            if field.is_column and field.name in self.fields:
                self.fit_column(field, "")
                self.initial.setdefault(field.name, field.default_value)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        handle = data.get("handle")
        if not (data.get("severity") or (handle and handle.severities) or "severity" in self.errors):
            self.add_error("severity", "Choose a severity, or a handle that has one.")
        return data

    def _kind(self, actor: Actor) -> IncidentType:
        """Of which type it is going to be, as far as that is known yet."""
        kinds = IncidentType.objects.visible_to(actor)
        try:
            chosen = self.fields["type"].clean(self["type"].value()) if "type" in self.fields else None
            handle = self.fields["handle"].clean(self["handle"].value()) if "handle" in self.fields else None
        except ValidationError:  # said once the form is asked whether it is valid
            chosen = handle = None
        return chosen or (handle.type if handle else kinds.get(is_default=True))

    @property
    def given(self) -> dict[str, Any]:
        """The values, by name, for the action."""
        values = {name: value for name, value in super().given.items() if name not in self.boxes}
        if handle := values.pop("handle", None):
            values["handles"] = [handle.name]
        if not values["severity"]:
            del values["severity"]
        said = {name: one for name, one in self.said(self.boxes).items() if one["value"] is not None}
        return values | ({"fields": said} if said else {})


class EditForm(Asking, WithDeclared):
    """What is written down about an incident, and a box for each field that is declared for its type."""

    title = forms.CharField(max_length=checking.MAX_TITLE)
    summary = text_field("What happened", 5, help_text="Markdown.")
    customer_impacted = forms.BooleanField(label="Customers are affected", required=False)
    customer_impact_scope = text_field("Customer impact", 3, help_text="Who feels it, and what they feel.")
    root_cause = text_field("Root cause", 5, help_text="Markdown.")
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
        self._ask_declared(incident)
        self.wear()

    def _ask_declared(self, incident: Incident) -> None:
        declared = declared_for(incident.type)
        for name, field in declared.items():
            if field.is_column:
                self.fit_column(field, getattr(incident, name))
            elif name in ("services", "teams"):
                del self.fields[name]  # it is declared like any other field
        self.add_boxes(declared.values(), incident.fields)
        after = {"what_happened": "summary", "why_it_happened": "root_cause", "": "detection_method"}
        order: list[str] = [name for name in self.fields if name not in self.boxes]
        for name, field in reversed(self.boxes.items()):
            order.insert(order.index(after[field.category]) + 1, name)
        self.order_fields(order)

    @property
    def given(self) -> dict[str, Any]:
        """What the person changed, for the action."""
        changes = {name: self.cleaned_data[name] for name in self.changed_data if name != "seen_version"}
        lists = {name: changes.pop(name) for name in ("services", "teams") if name in changes}
        if lists:
            changes["fields"] = {name: {"type": "multiselect", "value": value} for name, value in lists.items()}
        typed = [name for name in self.boxes if name in changes]
        if typed:
            changes["fields"] = changes.get("fields", {}) | self.said(typed)
        return {name: value for name, value in changes.items() if name not in self.boxes}


def initial_of(incident: Incident) -> dict[str, Any]:
    """An incident as the form shows it."""
    columns = [name for name in EditForm.base_fields if hasattr(incident, name) and name != "tags"]
    return {
        **{name: getattr(incident, name) for name in columns},
        **{name: list_of(incident.fields, name) for name in ("services", "teams")},
        "tags": [tag.text for tag in incident.tags.all()],
        "seen_version": incident.version,
    }
