"""Incidents on the wire: whom they are told to, and every way in which a request can be wrong."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents_app import actions
from incidents_app.models import Incident, IncidentCase
from tests.cases_app.factories import CaseFactory
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

INCIDENTS = "/api/v2/incidents"
ABSENT = "00000000-0000-0000-0000-000000000001"
TODO = {"data": {"type": "incident_todos", "attributes": {"content": "Look", "assignees": []}}}
IMPACT = {"data": {"type": "incident_impacts", "attributes": {"description": "No shop", "start_at": "2026-01-01"}}}
LINK = {
    "data": {
        "type": "incident_attachments",
        "attributes": {"attachment_type": "link", "attachment": {"documentUrl": "https://a.test/", "title": "A"}},
    }
}


@pytest.fixture
def incident(analyst, acting) -> Incident:
    return actions.declare(actor=acting(analyst), title="The shop is under attack")


@pytest.fixture
def secret(admin, acting) -> Incident:
    """Private, of others, and with something of everything."""
    made = actions.declare(
        actor=acting(admin), title="Quiet", severity="SEV-1", commander=admin, responders=[admin], is_private=True
    )
    made.todo = actions.add_todo(actor=acting(admin), incident=made, content="Look")
    made.impact = actions.add_impact(actor=acting(admin), incident=made, description="x", start_at=timezone.now())
    made.attachment = actions.add_attachment(
        actor=acting(admin), incident=made, title="A", url="https://a.test/", kind="postmortem"
    )
    return made


def creation(**attributes):
    return {"data": {"type": "incidents", "attributes": {"title": "A", "customer_impacted": False, **attributes}}}


def edit(incident, **attributes):
    return {"data": {"type": "incidents", "id": str(incident.uuid), "attributes": attributes}}


# --- private ones ---

PARTS = [
    ("GET", "", None),
    ("PATCH", "", {}),
    ("DELETE", "", None),
    ("GET", "/attachments", None),
    ("POST", "/attachments", LINK),
    ("PATCH", "/attachments/{attachment}", LINK),
    ("DELETE", "/attachments/{attachment}", None),
    ("GET", "/impacts", None),
    ("POST", "/impacts", IMPACT),
    ("PATCH", "/impacts/{impact}", IMPACT),
    ("DELETE", "/impacts/{impact}", None),
    ("GET", "/relationships/integrations", None),
    ("GET", "/relationships/todos", None),
    ("POST", "/relationships/todos", TODO),
    ("GET", "/relationships/todos/{todo}", None),
    ("PATCH", "/relationships/todos/{todo}", TODO),
    ("DELETE", "/relationships/todos/{todo}", None),
    ("GET", "/responders", None),
    ("POST", "/responders", {}),
    ("GET", "/responders/{responder}", None),
    ("DELETE", "/responders/{responder}", None),
]


@pytest.mark.parametrize(("method", "part", "body"), PARTS)
def test_a_private_incident_of_others_equals_one_that_is_not_there(ask, secret, admin, method, part, body):
    path = part.format(
        attachment=secret.attachment.uuid, impact=secret.impact.uuid, todo=secret.todo.uuid, responder=admin.uuid
    )
    hidden = ask(method, f"{INCIDENTS}/{secret.uuid}{path}", body)
    absent = ask(method, f"{INCIDENTS}/{ABSENT}{path}", body)
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content.decode().replace(str(secret.uuid), ABSENT) == absent.content.decode()


def test_a_private_incident_is_not_in_lists_counts_or_facets(ask, secret, incident):
    listed = ask("GET", INCIDENTS).json()
    assert [one["attributes"]["title"] for one in listed["data"]] == [incident.title]
    found = ask("GET", f"{INCIDENTS}/search?query=state:active").json()["data"]["attributes"]
    assert found["total"] == 1
    assert {one["name"]: one["count"] for one in found["facets"]["severity"]}["SEV-1"] == 0
    assert found["facets"]["commander"] == found["facets"]["responder"] == []
    assert {one["name"]: one["count"] for one in found["facets"]["postmortem"]} == {"none": 1, "postmortem": 0}


def test_a_private_incident_is_neither_told_of_nor_linked_by_a_case(ask, secret, admin):
    case = CaseFactory()
    body = {"data": {"id": str(secret.uuid), "type": "incidents"}}
    assert ask("POST", f"/api/v2/cases/{case.uuid}/relationships/incidents", body).status_code == 404
    IncidentCase.objects.create(incident=secret, case=case)
    assert ask("GET", f"/api/v2/cases/{case.uuid}").json()["data"]["attributes"]["insights"] == []
    insight = {"type": "INCIDENT", "ref": "/", "resource_id": str(secret.public_id)}
    body = {"data": {"type": "case", "attributes": {"insights": [insight]}}}
    assert ask("DELETE", f"/api/v2/cases/{case.uuid}/insights", body).status_code == 404


def test_those_in_a_private_incident_see_it(ask, keys_of, secret, admin):
    assert ask("GET", f"{INCIDENTS}/{secret.uuid}", headers=keys_of(admin)).json()["data"]["attributes"]["visibility"]


def test_a_commander_who_hands_a_private_incident_over_is_told_what_they_did(ask, analyst, admin, acting):
    mine = actions.declare(actor=acting(admin), title="Quiet", commander=analyst, is_private=True)
    body = edit(mine, title="Quieter", customer_impact_start="2026-01-01T00:00:00Z")
    body["data"]["relationships"] = {"commander_user": {"data": {"id": str(admin.uuid), "type": "users"}}}
    answer = ask("PATCH", f"{INCIDENTS}/{mine.uuid}?include=users", body)
    assert answer.status_code == 200
    told = answer.json()["data"]
    assert told["attributes"]["title"] == "Quieter" and told["attributes"]["customer_impact_start"]
    assert told["relationships"]["commander_user"]["data"]["id"] == str(admin.uuid)
    mine.refresh_from_db()
    assert (mine.title, mine.commander) == ("Quieter", admin)
    assert ask("GET", f"{INCIDENTS}/{mine.uuid}").status_code == 404


# --- what is wrong ---


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"title": 7}, "title"),
        ({"title": None}, "title"),
        ({"customer_impacted": "true"}, "customer_impacted"),
        ({"fields": []}, "fields"),
        ({"fields": {"severity": "SEV-1"}}, "severity"),
        ({"fields": {"odd": {"type": "number", "value": "1"}}}, "type"),
        ({"incident_type_uuid": "x"}, "incident_type_uuid"),
        ({"initial_cells": [{"cell_type": "html", "content": {}}]}, "cell_type"),
    ],
)
def test_a_wrong_type_names_its_field(ask, attributes, place):
    response = ask("POST", INCIDENTS, creation(**attributes))
    assert response.status_code == 400
    assert place in response.json()["errors"][0]
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"severity": {"value": ["SEV-1"]}},
        {"state": {"value": {"a": 1}}},
        {"summary": {"value": 7}},
        {"detection_method": {"value": ["monitor"]}},
        {"services": {"type": "autocomplete", "value": "web"}},
        {"odd": {"type": "textbox", "value": {"deep": [1]}}},
        {"x" * 200: {"type": "textbox", "value": "1"}},
    ],
)
def test_a_value_that_its_field_cannot_have(ask, fields):
    assert ask("POST", INCIDENTS, creation(fields=fields)).status_code == 400
    assert not Incident.objects.exists()


def test_what_fails_late_undoes_the_whole(ask):
    cells = [{"cell_type": "markdown", "content": {"content": text}} for text in ("fine", " ")]
    assert ask("POST", INCIDENTS, creation(initial_cells=cells)).status_code == 400
    assert not Incident.objects.exists()


def test_unknown_fields_and_a_null_type_are_ignored(ask):
    body = creation(incident_type_uuid=None, initial_cells=None, notification_handles=[{"handle": "@a"}], odd=1)
    response = ask("POST", INCIDENTS, body)
    assert response.status_code == 201
    assert response.json()["data"]["relationships"]["commander_user"] == {"data": None}


def test_a_null_field_is_what_a_new_incident_has(ask, incident, analyst, acting):
    actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, severity="SEV-1", summary="Bad")
    fields = {"severity": {"value": None}, "summary": {"value": None}}
    told = ask("PATCH", f"{INCIDENTS}/{incident.uuid}", edit(incident, fields=fields)).json()["data"]["attributes"]
    assert (told["severity"], told["fields"]["summary"]["value"]) == ("UNKNOWN", None)


def test_the_body_and_the_address_name_one_incident(ask, incident):
    body = edit(incident, title="Other")
    body["data"]["id"] = ABSENT
    response = ask("PATCH", f"{INCIDENTS}/{incident.uuid}", body)
    assert (response.status_code, "data.id" in response.json()["errors"][0]) == (400, True)


def test_an_end_without_a_beginning_and_several_impacts(ask, incident, analyst, acting):
    at = "2026-01-01T00:00:00Z"
    path = f"{INCIDENTS}/{incident.uuid}"
    assert ask("PATCH", path, edit(incident, customer_impact_end=at)).status_code == 400
    for _ in range(2):
        start = timezone.now() - timedelta(hours=1)
        actions.add_impact(actor=acting(analyst), incident=incident, description="x", start_at=start)
    assert ask("PATCH", path, edit(incident, customer_impact_start=at, title="Other")).status_code == 400
    assert Incident.objects.get().title == incident.title


@pytest.mark.parametrize(
    "query",
    [
        "include=odd",
        "page[size]=0",
        "page[size]=101",
        "page[offset]=-1",
        "page[offset]=99999999999999999999999",
        "page[size]=%00",
    ],
)
def test_parameters_that_cannot_be(ask, query):
    assert ask("GET", f"{INCIDENTS}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["", "query=", "query=state:(", "query=state:odd", "query=state:active&sort=odd"])
def test_searches_that_cannot_be(ask, query):
    assert ask("GET", f"{INCIDENTS}/search?{query}").status_code == 400


@pytest.mark.parametrize("name", ["x", "00000000", "1" * 5000])
def test_an_id_that_is_none(ask, name):
    for part in ("", "/impacts", "/relationships/todos", "/attachments", "/responders"):
        assert ask("GET", f"{INCIDENTS}/{name}{part}").status_code == 400


def test_a_link_that_would_run_is_refused(ask, incident):
    body = {"data": {"type": "incident_attachments", "attributes": {"attachment_type": "link"}}}
    body["data"]["attributes"]["attachment"] = {"documentUrl": "javascript:alert(1)", "title": "A"}
    response = ask("POST", f"{INCIDENTS}/{incident.uuid}/attachments", body)
    assert (response.status_code, response.json()["errors"][0]["title"]) == (400, "Generic Error")


def test_an_impact_takes_texts_and_lists_of_texts(ask, incident):
    path = f"{INCIDENTS}/{incident.uuid}/impacts"
    body = {
        "data": {"type": "incident_impacts", "attributes": {"description": "x", "start_at": "2026-01-01T00:00:00Z"}}
    }
    body["data"]["attributes"]["fields"] = {"who": "all", "what": ["shop"]}
    assert ask("POST", path, body).json()["data"]["attributes"]["fields"] == {"who": "all", "what": ["shop"]}
    body["data"]["attributes"]["fields"] = {"many": {"deep": 1}}
    assert ask("POST", path, body).status_code == 400


def test_an_imported_incident_is_resolved_after_it_was_detected(ask):
    attributes = {"title": "A", "detected": "2025-01-02T00:00:00Z", "resolved": "2025-01-01T00:00:00Z"}
    body = {"data": {"type": "incidents", "attributes": attributes}}
    assert ask("POST", f"{INCIDENTS}/import", body).status_code == 400
    assert not Incident.objects.exists()


# --- who may, and what it costs ---


def test_a_key_that_sees_no_incidents_declares_none(ask, keys_of, analyst):
    blind = keys_of(analyst, scopes=["incident_write"])
    assert ask("POST", INCIDENTS, creation(), headers=blind).status_code == 403
    assert not Incident.objects.exists()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_moment_at_the_ends_of_time_is_refused(ask, incident, at):
    body = {"data": {"type": "incident_todos", "attributes": {"content": "Look", "assignees": [], "due_date": at}}}
    assert ask("POST", f"{INCIDENTS}/{incident.uuid}/relationships/todos", body).status_code == 400


def test_scopes_narrow_a_key(ask, keys_of, analyst, incident):
    narrow = keys_of(analyst, scopes=["incident_read"])
    assert ask("GET", INCIDENTS, headers=narrow).status_code == 200
    for method, path, body in (
        ("POST", INCIDENTS, creation()),
        ("DELETE", f"{INCIDENTS}/{incident.uuid}", None),
        ("POST", f"{INCIDENTS}/{incident.uuid}/relationships/todos", TODO),
    ):
        response = ask(method, path, body, headers=narrow)
        assert (response.status_code, "incident_write" in response.json()["errors"][0]) == (403, True)
    response = ask("POST", f"{INCIDENTS}/config/types", {}, headers=narrow)
    assert (response.status_code, "incident_settings_write" in response.json()["errors"][0]["detail"]) == (403, True)


@pytest.mark.parametrize("path", [f"{INCIDENTS}?include=users,attachments", f"{INCIDENTS}/search?query=state:active"])
def test_a_list_takes_as_many_statements_for_many_as_for_one(ask, analyst, admin, acting, path):
    def make(user):
        made = actions.declare(
            actor=acting(user),
            title="A",
            commander=user,
            responders=[user],
            signals={SignalFactory().pk: None},
        )
        actions.add_impact(actor=acting(user), incident=made, description="x", start_at=timezone.now())
        actions.add_attachment(actor=acting(user), incident=made, title="A", url="https://a.test/")

    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert ask("GET", path).status_code == 200
        return len(queries)

    make(analyst)
    statements()
    few = statements()
    for user in (admin, analyst, admin):
        make(user)
    assert statements() == few


@pytest.mark.parametrize("path", [INCIDENTS, f"{INCIDENTS}/{ABSENT}/impacts", "/api/v2/cases"])
def test_without_keys_nobody_is_known(client, path):
    response = client.get(path)
    assert response.status_code == 401
    assert len(response.json()["errors"]) == 1
