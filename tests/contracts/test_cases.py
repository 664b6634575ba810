"""Cases through the official client: the public scenarios of their groups, and what else there is to do."""

from __future__ import annotations

import pytest
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v2 import models as v2
from datadog_api_client.v2.api.case_management_api import CaseManagementApi
from datadog_api_client.v2.api.case_management_attribute_api import CaseManagementAttributeApi
from datadog_api_client.v2.api.case_management_type_api import CaseManagementTypeApi

from cases_app import actions
from cases_app.models import Case, CaseType, Comment, Project
from incidents_app import actions as incidents
from incidents_app.models import IncidentCase
from tests.signals_app.factories import SignalFactory

NOBODY = "67d80aa3-36ff-44b9-a694-c501a7591737"
STANDARD = "00000000-0000-0000-0000-000000000001"
CASE = v2.CaseResourceType.CASE


@pytest.fixture
def api(machine):
    return machine(CaseManagementApi)


@pytest.fixture
def project(db) -> Project:
    return Project.objects.get(key="SEC")


@pytest.fixture
def case(project, analyst, acting) -> Case:
    return actions.create_case(actor=acting(analyst), project=project, title="Security breach investigation")


def relation_to(project):
    data = v2.ProjectRelationshipData(id=str(project), type=v2.ProjectResourceType.PROJECT)
    return v2.ProjectRelationship(data=data)


def user_relation(user):
    data = v2.NullableUserRelationshipData(id=str(user), type=v2.UserResourceType.USER)
    return v2.NullableUserRelationship(data=data)


def creation(project, assignee=None, **attributes):
    more = {"assignee": user_relation(assignee)} if assignee else {}
    return v2.CaseCreateRequest(
        data=v2.CaseCreate(
            type=CASE,
            attributes=v2.CaseCreateAttributes(title="Security breach", type_id=STANDARD, **attributes),
            relationships=v2.CaseCreateRelationships(project=relation_to(project), **more),
        )
    )


def empty(kind="case"):
    body = v2.CaseEmptyRequest(data=v2.CaseEmpty(type=CASE))
    if kind != "case":
        body.data._data_store["type"] = kind
    return body


def edit(request, data, attributes, /, **given):
    """The body of one of the many edits."""
    return getattr(v2, request)(data=getattr(v2, data)(type=CASE, attributes=getattr(v2, attributes)(**given)))


def status_of(call, *args) -> int:
    with pytest.raises(ApiException) as refusal:
        call(*args)
    assert isinstance(refusal.value.body["errors"][0], dict)
    return refusal.value.status


# --- made and found ---


def test_create_answers_with_the_whole_case(api, project, analyst):
    answer = api.create_case(creation(project.uuid, analyst.uuid, priority=v2.CasePriority.P2, description="Look"))
    attributes = answer.data.attributes
    assert (str(attributes.type), str(attributes.status), str(attributes.priority)) == ("STANDARD", "OPEN", "P2")
    assert (attributes.key, attributes.type_id, attributes.status_name) == ("SEC-1", STANDARD, "Open")
    assert answer.data.relationships.assignee.data.id == str(analyst.uuid)
    assert answer.included[0]["attributes"]["handle"] == analyst.email


def test_create_with_a_status_by_name(api, project):
    answer = api.create_case(creation(project.uuid, status_name="In Progress"))
    assert str(answer.data.attributes.status) == "IN_PROGRESS"
    assert status_of(api.create_case, creation(project.uuid, status_name="Odd")) == 400


def test_a_wrong_parameter_is_called_one(api):
    with pytest.raises(ApiException) as refusal:
        api.search_cases(page_size=101)
    assert refusal.value.body["errors"][0]["source"] == {"parameter": "page[size]"}
    assert refusal.value.headers["Content-Type"] == "application/vnd.api+json"


def test_create_with_who_or_what_is_not_there(api, project):
    with pytest.raises(NotFoundException) as refusal:
        api.create_case(creation(NOBODY, NOBODY))
    error = refusal.value.body["errors"][0]
    assert (error["code"], error["title"]) == ("resource_not_found", "project not found")
    wrong = creation(project.uuid, NOBODY)
    wrong.data.relationships.assignee.data._data_store["type"] = "userx"
    assert status_of(api.create_case, wrong) == 400


