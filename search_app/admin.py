"""What the facet index follows, to be read by whoever runs the organisation's Tocsin, and the views people share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from core_app.admin_base import PanelAdmin, Permits
from search_app import actions
from search_app.explorer.declaring import FacetOfForm
from search_app.models import BulkOperation, ChangeCounter, CustomFacet, SavedView, Tombstone, ValueChange, ViewMark
from search_app.models.bulk import READS_ALL
from search_app.models.custom_facets import DECLARE
from search_app.models.saved_views import WRITE

READ = Permits(see="org_management")


@admin.register(ChangeCounter)
class ChangeCounterAdmin(PanelAdmin):
    permits = READ
    list_display = ["surface", "value", "epoch"]
    search_fields = ["surface"]
    ordering = ["surface"]


@admin.register(Tombstone)
class TombstoneAdmin(PanelAdmin):
    permits = READ
    list_display = ["surface", "row", "change_seq"]
    list_filter = ["surface"]
    search_fields = ["=row"]
    ordering = ["-pk"]


@admin.register(ValueChange)
class ValueChangeAdmin(PanelAdmin):
    permits = READ
    list_display = ["surface", "change_seq", "values"]
    list_filter = ["surface"]
    ordering = ["-pk"]


@admin.register(SavedView)
class SavedViewAdmin(PanelAdmin):
    """The views that are shared: whoever runs the organisation renames, shares and deletes them for others."""

    permits = Permits(see="org_management", change=WRITE, delete=WRITE)
    fields = ["name", "teams", "surface", "owner", "configuration", "created_at", "modified_at", "uuid"]
    filter_horizontal = ["teams"]
    list_display = ["name", "surface", "owner", "modified_at"]
    list_filter = ["surface", "teams", "modified_at"]
    list_select_related = ["owner"]
    search_fields = ["name", "owner__name", "owner__email", "=uuid"]
    date_hierarchy = "created_at"
    readonly_fields = ["surface", "owner", "configuration", "created_at", "modified_at", "uuid"]
    ordering = ["name", "pk"]

    def update(
        self, request: HttpRequest, row: SavedView, changes: Mapping[str, Any], seen_version: int | None
    ) -> None:
        actions.update_view(actor=request.actor, view=row, seen_version=seen_version, **changes)

    def remove(self, request: HttpRequest, row: SavedView) -> None:
        actions.delete_view(actor=request.actor, view=row)


@admin.register(ViewMark)
class ViewMarkAdmin(PanelAdmin):
    permits = READ
    list_display = ["person", "surface", "key", "is_favourite", "is_default"]
    list_filter = ["surface", "is_favourite", "is_default"]
    list_select_related = ["person"]
    search_fields = ["person__name", "person__email", "=key"]
    ordering = ["-pk"]


@admin.register(BulkOperation)
class BulkOperationAdmin(PanelAdmin):
    permits = Permits(see=READS_ALL)
    list_display = ["created_at", "actor_label", "words", "selection", "state", "total", "changed", "refused"]
    list_filter = ["surface", "action", "state"]
    search_fields = ["actor_label", "words", "selection", "=uuid"]
    date_hierarchy = "created_at"
    exclude = ["keys", "versions", "results"]
    ordering = ["-pk"]


@admin.register(CustomFacet)
class CustomFacetAdmin(PanelAdmin):
    permits = Permits(see=DECLARE, add=DECLARE, delete=DECLARE)
    form = FacetOfForm
    list_display = ["label", "path", "surface", "group", "kind", "made_by", "created_at"]
    list_filter = ["surface", "group", "kind"]
    list_select_related = ["made_by"]
    search_fields = ["path", "label"]

    def create(self, request: HttpRequest, values: Mapping[str, Any]) -> CustomFacet:
        return actions.declare_facet(actor=request.actor, **values)

    def remove(self, request: HttpRequest, row: CustomFacet) -> None:
        actions.remove_facet(actor=request.actor, pk=row.pk)
