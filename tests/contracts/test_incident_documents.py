"""Postmortems that are kept here, and moments that are set right, through the official client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from core_app.delivery import deliver_due
from incidents_app import actions
from incidents_app.models import Attachment, TimestampOverride

NOBODY = "00000000-0000-0000-0000-000000000001"
OVERRIDE = v2.IncidentTimestampOverrideType.INCIDENTS_TIMESTAMP_OVERRIDES
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def api(machine):
    return machine(IncidentsApi)


@pytest.fixture
def incident(db, analyst, acting):
    return actions.declare(actor=acting(analyst), title="Attack", summary="They came in.")


def status_of(call, *args, **kwargs) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    assert isinstance(refusal.value.body["errors"][0], dict)
    return refusal.value.status


# --- postmortems ---


def kept(**given):
    attributes = v2.PostmortemAttachmentRequestAttributes(**given)
    data = v2.PostmortemAttachmentRequestData(
        attributes=attributes, type=v2.IncidentAttachmentType.INCIDENT_ATTACHMENTS
    )
    return v2.PostmortemAttachmentRequest(data=data)


def cell(content):
    definition = v2.PostmortemCellDefinition(content=content)
    attributes = v2.PostmortemCellAttributes(definition=definition)
    return v2.PostmortemCell(attributes=attributes, id="cell-1", type=v2.PostmortemCellType.MARKDOWN)


def test_a_postmortem_is_kept_read_and_taken_away(api, machine, client, analyst, acting, incident):
    given = {"title": "Postmortem-IR-1", "content": "# Report", "cells": [cell("## Summary")]}
    made = api.create_incident_postmortem_attachment(str(incident.uuid), kept(**given)).data
    assert str(made.attributes.attachment_type) == "postmortem"
    address = made.attributes.attachment.document_url
    assert address.startswith(machine.url) and made.attributes.attachment.title == "Postmortem-IR-1"
    (listed,) = api.list_incident_attachments(str(incident.uuid)).data
    assert listed.attributes.attachment.document_url == address
    (included,) = api.get_incident(str(incident.uuid), include=[v2.IncidentRelatedObject.ATTACHMENTS]).included
    assert included.attributes.attachment.document_url == address
    client.force_login(analyst)
    page = client.get(address.removeprefix(machine.url)).content.decode()
    assert "Report</h" in page
    pieces = api.create_incident_postmortem_attachment(
        str(incident.uuid), kept(cells=[cell("## Summary"), cell("By hand.")])
    ).data
    assert Attachment.objects.get(uuid=pieces.id).content == "## Summary\n\nBy hand."
    link = v2.PatchAttachmentRequestDataAttributesAttachment(document_url=address, title="Better")
    data = v2.PatchAttachmentRequestData(
        attributes=v2.PatchAttachmentRequestDataAttributes(attachment=link),
        type=v2.IncidentAttachmentType.INCIDENT_ATTACHMENTS,
    )
    changed = api.update_incident_attachment(str(incident.uuid), made.id, v2.PatchAttachmentRequest(data=data)).data
    assert (changed.attributes.attachment.title, changed.attributes.attachment.document_url) == ("Better", address)
    link.document_url = "https://example.com/"
    assert (
        status_of(api.update_incident_attachment, str(incident.uuid), made.id, v2.PatchAttachmentRequest(data=data))
        == 400
    )
    api.delete_incident_attachment(str(incident.uuid), made.id)
    assert Attachment.objects.count() == 1


def test_a_postmortem_without_words_is_drafted(api, acting, analyst, incident):
    template = actions.create_postmortem_template(
        actor=acting(analyst), type=incident.type, name="Short", content="# What happened"
    )
    ours = api.create_incident_postmortem_attachment(str(incident.uuid), kept()).data
    assert Attachment.objects.get(uuid=ours.id).content.startswith("# Postmortem")
    by_it = kept(postmortem_template_id=str(template.uuid))
    theirs = api.create_incident_postmortem_attachment(str(incident.uuid), by_it).data
    assert Attachment.objects.get(uuid=theirs.id).content.strip() == "# What happened\n\nThey came in."


def test_postmortems_that_cannot_be(api, incident):
    call = api.create_incident_postmortem_attachment
    assert status_of(call, NOBODY, kept(content="x")) == 404
    assert status_of(call, str(incident.uuid), kept(postmortem_template_id=NOBODY)) == 404
    assert status_of(call, str(incident.uuid), kept(postmortem_template_id=f"{NOBODY}-123")) == 400
    assert status_of(call, str(incident.uuid), kept(title="x" * 301)) == 400
    assert not Attachment.objects.exists()


# --- moments ---


def override(kind, value):
    attributes = v2.IncidentTimestampOverrideDataAttributesRequest(
        timestamp_type=v2.IncidentTimestampType(kind), timestamp_value=value
    )
    data = v2.IncidentTimestampOverrideDataRequest(attributes=attributes, type=OVERRIDE)
    return v2.IncidentTimestampOverrideRequest(data=data)


def override_edit(uuid, value=None):
    more = {}
    if value:
        more = {"attributes": v2.IncidentTimestampOverridePatchDataAttributesRequest(timestamp_value=value)}
    data = v2.IncidentTimestampOverridePatchDataRequest(id=UUID(str(uuid)), type=OVERRIDE, **more)
    return v2.IncidentTimestampOverridePatchRequest(data=data)


def test_moments_are_overridden_changed_and_put_back(api, analyst, acting, incident):
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, state="resolved").one_or_raise()
    incident.refresh_from_db()
    noted = {kind: getattr(incident, f"{kind}_at") for kind in ("detected", "resolved", "declared")}
    made = {}
    for hours, kind in ((3, "detected"), (2, "declared"), (1, "resolved")):
        moment = noted[kind] - hours * AN_HOUR
        made[kind] = api.create_timestamp_override(str(incident.uuid), override(kind, moment)).data
        assert made[kind].attributes.timestamp_value == moment
        assert getattr(api.get_incident(str(incident.uuid)).data.attributes, kind) == moment
    listed = api.list_timestamp_overrides(str(incident.uuid))
    assert [str(one.attributes.timestamp_type) for one in listed.data] == ["detected", "declared", "resolved"]
    assert listed.included[0].id == str(analyst.uuid)
    earlier = noted["detected"] - 5 * AN_HOUR
    changed = api.update_timestamp_override(
        str(incident.uuid), made["detected"].id, override_edit(made["detected"].id, earlier)
    ).data
    assert changed.attributes.timestamp_value == earlier
    untouched = api.update_timestamp_override(
        str(incident.uuid), made["detected"].id, override_edit(made["detected"].id)
    ).data
    assert untouched.attributes.timestamp_value == earlier
    for one in reversed(made.values()):
        api.delete_timestamp_override(str(incident.uuid), one.id)
    incident.refresh_from_db()
    assert {kind: getattr(incident, f"{kind}_at") for kind in noted} == noted
    assert api.list_timestamp_overrides(str(incident.uuid)).data == []


def test_moments_that_cannot_be(api, incident):
    uuid = str(incident.uuid)
    now = datetime.now(UTC)
    create = api.create_timestamp_override
    made = create(uuid, override("declared", now - AN_HOUR)).data
    assert status_of(create, uuid, override("declared", now)) == 409
    assert status_of(create, uuid, override("resolved", now)) == 400
    assert status_of(create, uuid, override("detected", now + AN_HOUR)) == 400
    assert status_of(create, NOBODY, override("detected", now)) == 404
    assert status_of(api.list_timestamp_overrides, NOBODY) == 404
    assert status_of(api.update_timestamp_override, uuid, UUID(NOBODY), override_edit(NOBODY, now)) == 404
    assert status_of(api.update_timestamp_override, uuid, made.id, override_edit(NOBODY, now)) == 400
    assert status_of(api.delete_timestamp_override, uuid, UUID(NOBODY)) == 404
    assert status_of(api.delete_timestamp_override, uuid, UUID(int=0)) == 400
    assert TimestampOverride.objects.count() == 1


# --- what it is left out of ---

CONFIGURATION = v2.IncidentConfigurationType.INCIDENTS_CONFIGURATIONS


def configuration(**given):
    attributes = v2.IncidentConfigurationDataAttributesRequest(**given)
    data = v2.IncidentConfigurationDataRequest(attributes=attributes, type=CONFIGURATION)
    return v2.IncidentConfigurationRequest(data=data)


def configuration_edit(uuid, **given):
    attributes = v2.IncidentConfigurationPatchDataAttributesRequest(**given)
    data = v2.IncidentConfigurationPatchDataRequest(attributes=attributes, id=UUID(str(uuid)), type=CONFIGURATION)
    return v2.IncidentConfigurationPatchRequest(data=data)


def test_an_incident_is_left_out_of_what_is_said(api, client, acting, analyst, responder, incident):
    uuid = str(incident.uuid)
    actions.create_notification_rule(
        actor=acting(analyst), type=incident.type, trigger="incident_modified_trigger", handles=[responder.email]
    )
    deliver_due()
    made = api.create_incident_configuration(uuid, configuration(include_in_search=False)).data
    assert (made.attributes.include_in_search, made.attributes.include_in_analytics) == (False, True)
    assert api.search_incidents("title:Attack").data.attributes.total == 0
    assert api.list_incidents().data == []
    client.force_login(analyst)
    for query in ("", "?q=title:Attack"):
        assert client.get(f"/api/incidents/{query}").json()["count"] == 0
    assert client.get(f"/api/incidents/{incident.public_id}/").status_code == 200
    assert "Attack" not in client.get("/incidents/?range=90d").content.decode()
    assert "lists and searches" in client.get(f"/incidents/{incident.public_id}/").content.decode()
    assert api.get_incident(uuid).data.id == uuid
    assert client.get("/incidents/overview/").context["open_total"] == 1
    off = {"include_in_search": True, "include_in_analytics": False, "execute_notification_rules": False}
    changed = api.update_incident_configuration(uuid, configuration_edit(made.id, **off)).data
    assert changed.attributes.execute_notification_rules is False
    assert api.search_incidents("title:Attack").data.attributes.total == 1
    assert [str(one.id) for one in api.list_incidents().data] == [uuid]
    assert client.get("/incidents/overview/").context["open_total"] == 0
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, title="Attack!").one_or_raise()
    deliver_due()
    assert not responder.notifications.exists()
    api.update_incident_configuration(uuid, configuration_edit(made.id, execute_notification_rules=True))
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, title="Attack!!").one_or_raise()
    deliver_due()
    assert responder.notifications.count() == 1


def test_configurations_that_cannot_be(api, incident):
    uuid = str(incident.uuid)
    assert status_of(api.update_incident_configuration, uuid, configuration_edit(NOBODY)) == 404
    api.create_incident_configuration(uuid, configuration())
    assert status_of(api.create_incident_configuration, uuid, configuration()) == 409
    assert status_of(api.create_incident_configuration, NOBODY, configuration()) == 404
    wrong = configuration()
    wrong.data._data_store["type"] = "odd"
    assert status_of(api.create_incident_configuration, uuid, wrong) == 400


def test_a_private_incident_has_no_moments_and_documents_for_others(api, responder, acting):
    secret = actions.declare(actor=acting(responder), title="Secret", is_private=True)
    actions.override_timestamp(
        actor=acting(responder), incident=secret, kind="declared", value=datetime.now(UTC) - AN_HOUR
    )
    uuid = str(secret.uuid)
    assert status_of(api.list_timestamp_overrides, uuid) == 404
    assert status_of(api.create_timestamp_override, uuid, override("detected", datetime.now(UTC))) == 404
    assert status_of(api.create_incident_postmortem_attachment, uuid, kept(content="x")) == 404
    assert status_of(api.create_incident_configuration, uuid, configuration()) == 404


def test_who_may_not_write_sets_nothing_right(machine_of, viewer, incident):
    api = machine_of(viewer)(IncidentsApi)
    assert api.list_timestamp_overrides(str(incident.uuid)).data == []
    assert status_of(api.create_timestamp_override, str(incident.uuid), override("detected", datetime.now(UTC))) == 403
    assert status_of(api.create_incident_postmortem_attachment, str(incident.uuid), kept(content="x")) == 403