def test_get_by_uuid_and_by_key(api, case):
    assert api.get_case(str(case.uuid)).data.id == api.get_case("sec-1").data.id == str(case.uuid)
    assert status_of(api.get_case, NOBODY) == 404


def test_search_goes_through_pages(api, project, analyst, acting):
    made = [actions.create_case(actor=acting(analyst), project=project, title=f"No. {number}") for number in range(3)]
    actions.set_status(actor=acting(analyst), seen={case.pk: None for case in made}, to="CLOSED")
    actions.create_case(actor=acting(analyst), project=project, title="Open")
    found = api.search_cases_with_pagination(page_size=2, filter="status:closed")
    assert [one.id for one in found] == [str(case.uuid) for case in reversed(made)]
    meta = api.search_cases(page_size=2, filter="status:closed").meta
    assert meta.page.to_dict() == {"current": 1, "size": 2, "total": 2}
    assert meta["total_cases"] == 3


def test_search_sorts(api, project, analyst, acting):
    for priority in ("P3", "P1", "P5"):
        actions.create_case(actor=acting(analyst), project=project, title=priority, priority=priority)
    sort = v2.CaseSortableField.PRIORITY
    highest_first = api.search_cases(sort_field=sort, sort_asc=False)
    assert [str(one.attributes.priority) for one in highest_first.data] == ["P1", "P3", "P5"]
    assert str(api.search_cases(sort_field=sort, sort_asc=True).data[0].attributes.priority) == "P5"


def test_archived_ones_are_found_by_who_asks(api, case):
    api.archive_case(str(case.uuid), empty())
    assert api.search_cases().data == []
    assert len(api.search_cases(filter="archived:true").data) == 1


def test_count_and_aggregate(api, project, analyst, acting, case):
    actions.create_case(actor=acting(analyst), project=project, title="Two", priority="P1", assignee=analyst)
    groups = api.count_cases(group_bys="status,assignee").data.attributes.groups
    assert [(one.value, one.count) for one in groups[0].group_values] == [("OPEN", 2)]
    assert {(one.value, one.count) for one in groups[1].group_values} == {("none", 1), (analyst.email, 1)}
    body = v2.CaseAggregateRequest(
        data=v2.CaseAggregateRequestData(
            type=v2.CaseAggregateResourceType.AGGREGATE,
            attributes=v2.CaseAggregateRequestAttributes(
                group_by=v2.CaseAggregateGroupBy(groups=["status"], limit=14), query_filter="project:SEC"
            ),
        )
    )
    attributes = api.aggregate_cases(body).data.attributes
    assert ([(one.group, one.value) for one in attributes.groups], attributes.total) == ([("OPEN", [2.0])], 2.0)
    body.data.attributes.group_by.groups = ["odd"]
    assert status_of(api.aggregate_cases, body) == 400


# --- changed ---

EDITS = {
    "status": ("update_status", "CaseUpdateStatusRequest", "CaseUpdateStatus", "CaseUpdateStatusAttributes"),
    "priority": (
        "update_priority",
        "CaseUpdatePriorityRequest",
        "CaseUpdatePriority",
        "CaseUpdatePriorityAttributes",
    ),
    "title": ("update_case_title", "CaseUpdateTitleRequest", "CaseUpdateTitle", "CaseUpdateTitleAttributes"),
    "description": (
        "update_case_description",
        "CaseUpdateDescriptionRequest",
        "CaseUpdateDescription",
        "CaseUpdateDescriptionAttributes",
    ),
    "due_date": (
        "update_case_due_date",
        "CaseUpdateDueDateRequest",
        "CaseUpdateDueDate",
        "CaseUpdateDueDateAttributes",
    ),
    "security_resolved_reason": (
        "update_case_resolved_reason",
        "CaseUpdateResolvedReasonRequest",
        "CaseUpdateResolvedReason",
        "CaseUpdateResolvedReasonAttributes",
    ),
}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("status", v2.CaseStatus.IN_PROGRESS, "IN_PROGRESS"),
        ("priority", v2.CasePriority.P3, "P3"),
        ("title", "[UPDATED] Memory leak", "[UPDATED] Memory leak"),
        ("description", "We shouldn't ignore this", "We shouldn't ignore this"),
        ("due_date", "2026-12-31", "2026-12-31"),
    ],
)
def test_edits_answer_with_the_case(api, case, name, value, told):
    operation, *models = EDITS[name]
    answer = getattr(api, operation)(str(case.uuid), edit(*models, **{name: value}))
    assert str(answer.data.attributes[name]) == told
    assert status_of(getattr(api, operation), NOBODY, edit(*models, **{name: value})) == 404


