"""When nobody is told of what happens to cases."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from accounts_app.access import require
from cases_app import actions
from cases_app.models import MaintenanceWindow
from core_app.errors import NotFound
from datadog_app import case_shapes as shapes
from datadog_app.api.case_door import READ, SETTINGS, TAG, CaseDoor
from datadog_app.describing import operation
from datadog_app.reading import given
from datadog_app.serializers.case_settings import WindowCreate, WindowEdit, told_window


class MaintenanceWindows(CaseDoor):
    """`GET` and `POST /api/v2/maintenance_windows`."""

    @operation(TAG, "List maintenance windows", answer=shapes.WINDOWS)
    def get(self, request: Request) -> Response:
        require(request.actor, READ)
        rows = MaintenanceWindow.objects.visible_to(request.actor).select_related("created_by", "modified_by")
        return Response({"data": [told_window(row) for row in rows]})

    @operation(TAG, "Create a maintenance window", body=WindowCreate, answer=shapes.WINDOW, status=201)
    def post(self, request: Request) -> Response:
        require(request.actor, SETTINGS)
        asked = given(request, WindowCreate)["data"]["attributes"]
        made = actions.create_maintenance_window(actor=request.actor, **asked)
        return Response({"data": told_window(made)}, status=201)


class MaintenanceWindowDetail(CaseDoor):
    """`PUT` and `DELETE /api/v2/maintenance_windows/{maintenance_window_id}`."""

    @operation(TAG, "Update a maintenance window", body=WindowEdit, answer=shapes.WINDOW)
    def put(self, request: Request, maintenance_window_id: str) -> Response:
        require(request.actor, SETTINGS)
        row = self.window(request, maintenance_window_id)
        asked = given(request, WindowEdit)["data"].get("attributes", {})
        changed = actions.edit_maintenance_window(actor=request.actor, window=row, **asked)
        return Response({"data": told_window(changed)})

    @operation(TAG, "Delete a maintenance window", status=204)
    def delete(self, request: Request, maintenance_window_id: str) -> Response:
        require(request.actor, SETTINGS)
        actions.delete_maintenance_window(actor=request.actor, window=self.window(request, maintenance_window_id))
        return Response(status=204)

    def window(self, request: Request, maintenance_window_id: str) -> MaintenanceWindow:
        name = self.named("maintenance_window_id", maintenance_window_id)
        row = MaintenanceWindow.objects.visible_to(request.actor).filter(uuid=name).first()
        if row is None:
            raise NotFound("maintenance window not found")
        return row
