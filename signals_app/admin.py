"""Signals and what they stand on, in the admin panel.

What people decide goes through the same actions as on the pages; what sensors said is to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts_app.permissions import RULES_READ
from core_app.admin_base import PanelAdmin, Permits, ReadOnlyInline
from signals_app import actions
from signals_app.actions.catalogue import RULES_WRITE, SERVICES_WRITE
from signals_app.actions.settings import FILTERS_WRITE, NOTIFICATIONS_WRITE
from signals_app.actions.sources import SOURCES_WRITE
from signals_app.actions.suppressions import SUPPRESSIONS_WRITE
from signals_app.models import (
    Assignment,
    CriticalAsset,
    Detection,
    DetectionRule,
    Entity,
    FollowedFile,
    NotificationRule,
    RawItem,
    Sample,
    SecurityFilter,
    Service,
    Signal,
    SignalEntity,
    SignalTag,
    Source,
    Suppression,
    TriageState,
)
from signals_app.models.signals import ArchiveReason

SEE = Permits(see="security_monitoring_signals_read")
OPERATE = Permits(see=SOURCES_WRITE)


class PartInline(ReadOnlyInline):
    permits = SEE
    model = SignalEntity
    fields = ["entity", "role", "count", "first_seen", "last_seen"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SignalEntity]:
        return super().get_queryset(request).select_related("entity")


class AssignmentInline(ReadOnlyInline):
    permits = SEE
    model = Assignment
    fields = ["user", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Assignment]:
        return super().get_queryset(request).select_related("user")


class TagInline(ReadOnlyInline):
    permits = SEE
    model = SignalTag
    fields = ["text"]


class SetStateForm(ActionForm):
    """Beside the menu of actions: why, when the action archives."""

    reason = forms.ChoiceField(
        choices=[("", "Reason, to archive"), *ArchiveReason.choices], required=False, label="Reason:"
    )


@admin.register(Signal)
class SignalAdmin(PanelAdmin):
    permits = SEE
    list_display = ["title", "severity", "service", "env", "state", "rule", "source", "team", "count", "first_seen"]
    list_filter = ["state", "severity", "first_seen", "service", "env", "rule", "source", "team", "archive_reason"]
    list_select_related = ["service", "rule", "source", "team"]
    search_fields = ["=public_id", "search_text", "parts__entity__value", "tags__text"]
    search_help_text = "A word of the title or message, an address, a user, a tag, or a whole public id."
    date_hierarchy = "first_seen"
    inlines = [PartInline, AssignmentInline, TagInline]
    action_form = SetStateForm
    actions = ["set_open", "set_under_review", "set_archived"]

    def has_triage_permission(self, request: HttpRequest) -> bool:
        return request.actor.can(actions.WRITE)

    @admin.action(description="Set Open", permissions=["triage"])
    def set_open(self, request: HttpRequest, queryset: QuerySet[Signal]) -> None:
        self._set_state(request, queryset, TriageState.OPEN)

    @admin.action(description="Set Under Review", permissions=["triage"])
    def set_under_review(self, request: HttpRequest, queryset: QuerySet[Signal]) -> None:
        self._set_state(request, queryset, TriageState.UNDER_REVIEW)

    @admin.action(description="Set Archived", permissions=["triage"])
    def set_archived(self, request: HttpRequest, queryset: QuerySet[Signal]) -> None:
        self._set_state(request, queryset, TriageState.ARCHIVED)

    def _set_state(self, request: HttpRequest, queryset: QuerySet[Signal], to: TriageState) -> None:
        seen = dict.fromkeys(queryset.values_list("pk", flat=True))
        reason = request.POST.get("reason", "")
        outcome = actions.set_state(actor=request.actor, seen=seen, to=to, reason=reason)
        messages.success(request, f"{to.label}: {len(outcome.changed)} of {len(seen)} signals changed.")
        for message in dict.fromkeys(problem.message for problem in outcome.refused.values()):
            messages.warning(request, message)


@admin.register(DetectionRule)
class DetectionRuleAdmin(PanelAdmin):
    permits = Permits(see=RULES_READ, change=RULES_WRITE)
    list_display = ["name", "key", "type", "severity", "tactic", "technique", "window", "is_enabled", "modified_at"]
    list_filter = ["is_enabled", "severity", "type", "tactic"]
    search_fields = ["name", "key", "tactic", "technique", "meaning", "=uuid"]
    date_hierarchy = "created_at"
    readonly_fields = ["key", "uuid", "version", "created_at", "modified_at"]

    def update(
        self, request: HttpRequest, row: DetectionRule, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_rules(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()


@admin.register(Suppression)
class SuppressionAdmin(PanelAdmin):
    permits = Permits(
        see="security_monitoring_suppressions_read",
        add=SUPPRESSIONS_WRITE,
        change=SUPPRESSIONS_WRITE,
        delete=SUPPRESSIONS_WRITE,
    )
    list_display = ["name", "is_enabled", "rule_query", "query", "starts_at", "expires_at", "count", "last_match_at"]
    list_filter = ["is_enabled", "expires_at"]
    search_fields = ["name", "description", "rule_query", "query", "exclusion_query"]
    readonly_fields = ["version", "count", "last_match_at", "created_by", "modified_by"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Suppression:
        return actions.create_suppression(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: Suppression, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_suppressions(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: Suppression) -> None:
        actions.delete_suppression(actor=request.actor, suppression=row)


@admin.register(SecurityFilter)
class SecurityFilterAdmin(PanelAdmin):
    permits = Permits("security_monitoring_filters_read", add=FILTERS_WRITE, change=FILTERS_WRITE, delete=FILTERS_WRITE)
    list_display = ["name", "query", "is_enabled", "is_builtin", "modified_at"]
    list_filter = ["is_enabled", "is_builtin"]
    search_fields = ["name", "query"]
    readonly_fields = ["version", "is_builtin", "created_by", "modified_by"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> SecurityFilter:
        return actions.create_security_filter(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: SecurityFilter, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_security_filters(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: SecurityFilter) -> None:
        actions.delete_security_filter(actor=request.actor, security_filter=row)


@admin.register(CriticalAsset)
class CriticalAssetAdmin(PanelAdmin):
    permits = Permits(RULES_READ, add=RULES_WRITE, change=RULES_WRITE, delete=RULES_WRITE)
    list_display = ["query", "rule_query", "severity", "is_enabled", "modified_at"]
    list_filter = ["is_enabled", "severity"]
    search_fields = ["query", "rule_query", "description"]
    readonly_fields = ["version", "created_by", "modified_by"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> CriticalAsset:
        return actions.create_critical_asset(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: CriticalAsset, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_critical_assets(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: CriticalAsset) -> None:
        actions.delete_critical_asset(actor=request.actor, asset=row)


@admin.register(NotificationRule)
class NotificationRuleAdmin(PanelAdmin):
    permits = Permits(
        "security_monitoring_notification_profiles_read",
        add=NOTIFICATIONS_WRITE,
        change=NOTIFICATIONS_WRITE,
        delete=NOTIFICATIONS_WRITE,
    )
    list_display = ["name", "query", "about", "is_enabled", "quiet", "told_at"]
    list_filter = ["is_enabled", "about", "place"]
    search_fields = ["name", "query"]
    readonly_fields = ["version", "about", "place", "told_at", "held_back", "created_by", "modified_by"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> NotificationRule:
        return actions.create_notification_rule(actor=request.actor, **values)

    def update(
        self, request: HttpRequest, row: NotificationRule, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.edit_notification_rules(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def remove(self, request: HttpRequest, row: NotificationRule) -> None:
        actions.delete_notification_rule(actor=request.actor, rule=row)


@admin.register(Service)
class ServiceAdmin(PanelAdmin):
    permits = Permits(
        see="security_monitoring_signals_read",
        add=SERVICES_WRITE,
        change=SERVICES_WRITE,
    )
    list_display = ["name", "team", "on_call", "repository", "documentation"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["name", "description", "on_call", "repository"]
    readonly_fields = ["version"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Service:
        return actions.create_service(actor=request.actor, **values)

    def update(self, request: HttpRequest, row: Service, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.edit_services(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()


@admin.register(Entity)
class EntityAdmin(PanelAdmin):
    permits = SEE
    list_display = ["value", "kind", "country", "first_seen", "last_seen"]
    list_filter = ["kind", "country", "last_seen"]
    search_fields = ["value"]
    date_hierarchy = "last_seen"


@admin.register(SignalEntity)
class SignalEntityAdmin(PanelAdmin):
    permits = SEE
    list_display = ["entity", "role", "signal", "count", "first_seen", "last_seen"]
    list_filter = ["role", "last_seen"]
    list_select_related = ["entity", "signal"]
    search_fields = ["entity__value", "signal__title"]
    date_hierarchy = "last_seen"


@admin.register(Assignment)
class AssignmentAdmin(PanelAdmin):
    permits = SEE
    list_display = ["user", "signal", "position"]
    list_filter = ["user"]
    list_select_related = ["user", "signal"]
    search_fields = ["user__name", "user__email", "signal__title"]


@admin.register(SignalTag)
class SignalTagAdmin(PanelAdmin):
    permits = SEE
    list_display = ["text", "signal"]
    list_select_related = ["signal"]
    search_fields = ["text", "signal__title"]


@admin.register(Sample)
class SampleAdmin(PanelAdmin):
    permits = SEE
    list_display = ["at", "signal"]
    list_filter = ["at"]
    list_select_related = ["signal"]
    search_fields = ["signal__title"]
    date_hierarchy = "at"


@admin.register(Detection)
class DetectionAdmin(PanelAdmin):
    permits = SEE
    list_display = ["at", "kind", "severity", "rule", "service", "env", "attacker", "victim", "signal"]
    list_filter = ["at", "kind", "severity", "rule", "service", "source"]
    list_select_related = ["rule", "service", "attacker", "victim", "signal"]
    search_fields = ["attacker__value", "victim__value", "signal__title", "=transaction"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]


@admin.register(Source)
class SourceAdmin(PanelAdmin):
    permits = Permits(see=SOURCES_WRITE, add=SOURCES_WRITE, change=SOURCES_WRITE)
    list_display = ["name", "format", "env", "time_zone", "is_enabled", "token_last4", "last_item_at"]
    list_filter = ["is_enabled", "format", "env"]
    search_fields = ["name"]
    date_hierarchy = "created_at"
    readonly_fields = ["token_last4", "created_at", "last_item_at"]
    actions = ["rotate_token"]

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> list[str]:
        # What a source is called and how it is read is settled when it is made: its items are named by it.
        return [*super().get_readonly_fields(request, obj), "name", "format"] if obj else []

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> Source:
        made = actions.create_source(actor=request.actor, **values)
        made.source.secret = made.token
        return made.source

    def update(self, request: HttpRequest, row: Source, changes: Mapping[str, Any], seen_version: int | None) -> None:
        actions.edit_sources(actor=request.actor, seen={row.pk: seen_version}, **changes).one_or_raise()

    def response_add(self, request: HttpRequest, obj: Source, post_url_continue: str | None = None) -> HttpResponse:
        return self.secret_page(request, title=f"The source {obj.name} is made: its token", secret=obj.secret)

    @admin.action(description="Make a new token (of one source)", permissions=["change"])
    def rotate_token(self, request: HttpRequest, queryset: QuerySet[Source]) -> HttpResponse | None:
        if len(queryset) != 1:
            messages.warning(request, "Choose one source: its old token is worthless at once.")
            return None
        made = actions.rotate_token(actor=request.actor, source=queryset[0].pk)
        return self.secret_page(request, title=f"The new token of {made.source.name}", secret=made.token)


@admin.register(RawItem)
class RawItemAdmin(PanelAdmin):
    permits = OPERATE
    list_display = ["received_at", "source", "key", "state", "reason", "processed_at"]
    list_filter = ["state", "source", "received_at"]
    list_select_related = ["source"]
    search_fields = ["=key", "reason"]
    date_hierarchy = "received_at"
    ordering = ["-pk"]
    actions = ["read_again"]

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.actor.can(SOURCES_WRITE)

    @admin.action(description="Try again to read the unreadable", permissions=["operate"])
    def read_again(self, request: HttpRequest, queryset: QuerySet[RawItem]) -> None:
        outcome = actions.retry_items(actor=request.actor, items=list(queryset.values_list("pk", flat=True)))
        messages.success(request, f"{len(outcome.changed)} items will be read again.")


@admin.register(FollowedFile)
class FollowedFileAdmin(PanelAdmin):
    permits = OPERATE
    list_display = ["path", "source", "offset", "inode", "updated_at"]
    list_filter = ["source"]
    list_select_related = ["source"]
    search_fields = ["path", "source__name"]
    date_hierarchy = "updated_at"
    ordering = ["path"]
