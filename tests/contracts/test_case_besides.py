"""Custom attributes, watchers, links, favourites and views of cases through the official client."""

from __future__ import annotations

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.case_management_api import CaseManagementApi
from datadog_api_client.v2.api.case_management_attribute_api import CaseManagementAttributeApi

from cases_app import actions
from cases_app.models import Case, CaseLink, CaseType, CaseWatcher, CustomAttribute, Project
from search_app.models import SavedView

NOBODY = "67d80aa3-36ff-44b9-a694-c501a7591737"
KIND = v2.CustomAttributeType


@pytest.fixture
def api(machine):
    return machine(CaseManagementApi)


@pytest.fixture
def attributes(machine):
    return machine(CaseManagementAttributeApi)


@pytest.fixture
def project(db) -> Project:
    return Project.objects.get(key="SEC")


@pytest.fixture
def kind(db) -> CaseType:
    return CaseType.objects.create(name="Investigation")


@pytest.fixture
def case(project, kind, analyst, acting) -> Case:
    return actions.create_case(actor=acting(analyst), project=project, title="Breach", type=kind)


def status_of(call, *args, **kwargs) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args, **kwargs)
    body = refusal.value.body  # which the client reads where it expects one
    assert isinstance(body, str) or isinstance(body["errors"][0], dict)
    return refusal.value.status


# --- custom attributes ---


def config(type=KIND.TEXT, is_multi=True, key="region", **more):
    given = v2.CustomAttributeConfigAttributesCreate(
        display_name="AWS Region", is_multi=is_multi, key=key, type=type, **more
    )
    resource = v2.CustomAttributeConfigResourceType.CUSTOM_ATTRIBUTE
    return v2.CustomAttributeConfigCreateRequest(data=v2.CustomAttributeConfigCreate(attributes=given, type=resource))


def config_edit(**given):
    return v2.CustomAttributeConfigUpdateRequest(
        data=v2.CustomAttributeConfigUpdate(
            attributes=v2.CustomAttributeConfigUpdateAttributes(**given),
            type=v2.CustomAttributeConfigResourceType.CUSTOM_ATTRIBUTE,
        )
    )


def saying(value, type=KIND.TEXT, is_multi=True):
    attributes = v2.CustomAttributeValue(type=type, is_multi=is_multi, value=value)
    return v2.CaseUpdateCustomAttributeRequest(
        data=v2.CaseUpdateCustomAttribute(attributes=attributes, type=v2.CaseResourceType.CASE)
    )


def test_custom_attributes_come_change_and_go(attributes, kind):
    made = attributes.create_custom_attribute_config(str(kind.uuid), config()).data
    assert (made.attributes.case_type_id, made.attributes.key) == (str(kind.uuid), "region")
    options = [v2.CustomAttributeSelectOption(value="us-east-1")]
    edit = config_edit(display_name="Region", type=KIND.SELECT, type_data=v2.CustomAttributeTypeData(options=options))
    changed = attributes.update_custom_attribute_config(str(kind.uuid), made.id, edit).data
    assert (changed.attributes.display_name, str(changed.attributes.type)) == ("Region", "SELECT")
    assert [one.id for one in attributes.get_all_custom_attributes().data] == [made.id]
    assert len(attributes.get_all_custom_attribute_configs_by_case_type(str(kind.uuid)).data) == 1
    attributes.delete_custom_attribute_config(str(kind.uuid), made.id)
    assert not CustomAttribute.objects.exists()


def test_custom_attributes_that_cannot_be(attributes, kind):
    wrong = config()
    wrong.data.attributes._data_store["type"] = "FLOAT"
    assert status_of(attributes.create_custom_attribute_config, str(kind.uuid), wrong) == 400
    assert status_of(attributes.create_custom_attribute_config, NOBODY, config()) == 404
    assert status_of(attributes.create_custom_attribute_config, str(kind.uuid), config(key="1 no")) == 400
    attributes.create_custom_attribute_config(str(kind.uuid), config())
    assert status_of(attributes.create_custom_attribute_config, str(kind.uuid), config()) == 400  # the key is taken
    assert status_of(attributes.delete_custom_attribute_config, str(kind.uuid), "not-an-uuid") == 400
    assert status_of(attributes.delete_custom_attribute_config, str(kind.uuid), NOBODY) == 404


def test_a_case_says_something_of_them(api, attributes, kind, case):
    attributes.create_custom_attribute_config(str(kind.uuid), config())
    attributes.create_custom_attribute_config(str(kind.uuid), config(KIND.NUMBER, False, "loss"))
    told = api.update_case_custom_attribute("SEC-1", "region", saying(["Abba", "The Cure"])).data
    assert told.attributes.custom_attributes["region"].value == ["Abba", "The Cure"]
    told = api.update_case_custom_attribute("SEC-1", "loss", saying(2.5, KIND.NUMBER, False)).data
    assert told.attributes.custom_attributes["loss"].value == 2.5
    told = api.delete_case_custom_attribute("SEC-1", "region").data
    assert set(told.attributes.custom_attributes) == {"loss"}