def test_why_it_was_closed_is_kept_among_its_attributes(api, case):
    operation, *models = EDITS["security_resolved_reason"]
    answer = getattr(api, operation)("SEC-1", edit(*models, security_resolved_reason="FALSE_POSITIVE"))
    assert answer.data.attributes.attributes["security_resolved_reason"] == ["FALSE_POSITIVE"]


@pytest.mark.parametrize(
    ("name", "value"), [("status", "OPENED"), ("priority", "P1234"), ("title", ""), ("due_date", "soon")]
)
def test_edits_refuse_what_cannot_be_meant(api, case, name, value):
    operation, *models = EDITS[name]
    given = {"title": "x", "due_date": "2026-12-31", "status": v2.CaseStatus.OPEN, "priority": v2.CasePriority.P1}
    body = edit(*models, **{name: given[name]})
    body.data.attributes._data_store[name] = value
    assert status_of(getattr(api, operation), "SEC-1", body) == 400


def test_attributes_are_lists_of_texts(api, case):
    def body(**attributes):
        return edit(
            "CaseUpdateAttributesRequest",
            "CaseUpdateAttributes",
            "CaseUpdateAttributesAttributes",
            attributes=v2.CaseObjectAttributes(**attributes),
        )

    answer = api.update_attributes("SEC-1", body(env=["test"], service=["web-store", "web-api"]))
    assert answer.data.attributes.attributes["service"] == ["web-store", "web-api"]
    wrong = body(service=["web-store"])
    wrong.data.attributes.attributes._data_store["service"] = "web-store"
    assert status_of(api.update_attributes, "SEC-1", wrong) == 400


def test_assign_and_unassign(api, case, responder):
    def body(user):
        return edit("CaseAssignRequest", "CaseAssign", "CaseAssignAttributes", assignee_id=str(user))

    answer = api.assign_case("SEC-1", body(responder.uuid))
    assert answer.data.relationships.assignee.data.id == str(responder.uuid)
    assert status_of(api.assign_case, "SEC-1", body("invalid-uuid")) == 400
    assert status_of(api.assign_case, "SEC-1", body(NOBODY)) == 404
    assert "assignee" not in api.unassign_case("SEC-1", empty()).data.relationships


@pytest.mark.parametrize("operation", ["archive_case", "unarchive_case", "unassign_case"])
def test_what_takes_no_attributes_takes_the_right_type(api, case, operation):
    call = getattr(api, operation)
    assert call("SEC-1", empty()).data.attributes.key == "SEC-1"
    assert status_of(call, NOBODY, empty()) == 404
    with pytest.raises(ApiException) as refusal:
        call("SEC-1", empty("project"))
    error = refusal.value.body["errors"][0]
    assert (refusal.value.status, error["title"]) == (400, "Bad Request")
    assert error["detail"] == 'got type "project" expected one of "case"'


def test_moving_to_a_project_changes_the_key(api, case, analyst, acting):
    other = actions.create_project(actor=acting(analyst), key="WEB", name="Web")
    answer = api.move_case_to_project("SEC-1", relation_to(other.uuid))
    assert answer.data.attributes.key == "WEB-1"
    assert status_of(api.move_case_to_project, "WEB-1", relation_to(NOBODY)) == 404


