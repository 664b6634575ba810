"""Handles that declare incidents, and what is settled for all of them, through the official client."""

from __future__ import annotations

import pytest
import requests
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from accounts_app.models import Membership, Team
from core_app.delivery import deliver_due
from core_app.models import Entry
from incidents_app.models import Incident, IncidentHandle, IncidentType

NOBODY = "00000000-0000-0000-0000-000000000001"
HANDLE = v2.IncidentHandleType.INCIDENTS_HANDLES


@pytest.fixture
def api(machine):
    return machine(IncidentsApi)


@pytest.fixture
def kind(db) -> IncidentType:
    return IncidentType.objects.get(is_default=True)


def status_of(call, *args, **kwargs) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    assert isinstance(refusal.value.body["errors"][0], dict | str)
    return refusal.value.status


def to_one(uuid, type="incident_types"):
    return v2.IncidentHandleRelationship(data=v2.IncidentHandleRelationshipData(id=str(uuid), type=type))


def handle(name="@incident-sev-1", severity=("SEV-1",), kind=None, leader=None, id=None):
    more = {"id": str(id)} if id else {}
    if kind:
        commander = {"commander_user": to_one(leader)} if leader else {}
        more["relationships"] = v2.IncidentHandleRelationshipsRequest(incident_type=to_one(kind), **commander)
    fields = v2.IncidentHandleAttributesFields(severity=list(severity))
    attributes = v2.IncidentHandleAttributesRequest(fields=fields, name=name)
    return v2.IncidentHandleRequest(data=v2.IncidentHandleDataRequest(attributes=attributes, type=HANDLE, **more))


def test_handles_come_change_and_go(api, kind, analyst, responder):
    made = api.create_global_incident_handle(handle(kind=kind.uuid, leader=responder.uuid), include="commander_user")
    assert made.data.attributes.fields.severity == ["SEV-1"]
    assert made.data.relationships.commander_user.data.id == str(responder.uuid)
    assert made.included[0].id == str(responder.uuid)
    edit = handle("@incident-bad", ["SEV-1", "SEV-2"], kind.uuid, id=made.data.id)
    changed = api.update_global_incident_handle(edit, include="incident_type,created_by_user").data
    assert (changed.attributes.name, changed.attributes.fields.severity) == ("@incident-bad", ["SEV-1", "SEV-2"])
    assert "commander_user" not in changed.relationships
    assert [one.id for one in api.list_global_incident_handles(include="incident_type").data] == [made.data.id]
    api.delete_global_incident_handle()
    assert api.list_global_incident_handles().data == []
    assert status_of(api.delete_global_incident_handle) == 404


def test_of_several_handles_one_is_named(api, machine):
    api.create_global_incident_handle(handle())
    second = api.create_global_incident_handle(handle("@incident-sev-2")).data
    assert status_of(api.delete_global_incident_handle) == 400
    address = f"{machine.url}/api/v2/incidents/config/global/incident-handles"
    assert requests.delete(f"{address}?id=odd", headers=machine.headers, timeout=30).status_code == 400
    assert requests.delete(f"{address}?id={NOBODY}", headers=machine.headers, timeout=30).status_code == 404
    assert requests.delete(f"{address}?id={second.id}", headers=machine.headers, timeout=30).status_code == 204
    assert IncidentHandle.objects.get().name == "@incident-sev-1"


def test_handles_that_cannot_be(api, kind):
    api.create_global_incident_handle(handle("@taken"))
    for given, status in (
        ({"name": "@Taken"}, 400),
        ({"name": "without"}, 400),
        ({"name": ""}, 400),
        ({"severity": ["SEV-9"]}, 400),
        ({"kind": NOBODY}, 404),
        ({"kind": kind.uuid, "leader": NOBODY}, 404),
    ):
        assert status_of(api.create_global_incident_handle, handle(**given)) == status
    assert status_of(api.update_global_incident_handle, handle(id=NOBODY)) == 404
    assert status_of(api.update_global_incident_handle, handle()) == 400
    assert IncidentHandle.objects.count() == 1


