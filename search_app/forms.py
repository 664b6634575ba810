"""What people fill in on this floor."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms

from accounts_app.access import Actor
from accounts_app.models import Team
from search_app.models import SavedView
from search_app.models.saved_views import MAX_NAME, one_line


class ViewForm(forms.Form):
    """A view's name and the teams that it is shared with.

    `token` tells a form that is sent twice from two forms, `seen_version` is that of the view that was looked at.
    """

    name = forms.CharField(max_length=MAX_NAME, validators=[one_line])
    teams = forms.ModelMultipleChoiceField(
        Team.objects.none(),
        required=False,
        to_field_name="uuid",
        label="Share with teams",
        widget=forms.CheckboxSelectMultiple,
    )
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, actor: Actor, view: SavedView | None = None, name: str = "") -> None:
        """For a new view, or for one that there is; `name` is a suggestion."""
        super().__init__(data, initial=self._of(view) if view else {"name": name, "token": uuid4()})
        self.fields["teams"].queryset = Team.objects.visible_to(actor)
        # Who cannot see teams cannot say which ones stay: the field is not shown and changes nothing.
        self.fields["teams"].disabled = not actor.can("teams_read")

    @staticmethod
    def _of(view: SavedView) -> dict[str, Any]:
        return {"name": view.name, "teams": list(view.teams.all()), "seen_version": view.version}

    @property
    def shared_with(self) -> Any:
        """The teams that were chosen; None leaves them as they are."""
        return None if self.fields["teams"].disabled else self.cleaned_data["teams"]

    @property
    def chosen(self) -> set[str]:
        """The UUIDs of the teams that are ticked, for drawing."""
        return {str(team.uuid if isinstance(team, Team) else team) for team in self["teams"].value() or ()}


class SeenForm(forms.Form):
    """The version that somebody looked at when they pressed a button."""

    seen_version = forms.IntegerField(required=False, min_value=0)


class SwitchForm(forms.Form):
    """A mark that is set or taken away."""

    on = forms.BooleanField(required=False)
