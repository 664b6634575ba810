"""The admin panel's front door."""

from __future__ import annotations

from django.contrib import admin


class TocsinAdminSite(admin.AdminSite):
    site_header = "Tocsin administration"
    site_title = "Tocsin administration"
    index_title = "Everything that can be administered"
