"""Cases in the admin panel: they are changed by the same actions as on their pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from cases_app import actions
from cases_app.models import (
    Case,
    CaseLink,
    CaseSignal,
    CaseTag,
    CaseType,
    CaseWatcher,
    Comment,
    CustomAttribute,
    MaintenanceWindow,
    Project,
    ProjectFavourite,
    ProjectRule,
)
from cases_app.models.managers import READ, SETTINGS, WRITE
from core_app.admin_base import PanelAdmin, Permits, ReadOnlyInline
from core_app.errors import DomainError

SEE = Permits(see=READ)
VERBS = {
    "status": (actions.set_status, "to"),
    "priority": (actions.set_priority, "to"),
    "assignee": (actions.assign, "user"),
}


class TagInline(ReadOnlyInline):
    permits = SEE
    model = CaseTag
    fields = ["text"]


@admin.register(Project)
class ProjectAdmin(PanelAdmin):
    permits = Permits(see=READ, add=SETTINGS, change=SETTINGS, delete=SETTINGS)
    list_display = ["key", "name", "triages_signals", "last_number", "modified_at"]
    list_display_links = ["key", "name"]
    list_filter = ["triages_signals"]
    search_fields = ["key", "name", "description"]
    fields = ["key", "name", "description", "triages_signals"]

    def get_readonly_fields(self, request: HttpRequest, obj: Project | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Project:
        return actions.create_project(actor=request.actor, **values)

    def update(self, request: HttpRequest, row: Project, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.edit_projects(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: Project) -> None:
        actions.delete_project(actor=request.actor, project=row)


@admin.register(CaseType)
class CaseTypeAdmin(PanelAdmin):
    permits = Permits(see=READ, add=SETTINGS, change=SETTINGS, delete=SETTINGS)
    list_display = ["name", "emoji", "description", "is_default"]
    search_fields = ["name", "description"]
    fields = ["name", "emoji", "description"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> CaseType:
        return actions.create_case_type(actor=request.actor, **values)

    def update(self, request: HttpRequest, row: CaseType, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.edit_case_type(actor=request.actor, type=row, **changes)

    def remove(self, request: HttpRequest, row: CaseType) -> None:
        actions.delete_case_type(actor=request.actor, type=row)


@admin.register(Case)
class CaseAdmin(PanelAdmin):
    permits = Permits(see=READ, change=WRITE)
    list_display = ["key", "title", "status", "priority", "assignee", "type", "due_date", "archived_at", "modified_at"]
    list_display_links = ["key", "title"]
    list_filter = ["status", "priority", "project", "type", "assignee", "due_date", "archived_at"]
    list_select_related = ["project", "assignee", "type"]
    search_fields = ["search_text", "tags__text"]
    search_help_text = "A word of the title, a key, or a tag."
    date_hierarchy = "created_at"
    fields = ["title", "description", "type", "status", "priority", "assignee", "due_date", "created_by", "created_at"]
    readonly_fields = ["created_by", "created_at"]
    inlines = [TagInline]
    actions = ["archive", "unarchive"]

    def update(self, request: HttpRequest, row: Case, changes: Mapping[str, Any], seen_version: int | None) -> None:
        """Each change by its own action, in the panel's one transaction: the first checks the version for all."""
        left = dict(changes)
        seen = {row.pk: seen_version}
        for field, (verb, argument) in VERBS.items():
            if field in left:
                verb(actor=request.actor, seen=seen, **{argument: left.pop(field)}).one_or_raise()
                seen = {row.pk: None}
        if left:
            actions.edit_cases(actor=request.actor, seen=seen, **left).one_or_raise()

    def has_archive_permission(self, request: HttpRequest) -> bool:
        return request.actor.can(WRITE)

    @admin.action(description="Archive", permissions=["archive"])
    def archive(self, request: HttpRequest, queryset: QuerySet[Case]) -> None:
        seen = dict.fromkeys(queryset.values_list("pk", flat=True))
        outcome = actions.archive(actor=request.actor, seen=seen)
        messages.success(request, f"{len(outcome.changed)} of {len(seen)} cases archived.")

    @admin.action(description="Bring back from the archive", permissions=["archive"])
    def unarchive(self, request: HttpRequest, queryset: QuerySet[Case]) -> None:
        seen = dict.fromkeys(queryset.values_list("pk", flat=True))
        outcome = actions.unarchive(actor=request.actor, seen=seen)
        messages.success(request, f"{len(outcome.changed)} of {len(seen)} cases brought back.")


