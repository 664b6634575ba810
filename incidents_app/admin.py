"""Incidents in the admin panel: they are changed by the same actions as on their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from core_app.admin_base import PanelAdmin, Permits, ReadOnlyInline
from incidents_app import actions
from incidents_app.actions import SETTINGS, WRITE
from incidents_app.models import (
    Attachment,
    GlobalSettings,
    Impact,
    ImpactField,
    Incident,
    IncidentCase,
    IncidentConfiguration,
    IncidentHandle,
    IncidentSignal,
    IncidentTag,
    IncidentType,
    Integration,
    Note,
    NoteRevision,
    NotificationRule,
    NotificationTemplate,
    PostmortemTemplate,
    Responder,
    RoleHolder,
    TimestampOverride,
    Todo,
    UserDefinedField,
    UserDefinedRole,
)
from incidents_app.models.managers import READ

SEE = Permits(see=READ)
EDITABLE = [
    "title",
    "severity",
    "state",
    "commander",
    "customer_impacted",
    "customer_impact_scope",
    "summary",
    "root_cause",
    "detection_method",
    "detected_at",
    "is_private",
    "is_test",
]


class ResponderInline(ReadOnlyInline):
    permits = SEE
    model = Responder
    fields = ["user", "added_at"]
    readonly_fields = ["added_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Responder]:
        return super().get_queryset(request).select_related("user")


class TagInline(ReadOnlyInline):
    permits = SEE
    model = IncidentTag
    fields = ["text"]


@admin.register(Incident)
class IncidentAdmin(PanelAdmin):
    permits = Permits(see=READ, change=WRITE, delete=WRITE)
    list_display = ["public_id", "title", "severity", "state", "commander", "is_private", "declared_at"]
    list_display_links = ["title"]
    list_filter = ["state", "severity", "is_private", "is_test", "type", "declared_at"]
    list_select_related = ["commander"]
    search_fields = ["=public_id", "search_text"]
    search_help_text = "A word of the title, or a number."
    date_hierarchy = "declared_at"
    fields = EDITABLE
    inlines = [ResponderInline, TagInline]

    def update(self, request: HttpRequest, row: Incident, changes: Mapping[str, Any], seen_version: int | None) -> None:
        seen = {row.pk: seen_version}
        actions.edit_incidents(actor=request.actor, seen=seen, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: Incident) -> None:
        actions.delete_incident(actor=request.actor, incident=row)


@admin.register(IncidentType)
class IncidentTypeAdmin(PanelAdmin):
    permits = Permits(see=READ, add=SETTINGS, change=SETTINGS, delete=SETTINGS)
    list_display = ["name", "description", "is_default"]
    search_fields = ["name", "description"]
    fields = ["name", "description"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> IncidentType:
        return actions.create_incident_type(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: IncidentType, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_incident_type(actor=request.actor, type=row, **changes)

    def remove(self, request: HttpRequest, row: IncidentType) -> None:
        actions.delete_incident_type(actor=request.actor, type=row)


class OfIncidentAdmin(PanelAdmin):
    """What belongs to an incident, to look at: it is written on the incident's page."""

    permits = SEE
    list_select_related = ["incident"]


@admin.register(Responder)
class ResponderAdmin(OfIncidentAdmin):
    list_display = ["incident", "user", "added_at"]
    list_select_related = ["incident", "user"]
    search_fields = ["incident__search_text", "user__name", "user__email"]


@admin.register(RoleHolder)
class RoleHolderAdmin(PanelAdmin):
    permits = SEE
    list_display = ["responder", "role", "added_at", "added_by"]
    list_filter = ["role"]
    list_select_related = ["responder__user", "role", "added_by"]
    search_fields = ["responder__user__name", "responder__user__email"]


@admin.register(IncidentTag)
class IncidentTagAdmin(OfIncidentAdmin):
    list_display = ["text", "incident"]
    search_fields = ["text"]


@admin.register(IncidentSignal)
class IncidentSignalAdmin(OfIncidentAdmin):
    list_display = ["incident", "signal", "on_timeline", "added_at", "added_by"]
    list_filter = ["on_timeline", "added_at"]
    list_select_related = ["incident", "signal", "added_by"]
    search_fields = ["incident__search_text", "signal__search_text", "=signal__public_id"]
    raw_id_fields = ["signal"]


@admin.register(IncidentCase)
class IncidentCaseAdmin(OfIncidentAdmin):
    list_display = ["incident", "case", "added_at"]
    list_select_related = ["incident", "case__project"]
    search_fields = ["incident__search_text", "case__search_text"]


@admin.register(Note)
class NoteAdmin(OfIncidentAdmin):
    list_display = ["incident", "at", "created_by", "edited_at", "deleted_at"]
    list_filter = ["at"]
    list_select_related = ["incident", "created_by"]
    search_fields = ["body"]


@admin.register(NoteRevision)
class NoteRevisionAdmin(PanelAdmin):
    permits = SEE
    list_display = ["note", "until", "by"]
    list_select_related = ["note", "by"]
    search_fields = ["body"]


