"""What the facet index follows, in the admin panel: to be read by whoever runs the organisation's Tocsin."""

from __future__ import annotations

from django.contrib import admin

from core_app.admin_base import PanelAdmin, Permits
from search_app.models import ChangeCounter, Tombstone, ValueChange

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
