"""Incidents by machines: the same doors, told in JSON and described in OpenAPI."""

import json
from dataclasses import replace

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import Incident, IncidentSignal, Note
from incidents_app.queries.rows import incident_rows
from tests.incidents_app.factories import IncidentFactory
from tests.signals_app.factories import SignalFactory

pytestmark = pytest.mark.django_db

INCIDENTS = "/api/incidents/"


@pytest.fixture
def machine(client, analyst):
    client.force_login(analyst)
    return client


def send(client, method, url, data):
    return getattr(client, method)(url, json.dumps(data), content_type="application/json")


def test_incidents_are_listed_by_the_query_language(machine):
    IncidentFactory(title="Checkout", severity="SEV-1")
    IncidentFactory(title="Login", severity="SEV-4")
    answer = machine.get(INCIDENTS, {"q": "severity:>=SEV-2"}).json()
    assert (answer["count"], answer["results"][0]["title"]) == (1, "Checkout")
    answer = machine.get(INCIDENTS, {"q": "severity:("})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_query")


def test_an_incident_is_declared_with_signals(machine, analyst, responder):
    signal = SignalFactory()
    data = {
        "title": "Attack",
        "severity": "SEV-2",
        "commander": str(analyst.uuid),
        "responders": [str(responder.uuid)],
        "fields": {"services": {"type": "multiselect", "value": ["web-store"]}},
        "tags": ["team:web"],
        "signals": [{"id": signal.public_id, "version": 0}],
        "token": "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e",
    }
    for _ in range(2):
        answer = send(machine, "post", INCIDENTS, data)
        assert answer.status_code == 201
    made = answer.json()
    assert (made["public_id"], made["commander"]["name"], made["tags"]) == (1, "Ana Analyst", ["team:web"])
    assert made["fields"]["services"]["value"] == ["web-store"]
    assert Incident.objects.get().signals.get() == signal


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\u0000"', "[" * 500 + "]" * 500, "1e999"])
def test_what_nobody_can_keep_is_refused(machine, text):
    body = f'{{"title": "a", "fields": {{"x": {{"type": "textbox", "value": {text}}}}}}}'
    assert machine.post(INCIDENTS, body, content_type="application/json").status_code == 400


def test_who_may_not_see_signals_hears_of_none(machine, acting, analyst):
    incident = IncidentFactory(signals=[SignalFactory()])
    assert IncidentSignal.objects.visible_to(acting(analyst)).get().incident == incident
    blind = replace(acting(analyst), permissions=frozenset({"incident_read"}))
    assert not IncidentSignal.objects.visible_to(blind).exists()
    assert incident_rows(blind, [incident.pk], ["signals"])[0].signals_total == 0


def test_an_incident_is_changed_by_its_version(machine):
    incident = IncidentFactory(version=3)
    url = f"{INCIDENTS}{incident.public_id}/"
    assert send(machine, "patch", url, {"title": "New", "version": 2}).status_code == 409
    answer = send(machine, "patch", url, {"state": "resolved", "root_cause": "A hole", "version": 3}).json()
    assert (answer["state"], answer["version"], answer["time_to_resolve"]) == ("resolved", 4, 0)
    assert send(machine, "patch", url, {"commander": None}).status_code == 200
    assert machine.delete(url).status_code == 204
    assert machine.get(url).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "a" * 301},
        {"title": "a\u0000"},
        {"severity": "SEV-0"},
        {"commander": "me"},
        {"commander": "0c53c7b0-4b93-4fd4-9d33-c9ae5ad4cd2e"},
        {"responders": "all"},
        {"fields": {"a": 1}},
        {"fields": [1]},
        {"fields": {"a": {"type": "textbox", "value": "\u0000"}}},
        {"tags": [{}]},
        {"version": 10**30},
        {"detected_at": "yesterday"},
        {"stable_at": "2020-01-01T00:00:00Z"},
        {"is_private": "perhaps"},
    ],
)
def test_what_cannot_be_meant_is_refused_and_says_why(machine, wrong):
    incident = IncidentFactory()
    answer = send(machine, "patch", f"{INCIDENTS}{incident.public_id}/", wrong)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


def test_deep_json_is_refused(machine):
    deep = "[" * 100_000 + "]" * 100_000
    answer = machine.post(INCIDENTS, f'{{"title": "a", "fields": {deep}}}', content_type="application/json")
    assert answer.status_code == 400


def test_signals_are_added_listed_and_taken_out(machine):
    incident, new, stale = IncidentFactory(), SignalFactory(), SignalFactory(version=2)
    url = f"{INCIDENTS}{incident.public_id}/signals/"
    refs = [{"id": new.public_id}, {"id": stale.public_id, "version": 1}, {"id": "nobody"}]
    answer = send(machine, "post", url, {"signals": refs, "on_timeline": True}).json()
    assert answer["added"] == [new.public_id]
    assert {one["id"]: one["code"] for one in answer["refused"]} == {
        stale.public_id: "stale_version",
        "nobody": "not_found",
    }
    assert machine.get(url).json()["results"][0]["id"] == new.public_id
    assert machine.delete(f"{url}{new.public_id}/").status_code == 204
    assert machine.get(url).json()["count"] == 0