@admin.register(Todo)
class TodoAdmin(OfIncidentAdmin):
    list_display = ["content", "incident", "due_at", "completed_at"]
    list_filter = ["due_at", "completed_at"]
    search_fields = ["content"]


@admin.register(Impact)
class ImpactAdmin(OfIncidentAdmin):
    list_display = ["description", "incident", "start_at", "end_at"]
    list_filter = ["start_at"]
    search_fields = ["description"]


@admin.register(Attachment)
class AttachmentAdmin(OfIncidentAdmin):
    list_display = ["title", "kind", "incident", "created_by", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["incident", "created_by"]
    search_fields = ["title", "url"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(TimestampOverride)
class TimestampOverrideAdmin(OfIncidentAdmin):
    list_display = ["incident", "kind", "value", "before", "created_by"]
    list_filter = ["kind"]
    list_select_related = ["incident", "created_by"]
    search_fields = ["incident__search_text"]


@admin.register(IncidentConfiguration)
class IncidentConfigurationAdmin(OfIncidentAdmin):
    list_display = ["incident", "include_in_search", "include_in_analytics", "execute_notification_rules"]
    list_filter = ["include_in_search", "include_in_analytics", "execute_notification_rules"]
    search_fields = ["incident__search_text"]


@admin.register(Integration)
class IntegrationAdmin(OfIncidentAdmin):
    list_display = ["__str__", "kind", "incident", "created_by", "created_at"]
    list_filter = ["kind"]
    list_select_related = ["incident", "created_by"]
    search_fields = ["incident__search_text"]


class OfTypeAdmin(PanelAdmin):
    """What is decided about the incidents of a type, to look at: it is changed on its page, and by the API."""

    permits = SEE
    list_filter = ["type"]
    list_select_related = ["type"]


@admin.register(NotificationTemplate)
class NotificationTemplateAdmin(OfTypeAdmin):
    list_display = ["name", "category", "subject", "type", "modified_at"]
    search_fields = ["name", "subject"]


@admin.register(NotificationRule)
class NotificationRuleAdmin(OfTypeAdmin):
    list_display = ["__str__", "type", "trigger", "visibility", "enabled"]
    list_filter = ["type", "trigger", "enabled"]
    search_fields = ["handles"]


@admin.register(PostmortemTemplate)
class PostmortemTemplateAdmin(OfTypeAdmin):
    list_display = ["name", "type", "default_since", "modified_at"]
    search_fields = ["name", "content"]


class DeclaredAdmin(PanelAdmin):
    """What is declared about the incidents of a type; what it is from the beginning cannot be changed."""

    permits = Permits(see=READ, add=SETTINGS, change=SETTINGS, delete=SETTINGS)
    list_filter = ["type"]
    list_select_related = ["type"]
    from_the_beginning: ClassVar[tuple[str, ...]] = ("type",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else self.from_the_beginning


@admin.register(UserDefinedField)
class UserDefinedFieldAdmin(DeclaredAdmin):
    list_display = ["display_name", "name", "kind", "type", "required"]
    search_fields = ["name", "display_name"]
    fields = [
        "type",
        "name",
        "display_name",
        "kind",
        "valid_values",
        "default_value",
        "required",
        "collected",
        "category",
        "ordinal",
        "tag_key",
    ]
    from_the_beginning = ("type", "name", "kind")

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> UserDefinedField:
        return actions.create_user_defined_field(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: UserDefinedField, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_user_defined_field(actor=request.actor, field=row, seen_version=seen_version, **changes)

    def remove(self, request: HttpRequest, row: UserDefinedField) -> None:
        actions.delete_user_defined_field(actor=request.actor, field=row)


@admin.register(ImpactField)
class ImpactFieldAdmin(DeclaredAdmin):
    list_display = ["display_name", "name", "kind", "type"]
    search_fields = ["name", "display_name"]
    fields = ["type", "name", "display_name", "kind", "valid_values", "tag_key"]
    from_the_beginning = ("type", "name")

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> ImpactField:
        return actions.create_impact_field(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: ImpactField, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_impact_field(actor=request.actor, field=row, seen_version=seen_version, **changes)

    def remove(self, request: HttpRequest, row: ImpactField) -> None:
        actions.delete_impact_field(actor=request.actor, field=row)


@admin.register(UserDefinedRole)
class UserDefinedRoleAdmin(DeclaredAdmin):
    list_display = ["name", "type", "is_single", "modified_at"]
    search_fields = ["name", "description"]
    fields = ["type", "name", "description", "is_single"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> UserDefinedRole:
        return actions.create_user_defined_role(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: UserDefinedRole, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_user_defined_role(actor=request.actor, role=row, seen_version=seen_version, **changes)

    def remove(self, request: HttpRequest, row: UserDefinedRole) -> None:
        actions.delete_user_defined_role(actor=request.actor, role=row)


@admin.register(IncidentHandle)
class IncidentHandleAdmin(OfTypeAdmin):
    list_display = ["name", "type", "severities", "commander"]
    list_select_related = ["type", "commander"]
    search_fields = ["name"]


@admin.register(GlobalSettings)
class GlobalSettingsAdmin(PanelAdmin):
    permits = SEE
    list_display = ["__str__", "analytics_dashboard_id", "modified_at"]