@pytest.mark.parametrize(
    "body",
    [
        saying(["x"], KIND.URL),  # of another kind than it is
        saying("x", is_multi=False),
        saying([]),
        saying([""]),
        saying([1.0, 2.4]),
    ],
)
def test_what_a_case_cannot_say(api, attributes, kind, case, body):
    attributes.create_custom_attribute_config(str(kind.uuid), config())
    assert status_of(api.update_case_custom_attribute, "SEC-1", "region", body) == 400
    assert status_of(api.update_case_custom_attribute, "SEC-1", "invalid_key", saying(["x"])) == 404
    assert status_of(api.delete_case_custom_attribute, "SEC-1", "invalid_key") == 404


def test_a_case_begins_with_them(api, attributes, kind, project):
    attributes.create_custom_attribute_config(str(kind.uuid), config())
    value = v2.CustomAttributeValue(type=KIND.TEXT, is_multi=True, value=["eu-1"])
    project_data = v2.ProjectRelationshipData(id=str(project.uuid), type=v2.ProjectResourceType.PROJECT)
    body = v2.CaseCreateRequest(
        data=v2.CaseCreate(
            type=v2.CaseResourceType.CASE,
            attributes=v2.CaseCreateAttributes(
                title="New", type_id=str(kind.uuid), custom_attributes={"region": value}
            ),
            relationships=v2.CaseCreateRelationships(project=v2.ProjectRelationship(data=project_data)),
        )
    )
    assert api.create_case(body).data.attributes.custom_attributes["region"].value == ["eu-1"]
    body.data.attributes.custom_attributes = {"odd": value}
    assert status_of(api.create_case, body) == 400


# --- watchers, links, favourites ---


def test_watchers_come_and_go(api, case, analyst, responder):
    for user in (analyst, responder):
        api.watch_case("SEC-1", str(user.uuid))
    api.watch_case("SEC-1", str(analyst.uuid))
    told = api.list_case_watchers("SEC-1").data
    assert [one.relationships.user.data.id for one in told] == [str(analyst.uuid), str(responder.uuid)]
    api.unwatch_case("SEC-1", str(analyst.uuid))
    assert CaseWatcher.objects.get().user == responder
    assert status_of(api.watch_case, "SEC-1", NOBODY) == 404
    assert status_of(api.watch_case, "SEC-1", "nobody") == 400
    assert status_of(api.list_case_watchers, NOBODY) == 404


def test_who_may_only_read_watches_for_themselves_alone(machine_of, viewer, analyst, case):
    api = machine_of(viewer)(CaseManagementApi)
    api.watch_case("SEC-1", str(viewer.uuid))
    assert status_of(api.watch_case, "SEC-1", str(analyst.uuid)) == 403
    assert CaseWatcher.objects.get().user == viewer


def link(parent, child, relationship="BLOCKS", kind="CASE"):
    return v2.CaseLinkCreateRequest(
        data=v2.CaseLinkCreate(
            attributes=v2.CaseLinkAttributes(
                child_entity_id=child,
                child_entity_type=kind,
                parent_entity_id=parent,
                parent_entity_type="CASE",
                relationship=relationship,
            ),
            type=v2.CaseLinkResourceType.LINK,
        )
    )


def test_links_come_and_go(api, case, project, analyst, acting):
    other = actions.create_case(actor=acting(analyst), project=project, title="Other")
    made = api.create_case_link(link("SEC-1", str(other.uuid))).data
    assert (made.attributes.parent_entity_id, made.attributes.relationship) == (str(case.uuid), "BLOCKS")
    for entity in ("SEC-1", str(other.uuid)):
        assert [one.id for one in api.list_case_links("CASE", entity).data] == [made.id]
    assert api.list_case_links("CASE", "SEC-1", relationship="CAUSES").data == []
    assert status_of(api.create_case_link, link("SEC-1", "SEC-2")) == 409
    api.create_case_link(link("SEC-1", "SEC-2", "RELATES_TO"))
    assert status_of(api.create_case_link, link("SEC-2", "SEC-1", "RELATES_TO")) == 409  # it goes both ways
    api.delete_case_link(made.id)
    assert CaseLink.objects.count() == 1
    assert status_of(api.delete_case_link, made.id) == 404


def test_links_that_cannot_be(api, case):
    assert status_of(api.create_case_link, link("SEC-1", NOBODY)) == 404
    assert status_of(api.create_case_link, link("SEC-1", "SEC-1")) == 400
    assert status_of(api.create_case_link, link("SEC-1", NOBODY, "HATES")) == 400
    assert status_of(api.create_case_link, link("SEC-1", NOBODY, kind="PAGE")) == 400
    assert status_of(api.list_case_links, "PAGE", "SEC-1") == 400
    assert status_of(api.list_case_links, "CASE", NOBODY) == 404
    assert status_of(api.delete_case_link, "not-an-uuid") == 400