@admin.register(CaseTag)
class CaseTagAdmin(PanelAdmin):
    permits = SEE
    list_display = ["text", "case"]
    list_select_related = ["case__project"]
    search_fields = ["text", "case__search_text"]


@admin.register(CaseSignal)
class CaseSignalAdmin(PanelAdmin):
    permits = SEE
    list_display = ["case", "signal", "added_at", "added_by"]
    list_filter = ["added_at"]
    list_select_related = ["case__project", "signal", "added_by"]
    search_fields = ["case__search_text", "signal__search_text", "=signal__public_id"]
    raw_id_fields = ["signal"]


@admin.register(Comment)
class CommentAdmin(PanelAdmin):
    """What was said, to look at, and to take back what should not have been."""

    permits = SEE
    list_display = ["case", "author", "created_at", "edited_at", "deleted_at"]
    list_filter = ["created_at", "author"]
    list_select_related = ["case__project", "author"]
    search_fields = ["body", "case__search_text"]
    date_hierarchy = "created_at"
    actions = ["take_back"]

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.actor.can("org_management") and request.actor.can(WRITE)

    @admin.action(description="Take back: its words will be gone", permissions=["moderate"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        for comment in queryset:
            try:
                actions.delete_comment(actor=request.actor, comment=comment)
            except DomainError as problem:
                messages.warning(request, problem.message)


@admin.register(CustomAttribute)
class CustomAttributeAdmin(PanelAdmin):
    permits = Permits(see=READ, add=SETTINGS, change=SETTINGS, delete=SETTINGS)
    list_display = ["name", "key", "type", "kind", "is_multi"]
    list_filter = ["type", "kind", "is_multi"]
    list_select_related = ["type"]
    search_fields = ["name", "key", "description"]
    fields = ["type", "key", "name", "kind", "is_multi", "options", "description"]

    def get_readonly_fields(self, request: HttpRequest, obj: CustomAttribute | None = None) -> list[str]:
        fixed = ["type", "key", "is_multi"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> CustomAttribute:
        return actions.create_custom_attribute(actor=request.actor, **_with_options(values))

    def update(
        self, request: HttpRequest, row: CustomAttribute, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_custom_attribute(actor=request.actor, attribute=row, **_with_options(changes))

    def remove(self, request: HttpRequest, row: CustomAttribute) -> None:
        actions.delete_custom_attribute(actor=request.actor, attribute=row)


def _with_options(values: Mapping[str, Any]) -> dict[str, Any]:
    """The options as a list, whatever JSON somebody typed: the action refuses what is no text."""
    found = dict(values)
    if "options" in found and not isinstance(found["options"], list):
        found["options"] = [found["options"]] if found["options"] else []
    return found


@admin.register(CaseWatcher)
class CaseWatcherAdmin(PanelAdmin):
    permits = SEE
    list_display = ["case", "user", "since"]
    list_select_related = ["case__project", "user"]
    search_fields = ["case__search_text", "user__email"]


@admin.register(CaseLink)
class CaseLinkAdmin(PanelAdmin):
    permits = SEE
    list_display = ["parent", "relationship", "child", "added_by", "added_at"]
    list_filter = ["relationship"]
    list_select_related = ["parent__project", "child__project", "added_by"]
    search_fields = ["parent__search_text", "child__search_text"]


@admin.register(ProjectFavourite)
class ProjectFavouriteAdmin(PanelAdmin):
    permits = SEE
    list_display = ["project", "user", "since"]
    list_select_related = ["project", "user"]
    search_fields = ["project__name", "user__email"]


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(PanelAdmin):
    """When nobody is told, to look at: windows are made on their page, and by the API."""

    permits = SEE
    list_display = ["name", "query", "start_at", "end_at", "created_by"]
    list_filter = ["start_at"]
    list_select_related = ["created_by"]
    search_fields = ["name", "query"]


@admin.register(ProjectRule)
class ProjectRuleAdmin(PanelAdmin):
    """Who is told, to look at: rules are made on the page of their project, and by the API."""

    permits = SEE
    list_display = ["__str__", "project", "query", "is_enabled"]
    list_filter = ["project", "is_enabled"]
    list_select_related = ["project"]
    search_fields = ["query", "project__key"]
