"""What the page of maintenance windows accepts."""

from __future__ import annotations

from typing import Any

from django import forms

from cases_app.forms import SeenForm


class LocalMoment(forms.DateTimeInput):
    """The browser's own picker of a day and a time, in the person's time zone."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class WindowForm(SeenForm):
    """When nobody is told of what happens to some cases."""

    name = forms.CharField(max_length=200)
    query = forms.CharField(
        label="Cases that meet",
        max_length=4000,
        help_text="In the language of the explorer, such as project:SEC; key:* is all of them.",
    )
    start_at = forms.DateTimeField(label="From", widget=LocalMoment())
    end_at = forms.DateTimeField(label="Until", widget=LocalMoment())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "query", "start_at", "end_at"):
            self.fields[name].widget.attrs["class"] = "form-control"

    @property
    def values(self) -> dict[str, Any]:
        """What was written, for the action."""
        return {name: value for name, value in self.cleaned_data.items() if name != "seen_version"}
