"""Who is told of incidents, and where else they are worked on, through the official client."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.incidents_api import IncidentsApi

from incidents_app import actions
from incidents_app.models import IncidentType, Integration, NotificationRule, NotificationTemplate, PostmortemTemplate

NOBODY = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def api(machine):
    return machine(IncidentsApi)


@pytest.fixture
def kind(db) -> IncidentType:
    return IncidentType.objects.get(is_default=True)


def type_relation(kind):
    data = v2.RelationshipToIncidentTypeData(id=str(kind), type=v2.IncidentTypeType.INCIDENT_TYPES)
    return v2.RelationshipToIncidentType(data=data)


def status_of(call, *args, **kwargs) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    assert isinstance(refusal.value.body["errors"][0], dict | str)
    return refusal.value.status


# --- channels and tickets ---


def slack(name, url="https://slack.com/app_redirect?channel=C01&team=T01"):
    channel = v2.SlackIntegrationMetadataChannelItem(
        channel_id="C01", channel_name=name, team_id="T01", redirect_url=url
    )
    return v2.SlackIntegrationMetadata(channels=[channel])


def integration(body, data, incident, metadata):
    attributes = v2.IncidentIntegrationMetadataAttributes(
        incident_id=str(incident), integration_type=1, metadata=metadata
    )
    kind = v2.IncidentIntegrationMetadataType.INCIDENT_INTEGRATIONS
    return getattr(v2, body)(data=getattr(v2, data)(attributes=attributes, type=kind))


CREATE = ("IncidentIntegrationMetadataCreateRequest", "IncidentIntegrationMetadataCreateData")
PATCH = ("IncidentIntegrationMetadataPatchRequest", "IncidentIntegrationMetadataPatchData")


def test_integrations_come_change_and_go(api, analyst, acting):
    incident = str(actions.declare(actor=acting(analyst), title="Attack").uuid)
    made = api.create_incident_integration(incident, integration(*CREATE, incident, slack("#new-channel"))).data
    assert made.attributes.metadata.channels[0].channel_name == "#new-channel"
    (listed,) = api.list_incident_integrations(incident).data
    assert (listed.id, listed.attributes.incident_id) == (made.id, incident)
    api.update_incident_integration(incident, made.id, integration(*PATCH, incident, slack("#updated")))
    told = api.get_incident_integration(incident, made.id).data
    assert told.attributes.metadata.channels[0].channel_name == "#updated"
    api.delete_incident_integration(incident, made.id)
    assert status_of(api.get_incident_integration, incident, made.id) == 404
    assert not Integration.objects.exists()


@pytest.mark.parametrize(
    "metadata",
    [
        slack("#new", url="javascript:alert(1)"),
        v2.JiraIntegrationMetadata(issues=[{"account": "a", "project_key": "P", "redirect_url": "nowhere"}]),
        {"channels": [], "issues": []},
        {"rooms": []},
        {"channels": ["x"]},
    ],
)
def test_integrations_that_cannot_be(api, analyst, acting, metadata):
    incident = str(actions.declare(actor=acting(analyst), title="Attack").uuid)
    body = integration(*CREATE, incident, slack("#new"))
    body.data.attributes._data_store["metadata"] = metadata
    assert status_of(api.create_incident_integration, incident, body) == 400
    assert status_of(api.create_incident_integration, NOBODY, integration(*CREATE, NOBODY, slack("#new"))) == 404
    assert not Integration.objects.exists()


# --- what is said ---


def template(body, data, attributes, more=None, **given):
    kind = v2.IncidentNotificationTemplateType.NOTIFICATION_TEMPLATES
    data = getattr(v2, data)(attributes=getattr(v2, attributes)(**given), type=kind, **(more or {}))
    return getattr(v2, body)(data=data)


NEW_TEMPLATE = (
    "CreateIncidentNotificationTemplateRequest",
    "IncidentNotificationTemplateCreateData",
    "IncidentNotificationTemplateCreateAttributes",
)
WORDS = {"category": "alert", "content": "An incident.", "name": "Alert", "subject": "SEV-2 Incident"}


def new_template(kind, **changes):
    relation = v2.IncidentNotificationTemplateCreateDataRelationships(incident_type=type_relation(kind))
    return template(*NEW_TEMPLATE, {"relationships": relation}, **WORDS | changes)


def template_edit(uuid, /, **given):
    return template(
        "PatchIncidentNotificationTemplateRequest",
        "IncidentNotificationTemplateUpdateData",
        "IncidentNotificationTemplateUpdateAttributes",
        {"id": UUID(str(uuid))},
        **given,
    )


def test_templates_come_change_and_go(api, kind, analyst):
    made = api.create_incident_notification_template(new_template(kind.uuid)).data
    assert (made.attributes.name, made.attributes.category) == ("Alert", "alert")
    assert made.relationships.incident_type.data.id == str(kind.uuid)
    edit = template_edit(made.id, name="Update", category="update")
    changed = api.update_incident_notification_template(made.id, edit).data
    assert (changed.attributes.name, changed.attributes.subject) == ("Update", WORDS["subject"])
    listed = api.list_incident_notification_templates(filter_incident_type=kind.uuid, include="created_by_user")
    assert [one.id for one in listed.data] == [made.id]
    assert listed.included[0].attributes.handle == analyst.email
    assert api.list_incident_notification_templates(filter_incident_type=UUID(NOBODY)).data == []
    api.delete_incident_notification_template(made.id)
    assert status_of(api.get_incident_notification_template, made.id) == 404


def test_templates_that_cannot_be(api, kind):
    assert status_of(api.create_incident_notification_template, new_template(NOBODY)) == 404
    wrong = new_template(kind.uuid)
    wrong.data._data_store["type"] = "invalid_type"
    assert status_of(api.create_incident_notification_template, wrong) == 400
    assert status_of(api.create_incident_notification_template, new_template(kind.uuid, subject="a\nb")) == 400
    assert status_of(api.update_incident_notification_template, UUID(NOBODY), template_edit(NOBODY, name="x")) == 404
    assert not NotificationTemplate.objects.exists()


# --- who is told ---


def attributes(model, **changes):
    given = {
        "conditions": [v2.IncidentNotificationRuleConditionsItems(field="severity", values=["SEV-1", "SEV-2"])],
        "handles": ["@test-email@company.com"],
        "visibility": v2.IncidentNotificationRuleCreateAttributesVisibility.ORGANIZATION,
        "trigger": "incident_created_trigger",
        "enabled": True,
    }
    return model(**given | changes)


def relations(kind, words=None):
    more = {}
    if words:
        data = v2.RelationshipToIncidentNotificationTemplateData(
            id=UUID(str(words)), type=v2.IncidentNotificationTemplateType.NOTIFICATION_TEMPLATES
        )
        more = {"notification_template": v2.RelationshipToIncidentNotificationTemplate(data=data)}
    return v2.IncidentNotificationRuleCreateDataRelationships(incident_type=type_relation(kind), **more)


RULE = v2.IncidentNotificationRuleType.INCIDENT_NOTIFICATION_RULES


def new_rule(kind, words=None, **changes):
    data = v2.IncidentNotificationRuleCreateData(
        attributes=attributes(v2.IncidentNotificationRuleCreateAttributes, **changes),
        relationships=relations(kind, words),
        type=RULE,
    )
    return v2.CreateIncidentNotificationRuleRequest(data=data)


def rule_edit(name, kind, **changes):
    data = v2.IncidentNotificationRuleUpdateData(
        attributes=attributes(v2.IncidentNotificationRuleCreateAttributes, **changes),
        relationships=relations(kind),
        id=UUID(str(name)),
        type=RULE,
    )
    return v2.PutIncidentNotificationRuleRequest(data=data)


def test_rules_come_change_and_go(api, kind):
    words = api.create_incident_notification_template(new_template(kind.uuid)).data.id
    made = api.create_incident_notification_rule(new_rule(kind.uuid, words, renotify_on=["status"])).data
    assert made.attributes.enabled and str(made.attributes.visibility) == "organization"
    told = api.get_incident_notification_rule(made.id, include="incident_type,notification_template")
    assert {str(one.type) for one in told.included} == {"incident_types", "notification_templates"}
    private = v2.IncidentNotificationRuleCreateAttributesVisibility.PRIVATE
    edit = rule_edit(made.id, kind.uuid, enabled=False, visibility=private, trigger="incident_modified_trigger")
    changed = api.update_incident_notification_rule(made.id, edit).data
    assert (changed.attributes.enabled, str(changed.attributes.visibility)) == (False, "private")
    assert "notification_template" not in changed.relationships and changed.attributes.renotify_on == []
    assert [one.id for one in api.list_incident_notification_rules().data] == [made.id]
    api.delete_incident_notification_rule(made.id)
    assert status_of(api.delete_incident_notification_rule, made.id) == 404


def test_rules_that_cannot_be(api, kind):
    wrong = new_rule(NOBODY)
    wrong.data._data_store["type"] = "invalid_type"
    assert status_of(api.create_incident_notification_rule, wrong) == 400
    assert status_of(api.create_incident_notification_rule, new_rule(NOBODY)) == 404
    assert status_of(api.create_incident_notification_rule, new_rule(kind.uuid, NOBODY)) == 404
    assert status_of(api.create_incident_notification_rule, new_rule(kind.uuid, trigger="odd")) == 400
    assert status_of(api.create_incident_notification_rule, new_rule(kind.uuid, handles=[])) == 400
    with pytest.raises(NotFoundException):
        api.update_incident_notification_rule(UUID(NOBODY), rule_edit(NOBODY, kind.uuid))
    assert not NotificationRule.objects.exists()


def test_who_may_not_change_settings_changes_none(machine_of, viewer, kind):
    api = machine_of(viewer)(IncidentsApi)
    assert api.list_incident_notification_rules().data == []
    assert status_of(api.create_incident_notification_rule, new_rule(kind.uuid)) == 403
    assert status_of(api.create_incident_notification_template, new_template(kind.uuid)) == 403


# --- postmortems ---


def headings(kind=None, type=v2.PostmortemTemplateType.POSTMORTEM_TEMPLATES, **given):
    more = {}
    if kind:
        data = v2.PostmortemTemplateIncidentTypeRelationshipData(id=UUID(str(kind)), type="incident_types")
        relation = v2.PostmortemTemplateIncidentTypeRelationship(data=data)
        more = {"relationships": v2.PostmortemTemplateCreateRelationships(incident_type=relation)}
    attributes = v2.PostmortemTemplateAttributesRequest(**given)
    return v2.PostmortemTemplateRequest(data=v2.PostmortemTemplateDataRequest(attributes=attributes, type=type, **more))


def test_postmortem_templates_come_change_and_go(api, kind):
    made = api.create_incident_postmortem_template(headings(kind.uuid, name="Standard", content="# Overview")).data
    assert (made.attributes.content, str(made.attributes.location)) == ("# Overview", "datadog_notebooks")
    usual = headings(name="Usual", type=v2.PostmortemTemplateType.POSTMORTEM_TEMPLATE)
    assert "# Timeline" in api.create_incident_postmortem_template(usual).data.attributes.content
    now = datetime(2026, 1, 1, tzinfo=UTC)
    changed = api.update_incident_postmortem_template(made.id, headings(name="Better", is_default=now)).data
    assert (changed.attributes.name, changed.attributes.is_default) == ("Better", now)
    assert changed.attributes.content == "# Overview"
    assert [one.attributes.name for one in api.list_incident_postmortem_templates().data] == ["Better", "Usual"]
    api.delete_incident_postmortem_template(made.id)
    assert status_of(api.get_incident_postmortem_template, made.id) == 404


def test_postmortem_templates_that_cannot_be(api, kind):
    assert status_of(api.create_incident_postmortem_template, headings(NOBODY, name="x")) == 404
    assert status_of(api.create_incident_postmortem_template, headings(name="")) == 400
    elsewhere = headings(name="x", location=v2.PostmortemTemplateLocation.CONFLUENCE)
    assert status_of(api.create_incident_postmortem_template, elsewhere) == 400
    assert status_of(api.update_incident_postmortem_template, NOBODY, headings(name="x")) == 404
    assert not PostmortemTemplate.objects.exists()
