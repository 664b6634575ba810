"""What the pages of the settings of incidents accept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from accounts_app.choosing import PersonField, choosable
from accounts_app.notifications import TELLS_NOBODY, known_handles
from incidents_app.actions import checking
from incidents_app.boxes import WordsField
from incidents_app.forms import Wearing
from incidents_app.models import (
    ImpactField,
    IncidentType,
    NotificationRule,
    NotificationTemplate,
    Severity,
    UserDefinedField,
)
from incidents_app.queries.notifying import ASKED, unknown_variables, variables_of


class ConditionsField(forms.CharField):
    """Conditions as lines of `field: value, value`."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{one['field']}: {', '.join(one['values'])}" for one in value)
        return value

    def to_python(self, value: Any) -> list[dict[str, Any]]:
        found = []
        for line in (super().to_python(value) or "").splitlines():
            field, colon, values = line.partition(":")
            if not line.strip():
                continue
            words = [word.strip() for word in values.split(",") if word.strip()]
            if not colon or not field.strip() or not words:
                raise ValidationError("Write a condition a line, such as “severity: SEV-1, SEV-2”.")
            found.append({"field": field.strip(), "values": words})
        return found

    def validate(self, value: list[dict[str, Any]]) -> None:
        """The action says how many there may be."""

    def run_validators(self, value: Any) -> None:
        """The action says how long they may be."""


class ValuesField(forms.CharField):
    """What may be chosen, a value a line, with what it is called after `=` where that is another word.

    What stands `there` already keeps what no line tells of it, such as its description.
    """

    widget = forms.Textarea
    there: Sequence[Mapping[str, str]] = ()

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(_line(one) for one in value)

    def to_python(self, value: Any) -> list[dict[str, str]]:
        written = {_line(one): dict(one) for one in self.there}
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines()]
        return [written.get(line) or self._typed(line) for line in lines if line]

    def _typed(self, line: str) -> dict[str, str]:
        """What a line says that is new. A value that is there already may have a ` = ` in it."""
        known = [one for one in self.there if f"{line} = ".startswith(f"{one['value']} = ")]
        before = max(known, key=lambda one: len(one["value"]), default={})
        word = before.get("value") or line.partition(" = ")[0].strip()
        name = line[len(word) :].strip().removeprefix("=").strip()
        return {**before, "value": word, "display_name": name or word}

    def validate(self, value: list[dict[str, str]]) -> None:
        """The action says what they may be."""

    def run_validators(self, value: list[dict[str, str]]) -> None:
        """The action says how long they may be."""


def _line(one: Mapping[str, str]) -> str:
    """A value as one line, whatever it has in it."""
    word, name = (" ".join(one[part].split()) for part in ("value", "display_name"))
    return word if word == name and " = " not in word else f"{word} = {name}"


class SettingForm(Wearing):
    """What is decided about the incidents of a type."""

    type = forms.ModelChoiceField(IncidentType.objects.none(), label="Incidents of the type", to_field_name="uuid")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = IncidentType.objects.visible_to(actor)
        self.fields["type"].empty_label = None
        if "valid_values" in self.fields:
            self.fields["valid_values"].there = self.initial.get("valid_values", ())

    def faults(self, kind: IncidentType) -> list[str]:
        """What was kept and will not do what was meant."""
        return []


class TemplateForm(SettingForm):
    name = forms.CharField(label="Name", max_length=120)
    category = forms.CharField(label="Category", max_length=60, help_text="Such as alert or update.")
    subject = forms.CharField(label="Subject", max_length=checking.MAX_TITLE)
    content = forms.CharField(
        label="Message",
        max_length=checking.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="{{incident.title}}, .severity, .state, .public_id, .commander, .summary and .url stand for"
        " what the incident says then; so does the name of any other field.",
    )

    def faults(self, kind: IncidentType) -> list[str]:
        known = variables_of(kind)
        unknown = unknown_variables(f"{self.cleaned_data['subject']}\n{self.cleaned_data['content']}", known)
        if not unknown:
            return []
        names = ", ".join(f"{{{{incident.{name}}}}}" for name in known)
        are = "is no variable that is" if len(unknown) == 1 else "are no variables that are"
        return [f"{', '.join(unknown)} {are} known here: such words are mailed as they stand. Known are {names}."]


