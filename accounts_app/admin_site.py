"""The admin panel's front door."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode

from accounts_app.access import may_administer
from core_app.admin_base import PanelAdmin


class TocsinAdminSite(admin.AdminSite):
    site_header = "Tocsin administration"
    site_title = "Tocsin administration"
    index_title = "Everything that can be administered"
    site_url = "/"
    enable_nav_sidebar = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take in what stands on our base. Apps of others bring pages that write past permission and ledger."""
        if admin_class is not None and issubclass(admin_class, PanelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return may_administer(request.actor)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one login. Who is logged in and sent here may not enter."""
        if request.user.is_authenticated:
            raise PermissionDenied("The admin panel is for people who administer something. Ask one of them.")
        target = request.GET.get("next") or reverse("admin:index")  # the login page checks where it leads
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': target})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one way to change a password, and the ledger knows of it."""
        return redirect("account_change_password")
