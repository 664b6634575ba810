"""What is decided about incidents: who is told of which, and in what words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from accounts_app.permissions import LABELS
from core_app.errors import DomainError
from incidents_app import actions
from incidents_app.models import (
    GlobalSettings,
    ImpactField,
    IncidentHandle,
    NotificationRule,
    NotificationTemplate,
    PostmortemTemplate,
    UserDefinedField,
    UserDefinedRole,
)
from incidents_app.models.managers import READ, SETTINGS
from incidents_app.setting_forms import (
    FieldForm,
    GlobalForm,
    HandleForm,
    ImpactFieldForm,
    PostmortemForm,
    RoleForm,
    RuleForm,
    SettingForm,
    TemplateForm,
)
from incidents_app.views.parts import told_beside


@dataclass(frozen=True)
class Part:
    """One list of the page: what it is called, and how one of it is made, changed and taken away."""

    title: str
    one: str
    about: str
    model: Any
    form: type[forms.Form]
    fields: tuple[str, ...]
    create: Callable[..., Any]
    edit: Callable[..., Any]
    delete: Callable[..., None]
    name: str  # of the argument of `edit` and `delete`


PARTS = {
    "fields": Part(
        "Fields",
        "field",
        "What incidents of a type say besides: shown and edited with them, and held to what is declared here.",
        UserDefinedField,
        FieldForm,
        (
            "display_name",
            "valid_values",
            "default_value",
            "required",
            "collected",
            "category",
            "ordinal",
            "tag_key",
        ),
        actions.create_user_defined_field,
        actions.edit_user_defined_field,
        actions.delete_user_defined_field,
        "field",
    ),
    "impacts": Part(
        "Fields of impacts",
        "field of impacts",
        "What impacts of incidents of a type say besides.",
        ImpactField,
        ImpactFieldForm,
        ("display_name", "kind", "valid_values", "tag_key"),
        actions.create_impact_field,
        actions.edit_impact_field,
        actions.delete_impact_field,
        "field",
    ),
    "roles": Part(
        "Roles",
        "role",
        "The parts that responders play in incidents of a type.",
        UserDefinedRole,
        RoleForm,
        ("name", "description", "is_single"),
        actions.create_user_defined_role,
        actions.edit_user_defined_role,
        actions.delete_user_defined_role,
        "role",
    ),
    "handles": Part(
        "Incident handles",
        "incident handle",
        "Words that stand for how an incident is declared: its type, its severity and who leads.",
        IncidentHandle,
        HandleForm,
        ("type", "name", "severities", "commander"),
        actions.create_incident_handle,
        actions.edit_incident_handle,
        actions.delete_incident_handle,
        "handle",
    ),
    "rules": Part(
        "Notification rules",
        "notification rule",
        "Who is told when an incident is declared or changes, under the bell and by mail.",
        NotificationRule,
        RuleForm,
        ("type", "trigger", "visibility", "conditions", "handles", "renotify_on", "template", "enabled"),
        actions.create_notification_rule,
        actions.edit_notification_rule,
        actions.delete_notification_rule,
        "rule",
    ),
    "templates": Part(
        "Notification templates",
        "notification template",
        "The words that rules tell it in.",
        NotificationTemplate,
        TemplateForm,
        ("name", "category", "subject", "content"),
        actions.create_notification_template,
        actions.edit_notification_template,
        actions.delete_notification_template,
        "template",
    ),
    "postmortems": Part(
        "Postmortem templates",
        "postmortem template",
        "The headings that postmortems are drafted by.",
        PostmortemTemplate,
        PostmortemForm,
        ("name", "content"),
        actions.create_postmortem_template,
        actions.edit_postmortem_template,
        actions.delete_postmortem_template,
        "template",
    ),
}


@require_GET
def incident_settings(request: HttpRequest) -> HttpResponse:
    """Everything that is decided about incidents."""
    require(request.actor, READ)
    parts = []
    for key, part in PARTS.items():
        beside = [name for name in ("type", "commander") if name in {field.name for field in part.model._meta.fields}]
        parts.append((key, part, part.model.objects.visible_to(request.actor).select_related(*beside)))
    settled = GlobalSettings.objects.visible_to(request.actor).first() or GlobalSettings()
    return render(request, "incidents_app/settings.html", {"parts": parts, "settled": settled, **_rights(request)})


@require_http_methods(["GET", "POST"])
def setting_global(request: HttpRequest) -> HttpResponse:
    """Settle what holds for all incidents."""
    require(request.actor, SETTINGS)
    row = GlobalSettings.objects.visible_to(request.actor).first() or GlobalSettings()
    initial = {"analytics_dashboard_id": row.analytics_dashboard_id, "seen_version": row.version}
    form = GlobalForm(request.POST or None, initial=initial)

    def deed(given: dict[str, Any]) -> None:
        actions.edit_global_settings(actor=request.actor, seen_version=form.cleaned_data["seen_version"], **given)

    return _answer(request, GLOBAL, form, deed, row=row)


@require_http_methods(["GET", "POST"])
def setting_new(request: HttpRequest, part: str) -> HttpResponse:
    """Make one."""
    require(request.actor, SETTINGS)
    found = _part(part)
    form = found.form(request.POST or None, actor=request.actor)
    return _answer(request, found, form, lambda given: found.create(actor=request.actor, **given))


@require_http_methods(["GET", "POST"])
def setting_edit(request: HttpRequest, part: str, uuid: UUID) -> HttpResponse:
    """Change one."""
    require(request.actor, SETTINGS)
    found = _part(part)
    row = get_object_or_404(found.model.objects.visible_to(request.actor), uuid=uuid)
    initial = {name: getattr(row, name) for name in found.fields} | {"seen_version": row.version}
    form = found.form(request.POST or None, actor=request.actor, initial=initial)
    for name in form.fields.keys() - {*found.fields, "seen_version"}:
        del form.fields[name]  # what is so from the beginning

    def deed(given: dict[str, Any]) -> None:
        seen = form.cleaned_data["seen_version"]
        found.edit(actor=request.actor, seen_version=seen, **{found.name: row}, **given)

    return _answer(request, found, form, deed, row=row)


@require_POST
def setting_delete(request: HttpRequest, part: str, uuid: UUID) -> HttpResponse:
    """Take one away."""
    require(request.actor, SETTINGS)
    found = _part(part)
    row = get_object_or_404(found.model.objects.visible_to(request.actor), uuid=uuid)
    found.delete(actor=request.actor, **{found.name: row})
    messages.success(request, f"The {found.one} is gone.")
    return HttpResponseRedirect(reverse("incidents:settings"))


def _part(key: str) -> Part:
    if key not in PARTS:
        raise Http404
    return PARTS[key]


@dataclass(frozen=True)
class Whole:
    """What the page of a form calls that which holds for all incidents."""

    one: str = "settings of all incidents"


GLOBAL = Whole()


def _answer(
    request: HttpRequest, part: Part | Whole, form: forms.Form, deed: Callable[[dict[str, Any]], Any], row: Any = None
) -> HttpResponse:
    """Ask, or do it; what refuses it is told in the form, which keeps what was typed."""
    problem: DomainError | None = None
    if form.is_valid():
        try:
            deed(form.given)
        except DomainError as refusal:
            problem = refusal
        else:
            messages.success(request, f"Saved: the {part.one}.")
            if isinstance(form, SettingForm):
                for fault in form.faults(form.cleaned_data.get("type") or row.type):
                    messages.warning(request, fault)
            return HttpResponseRedirect(reverse("incidents:settings"))
    status = problem.status if problem else 422 if form.is_bound else 200
    if problem and told_beside(form, problem):
        problem = None
    context = {"part": part, "form": form, "row": row, "problem": problem, "action": request.path}
    return render(request, "incidents_app/setting_form.html", context, status=status)


def _rights(request: HttpRequest) -> dict[str, Any]:
    can_write = request.actor.can(SETTINGS)
    why = f"You can look but not change: that needs the permission “{LABELS[SETTINGS]}” ({SETTINGS})."
    return {"can_write": can_write, "why_not_write": "" if can_write else why}