def test_bulk_updates_do_all_or_nothing(api, case, project, analyst, acting):
    second = actions.create_case(actor=acting(analyst), project=project, title="Two")

    def body(kind, ids, **payload):
        attributes = v2.CaseBulkUpdateRequestAttributes(case_ids=ids, type=kind, payload=payload)
        data = v2.CaseBulkUpdateRequestData(type=v2.CaseBulkResourceType.BULK, attributes=attributes)
        return v2.CaseBulkUpdateRequest(data=data)

    kinds = v2.CaseBulkActionType
    api.bulk_update_cases(body(kinds.PRIORITY, ["SEC-1", str(second.uuid)], priority="P1"))
    api.bulk_update_cases(body(kinds.ASSIGN, ["SEC-1"], assignee_id=str(analyst.uuid)))
    api.bulk_update_cases(body(kinds.ARCHIVE, ["SEC-2"]))
    assert set(Case.objects.values_list("priority", flat=True)) == {"P1"}
    assert Case.objects.get(assignee=analyst) == case
    assert Case.objects.exclude(archived_at=None).get() == second
    assert status_of(api.bulk_update_cases, body(kinds.UNASSIGN, ["SEC-1", "SEC-9"])) == 404
    assert status_of(api.bulk_update_cases, body(kinds.PRIORITY, ["SEC-1"], priority="P9")) == 400
    assert status_of(api.bulk_update_cases, body(kinds.JIRA, ["SEC-1"])) == 400
    assert Case.objects.get(pk=case.pk).assignee == analyst


# --- said ---


def saying(text):
    return edit("CaseCommentRequest", "CaseComment", "CaseCommentAttributes", comment=text)


def test_comments_come_change_and_go(api, case):
    cell = api.comment_case("SEC-1", saying("Hello World !")).data[0]
    assert cell.attributes.cell_content.message == "Hello World !"
    body = edit("CaseUpdateCommentRequest", "CaseUpdateComment", "CaseUpdateCommentAttributes", comment="Better")
    api.update_case_comment("SEC-1", cell.id, body)
    told = api.list_case_timeline("SEC-1", page_size=5, page_number=0, sort_ascending=True).data
    assert [one.attributes.cell_content.message for one in told] == ["Better"]
    assert api.get_case("SEC-1").data.attributes["comment_count"] == 1
    api.delete_case_comment("SEC-1", cell.id)
    assert Comment.objects.get().deleted_at is not None


def test_comments_that_cannot_be(api, case):
    assert status_of(api.comment_case, NOBODY, saying("Hello")) == 404
    wrong = saying("Hello")
    wrong.data.attributes._data_store["comment"] = ""
    assert status_of(api.comment_case, "SEC-1", wrong) == 400
    assert status_of(api.delete_case_comment, "SEC-1", "not-an-uuid") == 400
    with pytest.raises(NotFoundException) as refusal:
        api.delete_case_comment("SEC-1", "23fca2aa-4967-4936-bdd7-9157d9e456d7")
    assert refusal.value.body["errors"][0]["title"] == "timeline cell not found"


# --- what it is about ---


def insights(*pairs):
    made = [v2.CaseInsight(type=kind, ref="/somewhere", resource_id=name) for kind, name in pairs]
    return edit("CaseInsightsRequest", "CaseInsightsData", "CaseInsightsAttributes", insights=made)


def test_signals_and_incidents_are_insights(api, case, analyst, acting):
    signal = SignalFactory()
    incident = incidents.declare(actor=acting(analyst), title="Emergency")
    kinds = v2.CaseInsightType
    body = insights((kinds.SECURITY_SIGNAL, signal.public_id), (kinds.INCIDENT, str(incident.uuid)))
    told = api.add_case_insights("SEC-1", body).data.attributes["insights"]
    assert [(one["type"], one["resource_id"]) for one in told] == [
        ("SECURITY_SIGNAL", signal.public_id),
        ("INCIDENT", str(incident.uuid)),
    ]
    assert api.remove_case_insights("SEC-1", body).data.attributes["insights"] == []


