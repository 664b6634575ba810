"""What the pages of the work on an incident accept: notes, to-dos, impacts, links, documents, cases, signals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts_app.access import Actor
from cases_app.models import Case
from incidents_app.actions import checking
from incidents_app.actions.values import declared_for_impacts
from incidents_app.actions.work import MAX_DOCUMENT
from incidents_app.boxes import MomentField, WithDeclared
from incidents_app.forms import Asking, people_field, text_field
from incidents_app.models import Attachment, Impact, Incident, Todo


class NoteForm(Asking):
    body = text_field(
        "Note", 4, required=True, help_text="Markdown. @name tells that person, if they see the incident."
    )
    at = MomentField(label="When it was", required=False, help_text="Empty for now.")


class TodoForm(Asking):
    content = text_field("What is to be done", 2, checking.MAX_SHORT, required=True)
    assignees = people_field("Who does it")
    due_at = MomentField(label="Due", required=False)


class ImpactForm(Asking, WithDeclared):
    description = text_field("What customers felt", 3, checking.MAX_SHORT, required=True)
    start_at = MomentField(label="From")
    end_at = MomentField(label="Until", required=False, help_text="Empty while it goes on.")

    def __init__(self, *args: Any, incident: Incident, impact: Impact | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_boxes(declared_for_impacts(incident.type).values(), impact.fields if impact else {})
        self.wear()

    @property
    def given(self) -> dict[str, Any]:
        """The values, by name, for the action; of the boxes those that were changed."""
        values = {name: value for name, value in super().given.items() if name not in self.boxes}
        typed = self.said([name for name in self.boxes if name in self.changed_data])
        return values | ({"fields": typed} if typed else {})

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("start_at") and data.get("end_at") and data["end_at"] < data["start_at"]:
            self.add_error("end_at", "The end must be after the beginning.")
        return data


class LinkForm(Asking):
    title = forms.CharField(max_length=checking.MAX_TITLE)
    url = forms.URLField(label="Address", max_length=checking.MAX_URL, assume_scheme="https")
    kind = forms.ChoiceField(choices=Attachment.Kind)

    def clean_url(self) -> str:
        url = self.cleaned_data["url"]
        if not url.startswith(("https://", "http://")):
            raise ValidationError("A link begins with https:// or http://.")
        return url


class DocumentForm(Asking):
    title = forms.CharField(max_length=checking.MAX_TITLE)
    content = text_field("Postmortem", 24, MAX_DOCUMENT, required=True, help_text="Markdown.")


class CaseForm(Asking):
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
