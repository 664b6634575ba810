"""When nobody is told of what happens to cases, through the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.case_management_api import CaseManagementApi

from cases_app.models import MaintenanceWindow

WINDOW = v2.MaintenanceWindowResourceType.MAINTENANCE_WINDOW
BEGIN, END = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 1, 6, tzinfo=UTC)
NOBODY = UUID(int=1)


@pytest.fixture
def api(machine):
    return machine(CaseManagementApi)


def status_of(call, *args) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args)
    assert refusal.value.body["errors"]
    return refusal.value.status


def window(**changes):
    given = {"name": "Weekly maintenance", "query": "project:SEC", "start_at": BEGIN, "end_at": END} | changes
    attributes = v2.MaintenanceWindowCreateAttributes(**given)
    return v2.MaintenanceWindowCreateRequest(data=v2.MaintenanceWindowCreate(attributes=attributes, type=WINDOW))


def edit(**given):
    attributes = v2.MaintenanceWindowUpdateAttributes(**given)
    return v2.MaintenanceWindowUpdateRequest(data=v2.MaintenanceWindowUpdate(attributes=attributes, type=WINDOW))


def test_windows_come_change_and_go(api, analyst):
    made = api.create_maintenance_window(window()).data
    assert (made.attributes.start_at, made.attributes.end_at) == (BEGIN, END)
    assert made.attributes.created_by == str(analyst.uuid)
    changed = api.update_maintenance_window(made.id, edit(name="Longer", end_at=END.replace(hour=8))).data
    assert (changed.attributes.name, changed.attributes.query) == ("Longer", "project:SEC")
    assert api.update_maintenance_window(made.id, edit()).data.attributes.name == "Longer"
    assert [one.id for one in api.list_maintenance_windows().data] == [made.id]
    api.delete_maintenance_window(made.id)
    assert api.list_maintenance_windows().data == []


def test_windows_that_cannot_be(api):
    for wrong in ({"end_at": BEGIN}, {"query": "(("}, {"query": ""}, {"name": ""}, {"name": "x" * 201}):
        assert status_of(api.create_maintenance_window, window(**wrong)) == 400
    made = api.create_maintenance_window(window()).data
    assert status_of(api.update_maintenance_window, made.id, edit(end_at=BEGIN)) == 400
    assert status_of(api.update_maintenance_window, str(NOBODY), edit(name="x")) == 404
    assert status_of(api.delete_maintenance_window, str(NOBODY)) == 404
    assert status_of(api.delete_maintenance_window, "odd") == 400
    assert MaintenanceWindow.objects.count() == 1


def test_who_may_not_change_settings_keeps_nothing_quiet(machine_of, viewer):
    api = machine_of(viewer)(CaseManagementApi)
    assert api.list_maintenance_windows().data == []
    assert status_of(api.create_maintenance_window, window()) == 403
