"""What every page of the admin panel stands on: our permissions, our actions, our ledger.

Django's admin would write rows by itself, ask its own permissions and keep its own log. Here saving and deleting
call actions, `request.actor` is asked, and the ledger is the only log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core_app.models import Versioned


@dataclass(frozen=True)
class Permits:
    """The permission that each deed takes; with an empty one nobody may do it here."""

    see: str
    add: str = ""
    change: str = ""
    delete: str = ""


def readable(model: type[models.Model], request: HttpRequest) -> models.QuerySet[Any]:
    """What the actor may see of a model. The core's own models have no `visible_to`: their permit guards them whole."""
    manager = model._default_manager
    return manager.visible_to(request.actor) if hasattr(manager, "visible_to") else manager.all()


class _Guarded:
    """Asks `request.actor` instead of Django's permissions per model."""

    permits: ClassVar[Permits]

    def _may(self, request: HttpRequest, permission: str) -> bool:
        return bool(permission) and request.actor.can(permission)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.permits.see)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.permits.see)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.permits.add)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.permits.change)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, self.permits.delete)


class SeenVersionForm(forms.ModelForm):
    """Carries the version that the person looked at, for rows that count theirs."""

    seen_version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen_version"].initial = self.instance.version


class PanelAdmin(_Guarded, admin.ModelAdmin):
    """Base of every ModelAdmin. What may be changed says how in `create`, `update` and `remove`, by calling actions."""

    list_per_page = 50
    show_full_result_count = False
    actions_on_bottom = False

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> models.Model:
        """Make a row of the form's values by an action, and return it."""
        raise PermissionDenied

    def update(self, request: HttpRequest, row: Any, changes: Mapping[str, Any], seen_version: int | None) -> None:
        """Give a row the values that the form changed, by an action."""
        raise PermissionDenied

    def remove(self, request: HttpRequest, row: Any) -> None:
        """Take a row away by an action."""
        raise PermissionDenied

    def secret_page(self, request: HttpRequest, *, title: str, secret: str) -> HttpResponse:
        """The one answer that has a new secret in it: not by way of a message, which would travel in a cookie."""
        context = {**self.admin_site.each_context(request), "title": title, "secret": secret, "opts": self.opts}
        response = TemplateResponse(request, "admin/secret.html", context, status=201)
        response["Cache-Control"] = "no-store"
        return response

    # --- reading ---

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return readable(self.model, request).order_by(*(self.get_ordering(request) or self.model._meta.ordering))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", readable(db_field.remote_field.model, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None and not self.has_change_permission(request, obj):
            kwargs["form"] = forms.ModelForm  # a form's own fields are nothing to look at
        elif obj is not None and issubclass(self.model, Versioned) and self.form is forms.ModelForm:
            kwargs["form"] = SeenVersionForm
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.actor  # the class is made anew for each request: a form may narrow its choices by this
        return form

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The ledger's entries about this row."""
        query = urlencode({"target_type": self.model._meta.label_lower, "target_id": object_id})
        return HttpResponseRedirect(f"{reverse('admin:core_app_entry_changelist')}?{query}")

    # --- writing: through actions only ---

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: self._kept(name, value) for name, value in form.cleaned_data.items()}
        seen_version = values.pop("seen_version", None)
        if change:
            changes = {name: values[name] for name in form.changed_data if name in values}
            self.update(request, obj, changes, seen_version)
        else:
            # The admin goes on with its own instance: it becomes the row that the action made.
            obj.__dict__.update(self.create(request, values).__dict__)

    def _kept(self, name: str, value: Any) -> Any:
        """What an empty box of JSON means: nothing in it, and no null that the column does not take."""
        field = {one.name: one for one in self.opts.fields}.get(name)
        is_box = isinstance(field, models.JSONField) and not field.null
        return field.get_default() if is_box and value is None else value

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: relations are among the values that `create` and `update` hand to their action."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.remove(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet[Any]) -> None:
        for row in queryset:
            self.remove(request, row)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Nothing: the action has written the ledger."""

    log_change = log_addition

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Nothing, for the same reason; Django's own looks for what formsets have saved, and ours save nothing."""
        return []

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:
        """Nothing: the action has written the ledger."""


class ReadOnlyInline(_Guarded, admin.TabularInline):
    """Rows that belong to a row, to look at."""

    extra = 0
    can_delete = False
    show_change_link = False