class RuleForm(SettingForm):
    trigger = forms.ChoiceField(label="When", choices=NotificationRule.Trigger.choices)
    visibility = forms.ChoiceField(label="Of which incidents", choices=NotificationRule.Visibility.choices)
    conditions = ConditionsField(
        label="If",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A condition a line, all of which must hold: “severity: SEV-1, SEV-2”. Without any, always.",
    )
    handles = WordsField(
        label="Tell",
        help_text="@ and the e-mail address of somebody here, or @ and the handle of a team, with commas between them.",
    )
    renotify_on = WordsField(
        label="Tell again when these change", required=False, help_text="Such as severity, status; with commas."
    )
    template = forms.ModelChoiceField(
        NotificationTemplate.objects.none(),
        label="In the words of",
        to_field_name="uuid",
        required=False,
        empty_label="One line, of who did what",
    )
    enabled = forms.BooleanField(label="The rule is on", required=False, initial=True)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["template"].queryset = NotificationTemplate.objects.visible_to(actor)

    def clean_conditions(self) -> list[dict[str, Any]]:
        """The conditions, none of which asks for what no incident can be, unless a program has kept it so."""
        conditions = self.cleaned_data["conditions"]
        if "conditions" in self.changed_data and (fault := _never_met(conditions)):
            raise ValidationError(fault)
        return conditions

    def faults(self, kind: IncidentType) -> list[str]:
        never = _never_met(self.cleaned_data["conditions"])
        return [f"This rule is never met. {never}"] * bool(never) + (
            [] if known_handles(self.cleaned_data["handles"]) else [TELLS_NOBODY]
        )


def _never_met(conditions: Iterable[dict[str, Any]]) -> str:
    """What no incident can be and a condition asks for, and what it could be; empty where all can be met."""
    for one in conditions:
        known = ASKED.get(one["field"])
        if wrong := [value for value in one["values"] if known and value not in known]:
            return f"There is no {one['field']} “{wrong[0]}”. It is one of {', '.join(known)}."
    return ""


class PostmortemForm(SettingForm):
    name = forms.CharField(label="Name", max_length=120)
    content = forms.CharField(
        label="Headings",
        max_length=checking.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Markdown. Below a heading such as # Overview, # What happened, # Customer impact, # Root cause, "
        "# Signals, # Timeline, # Action items, # Links stands what the incident knows of it.",
    )


def _or_none(choices: list[tuple[str, str]], none: str) -> list[tuple[str, str]]:
    return [("", none), *choices]


class FieldForm(SettingForm):
    name = forms.CharField(
        label="Name", max_length=60, help_text="Letters, digits, _ and . of the key that programs know it by."
    )
    display_name = forms.CharField(label="Is called", max_length=120, required=False)
    kind = forms.ChoiceField(label="What it says", choices=UserDefinedField.Kind.choices)
    valid_values = ValuesField(
        label="What may be chosen",
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="A value a line, with what it is called: “eu-west = Ireland”. Without any, all may be said.",
    )
    default_value = forms.CharField(label="Unless told otherwise it says", max_length=2000, required=False)
    required = forms.BooleanField(label="It has to be filled in", required=False)
    collected = forms.ChoiceField(
        label="It is asked for when an incident is",
        choices=_or_none(UserDefinedField.Collected.choices, "Never"),
        required=False,
    )
    category = forms.ChoiceField(
        label="It stands below",
        choices=_or_none(UserDefinedField.Category.choices, "Fields"),
        required=False,
    )
    ordinal = forms.DecimalField(
        label="Place", required=False, max_digits=15, decimal_places=6, help_text="A number: the lowest comes first."
    )
    tag_key = forms.CharField(
        label="Key of the tag", max_length=200, required=False, help_text="For values of a tag: whose they are."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["type", *FieldForm.base_fields])


class ImpactFieldForm(SettingForm):
    name = FieldForm.base_fields["name"]
    display_name = FieldForm.base_fields["display_name"]
    kind = forms.ChoiceField(
        label="What it says",
        choices=[one for one in ImpactField.Kind.choices if one[0] != ImpactField.Kind.AUTOCOMPLETE],
    )
    valid_values = FieldForm.base_fields["valid_values"]
    tag_key = FieldForm.base_fields["tag_key"]


class HandleForm(SettingForm):
    name = forms.CharField(label="Handle", max_length=100, help_text="@ and a word, such as @incident-sev-1.")
    severities = forms.MultipleChoiceField(
        label="For severities",
        choices=Severity.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="The worst of them is given to an incident whose severity is not known.",
    )
    commander = PersonField(label="Commander", required=False, empty_label="Nobody")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        there = [one for one in [self.initial.get("commander")] if one]
        self.fields["commander"].queryset = choosable(actor, there)
        self.order_fields(["name", "type", "severities", "commander"])


class GlobalForm(Wearing):
    analytics_dashboard_id = forms.CharField(
        label="Saved view for analytics",
        max_length=200,
        required=False,
        help_text="The UUID of a saved view of incidents, as in its address: the overview leads there.",
    )


class RoleForm(SettingForm):
    name = forms.CharField(label="Name", max_length=120)
    description = forms.CharField(
        label="What it is for", max_length=checking.MAX_SHORT, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    is_single = forms.BooleanField(label="Only one responder of an incident holds it at a time", required=False)
