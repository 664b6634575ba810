"""When nobody is told of what happens to cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts_app.access import require
from cases_app import actions
from cases_app.models import MaintenanceWindow
from cases_app.models.managers import READ, SETTINGS
from cases_app.views.parts import rights
from cases_app.window_forms import WindowForm
from core_app.errors import DomainError

PAGE = "cases_app/windows.html"


@require_http_methods(["GET", "POST"])
def window_list(request: HttpRequest) -> HttpResponse:
    """Every maintenance window; and one more."""
    require(request.actor, READ)
    if request.method == "POST":
        require(request.actor, SETTINGS)
    form = WindowForm(request.POST or None)

    def create(values: dict[str, Any]) -> None:
        actions.create_maintenance_window(actor=request.actor, **values)

    return _answer(request, form, create)


@require_http_methods(["GET", "POST"])
def window_edit(request: HttpRequest, window: UUID) -> HttpResponse:
    """Change one."""
    require(request.actor, SETTINGS)
    row = _window(request, window)
    initial = {name: getattr(row, name) for name in actions.WINDOW_FIELDS} | {"seen_version": row.version}
    form = WindowForm(request.POST or None, initial=initial)

    def edit(values: dict[str, Any]) -> None:
        seen = form.cleaned_data["seen_version"]
        actions.edit_maintenance_window(actor=request.actor, window=row, seen_version=seen, **values)

    return _answer(request, form, edit, row=row)


@require_POST
def window_delete(request: HttpRequest, window: UUID) -> HttpResponse:
    """Tell of everything again."""
    actions.delete_maintenance_window(actor=request.actor, window=_window(request, window))
    messages.success(request, "The maintenance window is gone.")
    return HttpResponseRedirect(reverse("cases:windows"))


def _window(request: HttpRequest, uuid: UUID) -> MaintenanceWindow:
    return get_object_or_404(MaintenanceWindow.objects.visible_to(request.actor), uuid=uuid)


def _answer(request: HttpRequest, form: WindowForm, deed: Any, row: MaintenanceWindow | None = None) -> HttpResponse:
    """The page, or the deed; what refuses it is told in the form, which keeps what was typed."""
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            deed(form.values)
        except DomainError as problem:
            status, field = problem.status, problem.data.get("field", "query")
            labels = {bound.name: bound.label for bound in form}
            form.add_error(field if field in form.fields else None, problem.worded(labels))
        else:
            messages.success(request, "The maintenance window is saved.")
            return HttpResponseRedirect(reverse("cases:windows"))
    windows = MaintenanceWindow.objects.visible_to(request.actor).select_related("created_by")
    context = {"form": form, "row": row, "windows": windows, **rights(request, SETTINGS)}
    return render(request, PAGE, context, status=status)