def incident_with(*handles, **fields):
    named = [v2.IncidentNotificationHandle(display_name="x", handle=one) for one in handles]
    attributes = v2.IncidentCreateAttributes(
        title="Attack", customer_impacted=False, notification_handles=named, **fields
    )
    data = v2.IncidentCreateData(attributes=attributes, type=v2.IncidentType.INCIDENTS)
    return v2.IncidentCreateRequest(data=data)


def test_an_incident_is_declared_by_a_handle_and_those_it_names_are_told(api, kind, analyst, responder, admin):
    api.create_global_incident_handle(handle(kind=kind.uuid, leader=admin.uuid))
    team = Team.objects.create(name="On call", handle="on-call")
    Membership.objects.create(team=team, user=responder)
    made = api.create_incident(incident_with("@Incident-Sev-1", "@on-call", "@slack-channel", "@workflow-x")).data
    assert str(made.attributes.severity) == "SEV-1"
    assert made.relationships.commander_user.data.id == str(admin.uuid)
    deliver_due()
    assert responder.notifications.get().text.endswith("tells you of incident #1, SEV-1: Attack")
    severity = v2.IncidentFieldAttributesSingleValue(
        type=v2.IncidentFieldAttributesSingleValueType.DROPDOWN, value="SEV-4"
    )
    other = api.create_incident(incident_with("@incident-sev-1", fields={"severity": severity})).data
    assert str(other.attributes.severity) == "SEV-4"


def edit_with(api, made, *handles, **fields):
    named = [v2.IncidentNotificationHandle(handle=one) for one in handles]
    attributes = v2.IncidentUpdateAttributes(notification_handles=named, **fields)
    data = v2.IncidentUpdateData(id=made.id, type=v2.IncidentType.INCIDENTS, attributes=attributes)
    api.update_incident(made.id, v2.IncidentUpdateRequest(data=data))
    deliver_due()


def test_those_whom_an_edit_names_are_told(api, responder):
    made = api.create_incident(incident_with()).data
    edit_with(api, made, f"@{responder.email}", title="Attack!")
    assert "Attack!" in responder.notifications.get().text
    assert Incident.objects.get().title == "Attack!"


def test_an_edit_tells_those_alone_who_are_new_to_the_incident(api, responder, viewer):
    made = api.create_incident(incident_with(f"@{responder.email}")).data
    deliver_due()
    edit_with(api, made, f"@{responder.email.upper()}", title="Attack!")
    edit_with(api, made, f"@{responder.email}", f"@{viewer.email}")
    edit_with(api, made, f"@{viewer.email}", f"@{responder.email}", title="Attack again")
    assert (responder.notifications.count(), viewer.notifications.count()) == (1, 1)
    told = Entry.objects.filter(verb="incidents.told").order_by("pk").values_list("data__handles", flat=True)
    assert list(told) == [[f"@{responder.email}"], [f"@{viewer.email}"]]


def settings(**given):
    attributes = v2.GlobalIncidentSettingsAttributesRequest(**given)
    data = v2.GlobalIncidentSettingsDataRequest(
        attributes=attributes, type=v2.GlobalIncidentSettingsType.INCIDENTS_GLOBAL_SETTINGS
    )
    return v2.GlobalIncidentSettingsRequest(data=data)


def test_what_is_settled_for_all_incidents(api):
    assert api.get_global_incident_settings().data.attributes.analytics_dashboard_id == ""
    told = api.update_global_incident_settings(settings(analytics_dashboard_id="abc-123-def")).data
    assert told.attributes.analytics_dashboard_id == "abc-123-def"
    assert api.update_global_incident_settings(settings()).data.id == told.id
    assert api.get_global_incident_settings().data.attributes.analytics_dashboard_id == "abc-123-def"
    assert status_of(api.update_global_incident_settings, settings(analytics_dashboard_id="x" * 201)) == 400


def test_who_may_not_change_settings_settles_nothing(machine_of, viewer):
    api = machine_of(viewer)(IncidentsApi)
    assert api.list_global_incident_handles().data == []
    assert api.get_global_incident_settings().data.attributes.analytics_dashboard_id == ""
    assert status_of(api.create_global_incident_handle, handle()) == 403
    assert status_of(api.delete_global_incident_handle) == 403
    assert status_of(api.update_global_incident_settings, settings(analytics_dashboard_id="x")) == 403