def test_favourites_are_ones_own(api, machine_of, responder, project):
    api.favorite_case_project(str(project.uuid))
    api.favorite_case_project(str(project.uuid))
    assert [one.id for one in api.list_user_case_project_favorites().data] == [str(project.uuid)]
    assert machine_of(responder)(CaseManagementApi).list_user_case_project_favorites().data == []
    api.unfavorite_case_project(str(project.uuid))
    assert api.list_user_case_project_favorites().data == []
    assert status_of(api.favorite_case_project, NOBODY) == 404


# --- views ---


def view(project, query="status:open priority:P1", name="Open and urgent"):
    attributes = v2.CaseViewCreateAttributes(name=name, project_id=str(project), query=query)
    return v2.CaseViewCreateRequest(data=v2.CaseViewCreate(attributes=attributes, type=v2.CaseViewResourceType.VIEW))


def view_edit(**given):
    return v2.CaseViewUpdateRequest(
        data=v2.CaseViewUpdate(attributes=v2.CaseViewUpdateAttributes(**given), type=v2.CaseViewResourceType.VIEW)
    )


def test_views_are_saved_views_of_the_explorer(api, project, analyst):
    made = api.create_case_view(view(project.uuid)).data
    assert (made.attributes.query, made.relationships.project.data.id) == ("status:open priority:P1", str(project.uuid))
    row = SavedView.objects.get()
    assert (row.owner, row.configuration["query"]) == (analyst, "project:SEC (status:open priority:P1)")
    assert [one.id for one in api.list_case_views(str(project.uuid)).data] == [made.id]
    changed = api.update_case_view(made.id, view_edit(name="Late", query="due:<now")).data
    assert (changed.attributes.name, changed.attributes.query) == ("Late", "due:<now")
    assert api.update_case_view(made.id, view_edit()).data.attributes.name == "Late"
    api.delete_case_view(made.id)
    assert status_of(api.get_case_view, made.id) == 404


def test_a_view_that_somebody_saved_in_the_browser_is_one_of_its_project(api, project, analyst):
    for query in ("project:SEC status:open", "status:open", "project:WEB"):
        SavedView.objects.create(surface="cases", name=query, owner=analyst, configuration={"query": query})
    assert [one.attributes.query for one in api.list_case_views(str(project.uuid)).data] == ["status:open"]


def test_views_that_cannot_be(api, project):
    assert status_of(api.create_case_view, view(NOBODY)) == 404
    assert status_of(api.create_case_view, view(project.uuid, query="status:(")) == 400
    assert status_of(api.create_case_view, view(project.uuid, query="a) OR (b")) == 400
    assert status_of(api.list_case_views, "x") == 400
    assert status_of(api.get_case_view, "not-an-uuid") == 400


# --- who is told ---


def rule(model, data, attributes, **given):
    resource = v2.CaseNotificationRuleResourceType.NOTIFICATION_RULE
    data = getattr(v2, data)(attributes=getattr(v2, attributes)(**given), type=resource)
    return getattr(v2, model)(data=data)


NEW_RULE = ("CaseNotificationRuleCreateRequest", "CaseNotificationRuleCreate", "CaseNotificationRuleCreateAttributes")
RULE_EDIT = ("CaseNotificationRuleUpdateRequest", "CaseNotificationRuleUpdate", "CaseNotificationRuleAttributes")


def told_by(kind="EMAIL", **data):
    return v2.CaseNotificationRuleRecipient(type=kind, data=v2.CaseNotificationRuleRecipientData(**data))


def when(kind="CASE_CREATED", **data):
    return v2.CaseNotificationRuleTrigger(type=kind, data=v2.CaseNotificationRuleTriggerData(**data))


def test_rules_of_a_project_come_change_and_go(api, project):
    name = str(project.uuid)
    made = api.create_project_notification_rule(name, rule(*NEW_RULE, recipients=[told_by()], triggers=[when()])).data
    assert made.attributes.is_enabled
    edit = rule(
        *RULE_EDIT,
        is_enabled=False,
        recipients=[told_by(email="ana@example.test")],
        triggers=[when("STATUS_TRANSITIONED", to_status="CLOSED")],
        query="priority:P1",
    )
    api.update_project_notification_rule(name, made.id, edit)
    (told,) = api.get_project_notification_rules(name).data
    assert (told.id, told.attributes.query, told.attributes.is_enabled) == (made.id, "priority:P1", False)
    assert told.attributes.recipients[0].data.email == "ana@example.test"
    assert told.attributes.triggers[0].data.to_status == "CLOSED"
    api.delete_project_notification_rule(name, made.id)
    assert api.get_project_notification_rules(name).data == []
    assert status_of(api.delete_project_notification_rule, name, made.id) == 404
    assert status_of(api.get_project_notification_rules, NOBODY) == 404


@pytest.mark.parametrize(
    "changes",
    [
        {"recipients": [told_by("SLACK_CHANNEL", channel="#x")]},
        {"recipients": []},
        {"triggers": [when("ODD")]},
        {"query": "status:("},
    ],
)
def test_rules_of_a_project_that_cannot_be(api, project, changes):
    body = rule(*NEW_RULE, **{"recipients": [told_by()], "triggers": [when()]} | changes)
    assert status_of(api.create_project_notification_rule, str(project.uuid), body) == 400
    assert not project.rules.exists()