def test_insights_that_cannot_be_add_nothing(api, case):
    kinds = v2.CaseInsightType
    signal = SignalFactory()
    body = insights((kinds.SECURITY_SIGNAL, signal.public_id), (kinds.SECURITY_SIGNAL, "12345"))
    assert status_of(api.add_case_insights, "SEC-1", body) == 404
    assert status_of(api.add_case_insights, "SEC-1", insights((kinds.MONITOR, "12345"))) == 400
    assert not case.signal_links.exists()


def test_an_incident_is_linked(api, case, analyst, acting):
    incident = incidents.declare(actor=acting(analyst), title="Emergency")

    def body(name):
        data = v2.IncidentRelationshipData(id=str(name), type=v2.IncidentResourceType.INCIDENTS)
        return v2.RelationshipToIncidentRequest(data=data)

    assert api.link_incident("SEC-1", body(incident.uuid)).data.attributes.key == "SEC-1"
    assert IncidentCase.objects.get().incident == incident
    assert status_of(api.link_incident, "SEC-1", body("00000000-0000-0000-0000-000000000000")) == 404


# --- projects and kinds ---


def test_projects_come_change_and_go(api, case):
    def body(key):
        attributes = v2.ProjectCreateAttributes(key=key, name=f"Project {key}", enabled_custom_case_types=[])
        return v2.ProjectCreateRequest(
            data=v2.ProjectCreate(type=v2.ProjectResourceType.PROJECT, attributes=attributes)
        )

    made = api.create_project(body("WEB")).data
    assert (made.attributes.key, made.attributes.restricted) == ("WEB", False)
    assert status_of(api.create_project, body("WEB")) == 400
    patch = v2.ProjectUpdateRequest(
        data=v2.ProjectUpdate(
            type=v2.ProjectResourceType.PROJECT, attributes=v2.ProjectUpdateAttributes(name="Another name")
        )
    )
    assert api.update_project(made.id, patch).data.attributes.name == "Another name"
    assert api.get_project(made.id).data.attributes.name == "Another name"
    assert [one.attributes.key for one in api.get_projects().data] == ["SEC", "WEB"]
    api.delete_project(made.id)
    assert status_of(api.get_project, made.id) == 404
    assert status_of(api.update_project, NOBODY, patch) == 404
    patch.data._data_store["type"] = "invalid_type"
    assert status_of(api.update_project, str(case.project.uuid), patch) == 400
    assert status_of(api.delete_project, str(case.project.uuid)) == 409


def test_types_come_change_and_go(machine):
    api = machine(CaseManagementTypeApi)
    attributes = v2.CaseTypeResourceAttributes(name="Investigation", description="Done in case management")
    kind = v2.CaseTypeResourceType.CASE_TYPE
    body = v2.CaseTypeCreateRequest(data=v2.CaseTypeCreate(type=kind, attributes=attributes))
    made = api.create_case_type(body).data
    api.delete_case_type(api.create_case_type(body).data.id)  # two may have the same name
    update = v2.CaseTypeUpdateRequest(
        data=v2.CaseTypeUpdate(type=kind, attributes=v2.CaseTypeResourceAttributes(name="Inquiry"))
    )
    assert api.update_case_type(made.id, update).data.attributes.name == "Inquiry"
    assert [one.id for one in api.get_all_case_types().data] == [STANDARD, made.id]
    custom = machine(CaseManagementAttributeApi)
    assert custom.get_all_custom_attributes().data == []
    assert custom.get_all_custom_attribute_configs_by_case_type(made.id).data == []
    api.delete_case_type(made.id)
    assert CaseType.objects.count() == 1


# --- what there is not, and who may ---


def test_what_is_not_here_is_not_found(api, case):
    assert status_of(api.list_case_automation_rules, str(case.project.uuid)) == 404
    assert status_of(api.unlink_jira_issue, "SEC-1") == 404


def test_who_may_only_read_changes_nothing(machine_of, viewer, case):
    api = machine_of(viewer)(CaseManagementApi)
    assert len(api.search_cases().data) == 1
    with pytest.raises(ForbiddenException) as refusal:
        api.archive_case("SEC-1", empty())
    assert "cases_write" in refusal.value.body["errors"][0]["detail"]
