"""The ledger in the admin panel: to be read, by whoever may read it, and nothing else."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core_app.admin_base import PanelAdmin, Permits
from core_app.ledger import visible_entries
from core_app.models import ChainHead, Delivery, Entry, Seal

READ = Permits(see="audit_logs_read")


@admin.register(Entry)
class EntryAdmin(PanelAdmin):
    permits = READ
    list_display = ["at", "actor_label", "verb", "target_type", "target_label", "request_id"]
    list_filter = ["at", "actor_kind", "verb", "target_type"]
    search_fields = ["actor_label", "verb", "target_label", "=target_id", "=request_id", "=operation"]
    search_help_text = "Who, what, about what; or a whole target id, request id or operation."
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Entry]:
        return visible_entries(request.actor).order_by("-pk")

    def lookup_allowed(self, lookup: str, value: str, request: object = None) -> bool:
        return lookup in ("target_id", "target_type") or super().lookup_allowed(lookup, value, request)


@admin.register(Seal)
class SealAdmin(PanelAdmin):
    permits = READ
    list_display = ["number", "entry_id", "digest"]
    search_fields = ["=number", "=entry_id", "=digest"]


@admin.register(ChainHead)
class ChainHeadAdmin(PanelAdmin):
    permits = READ
    list_display = ["length", "digest", "horizon"]
    ordering = ["pk"]


@admin.register(Delivery)
class DeliveryAdmin(PanelAdmin):
    permits = READ
    list_display = ["entry", "handler", "state", "attempts", "due_at", "done_at", "error"]
    list_filter = ["state", "handler", "due_at"]
    list_select_related = ["entry"]
    search_fields = ["handler", "error", "entry__verb", "entry__target_label"]
    date_hierarchy = "due_at"
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        return super().get_queryset(request).filter(entry__in=visible_entries(request.actor))