@pytest.mark.parametrize(
    ("part", "data", "changes"),
    [
        ("notes", {"body": "Seen"}, {"body": "Seen it"}),
        ("todos", {"content": "Rotate", "due_at": "2030-01-01T00:00:00Z"}, {"completed_at": "2026-01-01T00:00:00Z"}),
        ("impacts", {"description": "Slow", "start_at": "2026-01-01T00:00:00Z"}, {"end_at": "2026-01-02T00:00:00Z"}),
        ("attachments", {"title": "Runbook", "url": "https://example.test"}, {"kind": "postmortem"}),
    ],
)
def test_parts_are_written_changed_and_taken_away(machine, part, data, changes):
    incident = IncidentFactory()
    url = f"{INCIDENTS}{incident.public_id}/{part}/"
    made = send(machine, "post", url, data)
    assert made.status_code == 201
    own = f"{url}{made.json()['uuid']}/"
    changed = send(machine, "patch", own, {**changes, "version": 0}).json()
    assert changed["version"] == 1
    assert changes.items() <= changed.items()
    assert send(machine, "patch", own, {**data, "version": 0}).status_code in (200, 409)
    assert machine.get(url).json()["count"] == 1
    assert machine.delete(own).status_code == 204


def test_the_note_of_another_is_not_changed(machine, acting, responder):
    note = actions.add_note(actor=acting(responder), incident=IncidentFactory(), body="Theirs")
    url = f"{INCIDENTS}{note.incident.public_id}/notes/{note.uuid}/"
    assert send(machine, "patch", url, {"body": "Mine"}).status_code == 403
    assert Note.objects.get().body == "Theirs"


def test_the_story_and_the_postmortem_are_told(machine, acting, analyst):
    incident = actions.declare(actor=acting(analyst), title="Attack", signals={SignalFactory().pk: None})
    actions.add_note(actor=acting(analyst), incident=incident, body="Seen")
    url = f"{INCIDENTS}{incident.public_id}"
    kinds = [item["kind"] for item in machine.get(f"{url}/timeline/").json()["results"]]
    assert kinds == ["change", "signal", "note"]
    assert machine.get(f"{url}/timeline/", {"kind": "note"}).json()["results"][0]["body"] == "Seen"
    assert machine.get(f"{url}/timeline/", {"kind": "no"}).status_code == 400
    assert machine.get(f"{url}/postmortem/").json()["markdown"].startswith("# Postmortem")


def test_the_list_asks_the_database_no_more_for_more_incidents(machine, analyst, django_assert_max_num_queries):
    for _ in range(20):
        IncidentFactory(commander=analyst, responders=[analyst])
    with django_assert_max_num_queries(12):
        machine.get(INCIDENTS)


def test_who_may_only_read_writes_nothing(client, viewer):
    client.force_login(viewer)
    incident = IncidentFactory()
    assert client.get(INCIDENTS).json()["count"] == 1
    assert send(client, "post", INCIDENTS, {"title": "a"}).status_code == 403
    assert send(client, "patch", f"{INCIDENTS}{incident.public_id}/", {"title": "a"}).status_code == 403
    assert not Entry.objects.exists()


def test_who_may_not_read_gets_nothing(client, outsider):
    client.force_login(outsider)
    IncidentFactory()
    assert client.get(INCIDENTS).status_code == 403


def test_the_api_is_described_and_answers_whatever_is_sent(machine, acting, analyst):
    incident = IncidentFactory()
    note = actions.add_note(actor=acting(analyst), incident=incident, body="Seen")
    described = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(described)))
    operations = [found.ok() for found in schema.get_all_operations() if found.ok().path.startswith(INCIDENTS)]
    assert len(operations) == 26
    for operation in operations:
        for mode in GenerationMode:
            ask_much(machine, operation, mode, {"public_id": incident.public_id, "uuid": note.uuid, "signal_id": "x"})


def ask_much(machine, operation, mode, names):
    """Ask one thing in several ways, of an incident that is there until it is deleted."""

    @settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case):
        answer = machine.generic(
            operation.method.upper(),
            operation.path.format(**names),
            json.dumps(case.body) if isinstance(case.body, dict | list | str | int | float | None) else "{",
            content_type="application/json",
            query_params={name: str(value) for name, value in (case.query or {}).items()},
        )
        assert answer.status_code < 500, answer.content
        assert answer.status_code < 400 or answer.json()["errors"]

    ask()
