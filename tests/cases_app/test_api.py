"""Cases by machines: the same doors, told in JSON and described in OpenAPI."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from accounts_app import actions as accounts
from cases_app import actions
from cases_app.models import Case, CaseType, Comment, Project
from tests.signals_app.factories import SignalFactory

from .factories import CaseFactory, ProjectFactory

pytestmark = pytest.mark.django_db

CASES = "/api/cases/"


@pytest.fixture
def machine(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def case(analyst):
    return CaseFactory(title="Look into the login", project=ProjectFactory(key="OPS"), number=1, created_by=analyst)


def send(client, method, url, data):
    return getattr(client, method)(url, json.dumps(data), content_type="application/json")


class TestCases:
    def test_they_are_listed_and_found_by_query_and_filters(self, machine, case, analyst):
        CaseFactory(project=case.project, number=2, priority="P1", assignee=analyst)
        keys = lambda query: [one["key"] for one in machine.get(f"{CASES}?{query}").json()["results"]]  # noqa: E731
        assert keys("") == ["OPS-2", "OPS-1"]
        assert keys("q=login priority:NOT_DEFINED") == ["OPS-1"]
        assert keys("priority=P1&project=OPS&status=OPEN") == ["OPS-2"]
        assert keys(f"assignee={analyst.uuid}") == ["OPS-2"]

    def test_an_archived_one_is_listed_for_who_asks(self, machine, case, acting, analyst):
        actions.archive(actor=acting(analyst), seen={case.pk: None})
        assert machine.get(CASES).json()["count"] == 0
        assert machine.get(f"{CASES}?q=archived:true").json()["count"] == 1
        assert machine.get(f"{CASES}OPS-1/").status_code == 200

    @pytest.mark.parametrize("query", ["q=priority:P9", "q=((", "status=GONE", "assignee=x", "q=%00"])
    def test_what_cannot_be_asked_is_refused_with_words(self, machine, query):
        response = machine.get(f"{CASES}?{query}")
        assert response.status_code == 400

    def test_the_list_costs_as_many_queries_for_many_as_for_one(self, machine, django_assert_max_num_queries):
        CaseFactory.create_batch(30)
        with django_assert_max_num_queries(15):
            assert len(machine.get(CASES).json()["results"]) == 30

    def test_one_is_made_of_signals(self, machine, responder):
        signal = SignalFactory()
        data = {
            "project": "SEC",
            "title": "Login",
            "assignee": str(responder.uuid),
            "signals": [{"id": signal.public_id, "version": 0}],
            "tags": ["a"],
            "due_date": "2030-01-31",
        }
        made = send(machine, "post", CASES, data)
        assert made.status_code == 201, made.content
        told = made.json()
        assert (told["key"], told["assignee"]["name"], told["tags"]) == ("SEC-1", "Rob Responder", ["a"])
        signal.refresh_from_db()
        assert signal.state == "under_review"
        assert machine.get(f"{CASES}SEC-1/signals/").json()["results"][0]["id"] == signal.public_id

    def test_one_of_a_signal_that_is_not_there_is_not_made(self, machine):
        data = {"project": "SEC", "title": "Login", "signals": [{"id": "none"}]}
        assert send(machine, "post", CASES, data).status_code == 404
        assert not Case.objects.exists()

    def test_it_is_changed_and_the_second_is_told(self, machine, case):
        changed = send(machine, "patch", f"{CASES}OPS-1/", {"title": "New", "version": 0})
        assert (changed.json()["title"], changed.json()["version"]) == ("New", 1)
        stale = send(machine, "patch", f"{CASES}OPS-1/", {"title": "Newer", "version": 0})
        assert (stale.status_code, stale.json()["errors"][0]["version"]) == (409, 1)

    @pytest.mark.parametrize(
        ("verb", "data", "field", "value"),
        [
            ("status", {"status": "CLOSED"}, "status", "CLOSED"),
            ("priority", {"priority": "P1"}, "priority", "P1"),
            ("assign", {"assignee": None}, "assignee", None),
        ],
    )
    def test_its_work_goes_on(self, machine, case, verb, data, field, value):
        response = send(machine, "post", f"{CASES}OPS-1/{verb}/", data)
        assert response.status_code == 200 and response.json()[field] == value

    def test_it_is_archived_and_brought_back(self, machine, case):
        assert send(machine, "post", f"{CASES}OPS-1/archive/", {}).json()["archived_at"]
        assert send(machine, "post", f"{CASES}OPS-1/unarchive/", {"version": 1}).json()["archived_at"] is None

    def test_it_is_moved_and_gets_a_new_key(self, machine, case):
        assert send(machine, "post", f"{CASES}OPS-1/move/", {"project": "SEC", "version": 0}).json()["key"] == "SEC-1"
        assert machine.get(f"{CASES}OPS-1/").json()["key"] == "SEC-1"  # the old one leads on

    def test_signals_are_added_and_removed_one_by_one(self, machine, case):
        good, stale = SignalFactory(), SignalFactory(version=3)
        data = {"signals": [{"id": good.public_id}, {"id": stale.public_id, "version": 1}, {"id": "none"}]}
        told = send(machine, "post", f"{CASES}OPS-1/signals/", data).json()
        assert told["changed"] == [good.public_id]
        codes = {one["id"]: one["code"] for one in told["refused"]}
        assert codes == {stale.public_id: "stale_version", "none": "not_found"}
        gone = send(machine, "post", f"{CASES}OPS-1/signals/remove/", {"signals": [{"id": good.public_id}]})
        assert gone.json()["changed"] == [good.public_id]

    def test_comments_are_said_edited_and_taken_back(self, machine, case):
        said = send(machine, "post", f"{CASES}OPS-1/comments/", {"body": "Look"})
        assert said.status_code == 201
        address = f"{CASES}OPS-1/comments/{said.json()['uuid']}/"
        assert send(machine, "patch", address, {"body": "Look here", "version": 0}).json()["body"] == "Look here"
        assert machine.delete(address).status_code == 204
        assert Comment.objects.get().deleted_at
        assert [one["body"] for one in machine.get(f"{CASES}OPS-1/comments/").json()["results"]] == [""]

    def test_the_timeline_tells_of_changes_and_comments(self, machine, case, acting, analyst):
        actions.set_status(actor=acting(analyst), seen={case.pk: None}, to="CLOSED")
        actions.comment(actor=acting(analyst), case=case, body="Done")
        told = machine.get(f"{CASES}OPS-1/timeline/").json()
        assert [(row["kind"], row["who"], row["words"]) for row in told] == [
            ("entry", "Ana Analyst", "moved it from Open to Closed"),
            ("comment", "Ana Analyst", "Done"),
        ]

    @pytest.mark.parametrize(
        ("method", "path", "data"),
        [
            ("post", "", {"project": "SEC", "title": "a"}),
            ("patch", "OPS-1/", {"title": "a"}),
            ("post", "OPS-1/status/", {"status": "CLOSED"}),
            ("post", "OPS-1/comments/", {"body": "a"}),
            ("post", "OPS-1/signals/", {"signals": [{"id": "a"}]}),
            ("post", "projects/", {"key": "A", "name": "a"}),
            ("patch", "projects/OPS/", {"name": "a"}),
            ("delete", "projects/OPS/", {}),
            ("post", "types/", {"name": "a"}),
        ],
    )
    def test_a_reader_changes_nothing(self, client, viewer, case, method, path, data):
        client.force_login(viewer)
        assert send(client, method, f"{CASES}{path}", data).status_code == 403

    def test_an_outsider_sees_nothing(self, client, outsider, case):
        client.force_login(outsider)
        for path in ("", "OPS-1/", "projects/", "types/", "OPS-1/timeline/"):
            assert client.get(f"{CASES}{path}").status_code in (403, 404)


class TestSettings:
    def test_projects_are_made_changed_and_deleted(self, machine):
        made = send(machine, "post", f"{CASES}projects/", {"key": "WEB", "name": "Web"})
        assert made.status_code == 201, made.content
        changed = send(machine, "patch", f"{CASES}projects/WEB/", {"triages_signals": False, "version": 0})
        assert changed.json()["triages_signals"] is False
        assert machine.delete(f"{CASES}projects/WEB/").status_code == 204
        assert not Project.objects.filter(key="WEB").exists()

    def test_a_key_that_is_taken_is_refused(self, machine):
        assert send(machine, "post", f"{CASES}projects/", {"key": "SEC", "name": "Other"}).status_code == 400

    def test_types_are_made_changed_and_deleted(self, machine):
        made = send(machine, "post", f"{CASES}types/", {"name": "Leak"}).json()
        address = f"{CASES}types/{made['uuid']}/"
        assert send(machine, "patch", address, {"name": "Data leak"}).json()["name"] == "Data leak"
        assert machine.delete(address).status_code == 204
        assert CaseType.objects.count() == 1


NASTY = [
    "[" * 100_000,
    "null",
    '"text"',
    "[]",
    '{"title": "\\u0000"}',
    '{"title": "\\ud800"}',
    '{"title": {"a": 1}}',
    '{"version": 99999999999999999999}',
    '{"version": -1}',
    '{"attributes": {"a": [["b"]]}}',
    '{"attributes": {"a\\u0000": ["b"]}}',
    '{"tags": ["\\u0000"]}',
    '{"type": "no uuid"}',
    '{"type": {"a": 1}}',
]


@pytest.mark.parametrize("body", NASTY)
def test_nonsense_is_refused_and_breaks_nothing(machine, case, body):
    response = machine.patch(f"{CASES}OPS-1/", body, content_type="application/json")
    assert 400 <= response.status_code < 500


def test_whatever_the_description_allows_is_answered(client, case, admin, analyst, acting):
    _, api_key = accounts.make_api_key(actor=acting(admin), name="Organisation")
    _, key = accounts.make_application_key(actor=acting(analyst), owner=analyst, name="Script", scopes=[])
    machine = client
    machine.defaults |= {"HTTP_DD_API_KEY": api_key, "HTTP_DD_APPLICATION_KEY": key}
    comment = actions.comment(actor=acting(analyst), case=case, body="Look")
    there = {"case": "OPS-1", "comment": str(comment.uuid), "key": "OPS", "uuid": str(CaseType.objects.get().uuid)}
    schema = schemathesis.openapi.from_dict(machine.get("/api/schema/", {"format": "json"}).json())
    operations = [found.ok() for found in schema.get_all_operations() if found.ok().path.startswith(CASES)]
    assert len(operations) == 28
    for operation in operations:
        for mode in GenerationMode:
            ask_much(machine, operation, mode, there)


def ask_much(machine, operation, mode, there):
    """Ask one thing in many ways."""

    @settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode), st.booleans())
    def ask(asked, is_there):
        path = operation.path
        for name, value in there.items():
            absent = "NONE-1" if name == "case" else str(uuid4())
            path = path.replace(f"{{{name}}}", value if is_there else absent)
        answer = machine.generic(
            operation.method.upper(),
            path,
            json.dumps(asked.body) if isinstance(asked.body, dict | list | str | int | float | None) else "{",
            content_type="application/json",
            query_params={name: str(value) for name, value in (asked.query or {}).items()},
        )
        assert answer.status_code < 500, answer.content
        assert answer.status_code < 400 or answer.json()["errors"]

    ask()
