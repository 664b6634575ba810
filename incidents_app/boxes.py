"""The boxes of forms: moments, words, and one for each field that an organisation declares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from incidents_app.actions import checking
from incidents_app.actions.values import place
from incidents_app.models import DeclaredField
from incidents_app.moments import moment_in

Kind = DeclaredField.Kind


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
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        if any(len(word) > checking.MAX_TAG for word in value):
            raise ValidationError(f"At most {checking.MAX_TAG} characters each.")
        if len(value) > checking.MAX_VALUES:
            raise ValidationError(f"At most {checking.MAX_VALUES}.")

    def run_validators(self, value: list[str]) -> None:
        for word in value:
            super().run_validators(word)


def list_of(fields: Mapping[str, Any], name: str) -> list[str]:
    """The texts in one of an incident's property fields."""
    value = (fields.get(name) or {}).get("value")
    return value if isinstance(value, list) else [value] if value else []


# --- declared fields --------------------------------------------------------------------------


class WithDeclared(forms.Form):
    """A form that has a box for each field its organisation has declared, by the name of the place among `fields`."""

    boxes: dict[str, DeclaredField]

    def add_boxes(self, declared: Iterable[DeclaredField], fields: Mapping[str, Any]) -> None:
        """Ask for these, showing what an incident's `fields` say."""
        self.boxes = {place(field.name): field for field in declared if not field.is_column}
        for name, field in self.boxes.items():
            self.fields[name] = box_of(field, list_of(fields, field.name))
            self.initial.setdefault(name, shown(field, fields))

    def fit_column(self, field: DeclaredField, value: str) -> None:
        """Ask for one of an incident's own texts as it is declared."""
        kind = self.fields[field.name]
        kind.label, kind.required = field.display_name, field.required
        if field.choices:
            said = "unknown" if field.name == "detection_method" else ""
            choices = {said: "–" if not said else "Unknown"} | field.choices
            self.fields[field.name] = forms.ChoiceField(
                label=field.display_name,
                required=field.required,
                choices=[*choices.items(), *[(one, one) for one in [value] if one not in choices and one]],
            )

    def said(self, names: Iterable[str]) -> dict[str, Any]:
        """Of these boxes what was said, as an incident's `fields`."""
        return {
            field.name: {"type": field.wire_kind, "value": kept(field, self.cleaned_data[name])}
            for name, field in self.boxes.items()
            if name in names
        }


def box_of(field: DeclaredField, there: list[str]) -> forms.Field:
    """What asks for a declared field. What an incident says already may stay, also where it can be chosen no more."""
    options: dict[str, Any] = {"label": field.display_name, "required": field.required}
    if field.choices:
        choices = [*field.choices.items(), *((one, one) for one in there if one not in field.choices)]
        if field.is_list:
            return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **options)
        return forms.ChoiceField(choices=[("", "–"), *choices], **options)
    if field.is_list:
        return WordsField(max_length=10_000, help_text="Separated by commas.", **options)
    if field.kind == Kind.NUMBER:
        return forms.DecimalField(**options)
    if field.kind == Kind.DATETIME:
        return MomentField(**options)
    return forms.CharField(max_length=checking.MAX_TEXT, widget=forms.Textarea(attrs={"rows": 2}), **options)


def shown(field: DeclaredField, fields: Mapping[str, Any]) -> Any:
    """What an incident says in a field, as its box shows it."""
    there = list_of(fields, field.name)
    if field.is_list:
        return there
    text = ", ".join(there)
    read = {Kind.DATETIME: moment_in, Kind.NUMBER: Decimal}.get(field.kind)
    try:
        return read(text) if read and text else text
    except (ValueError, InvalidOperation):  # written before the field was declared
        return text


def kept(field: DeclaredField, value: Any) -> Any:
    """What was typed into a box, as an incident keeps it."""
    if value in (None, "", []):
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        # Written out, 1e200000000 takes all memory: what is no number here goes on short, and the action refuses it.
        return format(value, "f") if checking.is_handy(value) else str(value)
    return value
