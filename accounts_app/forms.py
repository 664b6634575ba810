"""What people type about themselves and their keys: only the fields named here can be sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from allauth.account.adapter import get_adapter
from django import forms
from django.http import HttpRequest
from django.utils import timezone

from accounts_app import actions
from accounts_app.access import Actor
from accounts_app.models import Team, TeamLink, User
from accounts_app.permissions import LABELS

LIFETIMES = {"": "Until it is revoked", "30": "30 days", "90": "90 days", "365": "One year"}


def expiry(lifetime: str) -> datetime | None:
    """When a key ends that lives for one of LIFETIMES from now on; None for never."""
    return timezone.now() + timedelta(days=int(lifetime)) if lifetime else None


class AskForPasswordForm(forms.Form):
    """Asks for a mail that sets a new password. allauth's view calls `save`."""

    email = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def save(self, request: HttpRequest, **kwargs: Any) -> None:
        actions.ask_for_password(
            email=self.cleaned_data["email"],
            ip=get_adapter().get_client_ip(request),
            origin=request.build_absolute_uri("/").rstrip("/"),
        )


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name", "job_title", "time_zone", "theme"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "job_title": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }


class KeyForm(forms.Form):
    """A new API key."""

    name = forms.CharField(max_length=120, help_text="Where it will be used, so that you know it again.")
    lifetime = forms.ChoiceField(label="Valid", choices=list(LIFETIMES.items()), required=False)
    token = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)  # sent twice, it makes one key

    def expires_at(self) -> datetime | None:
        return expiry(self.cleaned_data["lifetime"])


class ScopedKeyForm(KeyForm):
    """A new key narrowed to some of what its owner may do."""

    scopes = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text="Without a scope the key may do whatever you may do.",
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(name, label) for name, label in LABELS.items() if actor.can(name)]


class ApplicationKeyForm(ScopedKeyForm):
    """A new application key."""


class AccessTokenForm(ScopedKeyForm):
    """A new token, which has scopes and an end."""

    lifetime = forms.ChoiceField(label="Valid", choices=[(days, words) for days, words in LIFETIMES.items() if days])

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["scopes"].required = True
        self.fields["scopes"].help_text = "What the token may do."


class TeamLinkForm(forms.ModelForm):
    """Something that a team wants to be found."""

    url = forms.URLField(label="Address", max_length=500, assume_scheme="https")

    class Meta:
        model = TeamLink
        fields = ["label", "url"]


class TeamMemberForm(forms.Form):
    """Somebody to let into a team."""

    person = forms.ModelChoiceField(User.objects.none(), label="Person", empty_label="Choose…")

    def __init__(self, *args: Any, actor: Actor, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.visible_to(actor).filter(is_active=True)
        self.fields["person"].queryset = people.exclude(teams=team)
