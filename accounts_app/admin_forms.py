"""The forms of the admin panel: what they name can be changed, and nothing else.

`actor`, whoever fills the form in, is put on the class by `PanelAdmin.get_form`.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple, RelatedFieldWidgetWrapper

from accounts_app.access import NOBODY, Actor
from accounts_app.forms import LIFETIMES, expiry
from accounts_app.models import ApiKey, ApplicationKey, Role, Team, TeamLink, User
from accounts_app.permissions import LABELS


class UserPanelForm(forms.ModelForm):
    roles = forms.ModelMultipleChoiceField(
        Role.objects.select_related("group"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["email", "name", "job_title", "time_zone", "is_active", "is_staff", "is_service_account"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(Role.objects.filter(group__user=self.instance))

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class RolePanelForm(forms.ModelForm):
    name = forms.CharField(max_length=150)
    permissions = forms.MultipleChoiceField(
        choices=list(LABELS.items()), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Role
        fields = ["description"]

    field_order = ["name", "description", "permissions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial |= {"name": self.instance.group.name, "permissions": self.instance.permission_names}


class TeamPanelForm(forms.ModelForm):
    actor: Actor = NOBODY
    members = forms.ModelMultipleChoiceField(
        User.objects.none(),
        required=False,
        # Wrapped as the admin wraps it for fields of the model: its styles count on that.
        widget=RelatedFieldWidgetWrapper(
            FilteredSelectMultiple("people", is_stacked=False),
            Team.members.rel,
            admin.site,
            can_add_related=False,
            can_change_related=False,
            can_delete_related=False,
            can_view_related=False,
        ),
    )

    class Meta:
        model = Team
        fields = ["name", "handle", "description", "avatar", "edited_by", "members_changed_by"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = self.fields["members"]
        members.queryset = User.objects.visible_to(self.actor)
        # Who cannot see people cannot say who stays in: the field shows nothing and changes nothing.
        members.disabled = not self.actor.can("user_access_read")
        if self.instance.pk:
            self.initial["members"] = list(members.queryset.filter(teams=self.instance))


class TeamLinkPanelForm(forms.ModelForm):
    url = forms.URLField(label="Address", max_length=500, assume_scheme="https")

    class Meta:
        model = TeamLink
        fields = ["team", "label", "url", "position"]


class ApiKeyPanelForm(forms.ModelForm):
    lifetime = forms.ChoiceField(label="Valid", choices=list(LIFETIMES.items()), required=False)
    token = forms.UUIDField(required=False, initial=uuid4, widget=forms.HiddenInput)

    class Meta:
        model = ApiKey
        fields = ["name"]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        return data | {"expires_at": expiry(data.pop("lifetime", ""))}


class ApplicationKeyPanelForm(ApiKeyPanelForm):
    actor: Actor = NOBODY
    program = forms.ModelChoiceField(
        User.objects.none(), required=False, label="For", empty_label="Myself", help_text="Or a service account."
    )
    scopes = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Without a scope the key may do whatever you may do.",
    )

    class Meta:
        model = ApplicationKey
        fields = ["name"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.actor.can("service_account_write"):
            self.fields["program"].queryset = User.objects.visible_to(self.actor).filter(is_service_account=True)
        self.fields["scopes"].choices = [(name, label) for name, label in LABELS.items() if self.actor.can(name)]
