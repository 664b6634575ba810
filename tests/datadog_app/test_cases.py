"""Cases on the wire: every way in which a request can be wrong, and what one costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases_app import actions
from cases_app.models import Case, Comment
from tests.cases_app.factories import CaseFactory, ProjectFactory
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

CASES = "/api/v2/cases"
STANDARD = "00000000-0000-0000-0000-000000000001"


@pytest.fixture
def case() -> Case:
    return CaseFactory()


def creation(project, **attributes):
    return {
        "data": {
            "type": "case",
            "attributes": {"title": "A", "type_id": STANDARD, **attributes},
            "relationships": {"project": {"data": {"id": str(project.uuid), "type": "project"}}},
        }
    }


def edit(**attributes):
    return {"data": {"type": "case", "attributes": attributes}}


def error_of(response) -> dict:
    assert response["Content-Type"] == "application/vnd.api+json"
    (error,) = response.json()["errors"]
    return error


# --- what is wrong ---


@pytest.mark.parametrize(
    ("attributes", "place"),
    [
        ({"title": 7}, "title"),
        ({"type_id": "x"}, "type_id"),
        ({"priority": "P9"}, "priority"),
        ({"status_name": "Odd"}, "status_name"),
        ({"description": 7}, "description"),
    ],
)
def test_a_wrong_value_is_pointed_at(ask, attributes, place):
    error = error_of(ask("POST", CASES, creation(ProjectFactory(), **attributes)))
    assert (error["status"], error["source"]["pointer"]) == ("400", f"/data/attributes/{place}")
    assert not Case.objects.exists()


def test_a_priority_that_there_is_not_is_told_with_those_that_there_are(ask, case):
    error = error_of(ask("POST", f"{CASES}/{case.uuid}/priority", edit(priority="P1234")))
    assert error["detail"] == "invalid priority P1234. Must be one of P1, P2, P3, P4, P5, NOT_DEFINED"


@pytest.mark.parametrize("name", ["x", "SEC-99", "SEC-", "SEC-99999999999999999999", "１-１"])
def test_a_case_that_is_not_there(ask, case, name):
    for path in ("", "/timelines"):
        error = error_of(ask("GET", f"{CASES}/{name}{path}"))
        assert (error["code"], error["title"]) == ("resource_not_found", "case not found")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("status", edit()),
        ("status", edit(status=1)),
        ("title", edit(title="a\nb")),
        ("title", edit(title="x" * 2000)),
        ("attributes", edit(attributes={"a": "text"})),
        ("attributes", edit(attributes={"a": [1]})),
        ("attributes", edit(attributes={"a": [{"deep": 1}]})),
        ("attributes", edit(attributes=[])),
        ("due_date", edit(due_date="2026-13-01")),
        ("due_date", edit(due_date=7)),
        ("assign", edit(assignee_id=None)),
        ("comment", edit(comment=" ")),
        ("comment", edit(comment=["text"])),
        ("archive", {"data": {"type": "project"}}),
        ("archive", {}),
        ("archive", []),
    ],
)
def test_edits_that_cannot_be_meant_change_nothing(ask, case, path, body):
    response = ask("POST", f"{CASES}/{case.uuid}/{path}", body)
    assert (response.status_code, error_of(response)["status"]) == (400, "400")
    assert Case.objects.get().version == 0
    assert not Comment.objects.exists()


def test_a_due_date_is_taken_away_with_null(ask, case):
    assert ask("POST", f"{CASES}/{case.uuid}/due_date", edit(due_date="2026-12-31")).status_code == 200
    told = ask("POST", f"{CASES}/{case.uuid}/due_date", edit(due_date=None)).json()["data"]["attributes"]
    assert "due_date" not in told


@pytest.mark.parametrize("name", ["IN_PROGRESS", "In Progress", " in progress "])
def test_a_status_is_also_known_by_its_name(ask, case, name):
    told = ask("POST", f"{CASES}/{case.uuid}/status", edit(status_name=name)).json()["data"]["attributes"]
    assert (told["status"], told["status_group"]) == ("IN_PROGRESS", "SG_IN_PROGRESS")


@pytest.mark.parametrize(
    "query",
    ["filter=status:(", "filter=due:odd", "sort[field]=title", "sort[asc]=2", "page[size]=101", "page[number]=-1"],
)
def test_searches_that_cannot_be(ask, query):
    assert error_of(ask("GET", f"{CASES}?{query}"))["status"] == "400"


@pytest.mark.parametrize(("number", "titles"), [(0, ["C", "B"]), (1, ["C", "B"]), (2, ["A"]), (3, [])])
def test_the_first_page_is_0_and_1(ask, number, titles):
    for title in "ABC":
        CaseFactory(title=title)
    answer = ask("GET", f"{CASES}?page[size]=2&page[number]={number}").json()
    assert [one["attributes"]["title"] for one in answer["data"]] == titles
    assert answer["meta"] == {"total_cases": 3, "page": {"current": max(number, 1), "size": len(titles), "total": 2}}


def test_a_type_has_an_emoji_or_none(ask):
    def body(emoji):
        return {"data": {"type": "case_type", "attributes": {"name": "Investigation", "emoji": emoji}}}

    error = error_of(ask("POST", f"{CASES}/types", body("notanemoji")))
    assert (error["status"], error["detail"]) == ("400", "This is no emoji.")
    assert ask("POST", f"{CASES}/types", body("👑")).json()["data"]["attributes"]["emoji"] == "👑"


def test_groups_that_cannot_be(ask, case):
    assert error_of(ask("GET", f"{CASES}/count?group_bys=title"))["status"] == "400"
    assert error_of(ask("GET", f"{CASES}/count?limit=0"))["status"] == "400"
    assert ask("GET", f"{CASES}/count").json()["data"]["attributes"]["groups"][0]["group"] == "status"


# --- said and linked ---


def test_another_persons_comment_is_theirs(ask, case, responder, acting):
    said = actions.comment(actor=acting(responder), case=case, body="Mine")
    path = f"{CASES}/{case.uuid}/comment/{said.uuid}"
    assert ask("PUT", path, edit(comment="Yours")).status_code == 403
    assert ask("DELETE", path).status_code == 403
    other = CaseFactory()
    assert ask("PUT", f"{CASES}/{other.uuid}/comment/{said.uuid}", edit(comment="Yours")).status_code == 404


def test_a_comment_that_was_taken_back_has_no_words(ask, case, analyst, acting):
    said = actions.comment(actor=acting(analyst), case=case, body="Secret")
    actions.delete_comment(actor=acting(analyst), comment=said)
    (cell,) = ask("GET", f"{CASES}/{case.uuid}/timelines").json()["data"]
    assert (cell["attributes"]["cell_content"], "deleted_at" in cell["attributes"]) == ({"message": ""}, True)


def test_who_may_not_see_signals_hears_of_none(ask, keys_of, analyst, acting, case):
    actions.add_signals(actor=acting(analyst), case=case, signals={SignalFactory().pk: None})
    assert len(ask("GET", f"{CASES}/{case.uuid}").json()["data"]["attributes"]["insights"]) == 1
    narrow = keys_of(analyst, scopes=["cases_read"])
    told = ask("GET", f"{CASES}/{case.uuid}", headers=narrow).json()["data"]["attributes"]
    assert told["insights"] == []


# --- who may, and what it costs ---


def test_scopes_narrow_a_key(ask, keys_of, analyst, case):
    narrow = keys_of(analyst, scopes=["cases_read"])
    for method, path, permission in (
        ("POST", CASES, "cases_write"),
        ("POST", f"{CASES}/{case.uuid}/archive", "cases_write"),
        ("POST", f"{CASES}/bulk", "cases_write"),
        ("POST", f"{CASES}/projects", "cases_shared_settings_write"),
    ):
        response = ask(method, path, {}, headers=narrow)
        assert (response.status_code, permission in error_of(response)["detail"]) == (403, True)


def test_a_list_takes_as_many_statements_for_many_as_for_one(ask, analyst, responder, acting):
    def make(user):
        made = CaseFactory(assignee=user, created_by=user)
        actions.comment(actor=acting(user), case=made, body="Hello")
        actions.add_signals(actor=acting(user), case=made, signals={SignalFactory().pk: None})

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ask("GET", CASES).status_code == 200
        return len(queries)

    make(analyst)
    statements()
    few = statements()
    for user in (responder, analyst, responder):
        make(user)
    assert statements() == few
