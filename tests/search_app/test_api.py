"""Saved views by machines: the same doors, told in JSON and described in OpenAPI."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from accounts_app import actions as accounts
from accounts_app.access import person
from accounts_app.models import Membership, Team
from core_app.models import Entry
from search_app.actions import create_view, set_default
from search_app.models import SavedView, ViewMark

pytestmark = pytest.mark.django_db

VIEWS = "/api/views/"
UNASSIGNED = {"query": "@workflow.triage.assignee:none"}


@pytest.fixture
def team(analyst) -> Team:
    team = Team.objects.create(name="Blue", handle="blue")
    Membership.objects.create(team=team, user=analyst)
    return team


@pytest.fixture
def view(analyst) -> SavedView:
    return create_view(actor=person(analyst), surface="signals", name="Unassigned", configuration=UNASSIGNED)


@pytest.fixture
def keys(admin, analyst):
    """Makes the headers of a machine that acts as the analyst, narrowed to some scopes."""

    def make(*scopes: str) -> dict[str, str]:
        _, api_key = accounts.make_api_key(actor=person(admin), name="Organisation")
        _, key = accounts.make_application_key(actor=person(analyst), owner=analyst, name="Script", scopes=list(scopes))
        return {"DD-API-KEY": api_key, "DD-APPLICATION-KEY": key}

    return make


@pytest.fixture
def machine(client, keys):
    """A client that acts as the analyst."""
    client.defaults |= {f"HTTP_{name.replace('-', '_')}": value for name, value in keys().items()}
    return client


def send(client, method, url, data):
    return getattr(client, method)(url, json.dumps(data), content_type="application/json")


def problems(response) -> list[tuple[str, str]]:
    return [(error["code"], error.get("field", "")) for error in response.json()["errors"]]


def test_a_view_is_made(machine, analyst, team):
    data = {"surface": "signals", "name": "Unassigned", "teams": ["blue"], "configuration": UNASSIGNED}
    answer = send(machine, "post", VIEWS, data)
    view = SavedView.objects.get()
    assert answer.status_code == 201
    assert answer.json() | data == answer.json()
    assert answer.json()["owner"] == {"uuid": str(analyst.uuid), "name": analyst.name}
    assert answer.json()["url"] == f"http://testserver/signals/?view={view.uuid}"
    assert Entry.objects.get(verb="views.created").actor_kind == "key"


def test_a_view_is_read_changed_and_deleted(machine, view, team):
    url = f"{VIEWS}{view.uuid}/"
    assert machine.get(url).json()["configuration"] == UNASSIGNED
    data = {"name": "Nobody's", "teams": ["blue"], "configuration": {"query": "env:prod"}, "version": 0}
    changed = send(machine, "patch", url, data).json()
    assert changed | data | {"version": 1} == changed
    assert machine.delete(url).status_code == 204
    assert machine.get(url).status_code == 404
    verbs = Entry.objects.filter(verb__startswith="views.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["views.created", "views.updated", "views.shared", "views.deleted"]


def test_what_is_left_out_of_a_change_stays(machine, view):
    changed = send(machine, "patch", f"{VIEWS}{view.uuid}/", {"name": "New", "surface": "colours"}).json()
    assert (changed["name"], changed["surface"], changed["configuration"]) == ("New", "signals", UNASSIGNED)


def test_a_change_of_an_older_version_is_refused(machine, view):
    send(machine, "patch", f"{VIEWS}{view.uuid}/", {"name": "New"})
    answer = send(machine, "patch", f"{VIEWS}{view.uuid}/", {"name": "Newer", "version": 0})
    assert (answer.status_code, problems(answer)) == (409, [("stale_version", "")])


def test_the_list_is_ones_own_and_is_paged_and_filtered(machine, analyst, responder, view):
    create_view(actor=person(analyst), surface="signals", name="Another", configuration={})
    create_view(actor=person(responder), surface="signals", name="Not yours", configuration={})
    assert [row["name"] for row in machine.get(VIEWS).json()["results"]] == ["Another", "Unassigned"]
    page = machine.get(VIEWS, {"limit": 1, "offset": 1}).json()
    assert (page["count"], [row["name"] for row in page["results"]]) == (2, ["Unassigned"])
    assert machine.get(VIEWS, {"name__icontains": "assign"}).json()["count"] == 1
    assert machine.get(VIEWS, {"surface": "cases"}).json()["count"] == 0


def test_the_list_costs_the_same_with_more_views(machine, analyst, view, team, django_assert_max_num_queries):
    machine.get(VIEWS)
    with django_assert_max_num_queries(50) as few:
        machine.get(VIEWS)
    for number in range(10):
        create_view(actor=person(analyst), surface="signals", name=str(number), configuration={}, teams=[team])
    with django_assert_max_num_queries(len(few)):
        machine.get(VIEWS)


def test_favourites_and_the_default_are_set_and_taken_away(machine, view):
    url = f"{VIEWS}{view.uuid}/"
    for mark in ("favourite", "default"):
        assert machine.put(f"{url}{mark}/").status_code == 204
    told = machine.get(url).json()
    assert (told["is_favourite"], told["is_default"]) == (True, True)
    for mark in ("favourite", "default"):
        machine.delete(f"{url}{mark}/")
    assert not ViewMark.objects.exists()


def test_the_view_of_another_is_not_there(machine, responder):
    theirs = create_view(actor=person(responder), surface="signals", name="Secret", configuration={})
    for method, path in (("get", ""), ("patch", ""), ("delete", ""), ("put", "favourite/"), ("put", "default/")):
        answer = getattr(machine, method)(f"{VIEWS}{theirs.uuid}/{path}")
        nobodys = getattr(machine, method)(f"{VIEWS}{uuid4()}/{path}")
        assert answer.status_code == nobodys.status_code == 404
        assert answer.json() == nobodys.json()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({}, ("required", "surface")),
        ({"surface": "signals", "name": ""}, ("blank", "name")),
        ({"surface": "signals", "name": "a\u0000b"}, ("parse_error", "")),
        ({"surface": "signals", "name": "x" * 101}, ("max_length", "name")),
        ({"surface": "signals", "name": "a", "teams": ["nowhere"]}, ("does_not_exist", "teams")),
        ({"surface": "signals", "name": "a", "configuration": {"colour": "red"}}, ("invalid", "configuration.colour")),
        ({"surface": "signals", "name": "a", "configuration": {"query": "severity:("}}, ("invalid", "configuration")),
        ({"surface": "colours", "name": "a"}, ("not_found", "")),
    ],
)
def test_what_is_wrong_is_said_with_its_field(machine, data, problem):
    answer = send(machine, "post", VIEWS, data)
    assert 400 <= answer.status_code < 500
    assert problem in problems(answer)


def test_a_key_without_the_scope_is_told_its_name(client, keys, view):
    headers = keys("security_monitoring_signals_read")
    data = json.dumps({"name": "New"})
    answer = client.patch(f"{VIEWS}{view.uuid}/", data, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["permission"]) == (403, "saved_views_write")
    answer = client.post(VIEWS, "{}", content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["permission"]) == (403, "saved_views_write")


def test_a_key_that_may_not_look_at_signals_sees_no_view_of_them(client, keys, view):
    headers = keys("cases_read", "saved_views_write")
    assert client.get(VIEWS, headers=headers).json()["count"] == 0
    assert client.get(f"{VIEWS}{view.uuid}/", headers=headers).status_code == 404


def test_a_session_needs_a_token_to_write(analyst, view):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(analyst)
    assert careful.get(VIEWS).status_code == 200
    assert careful.delete(f"{VIEWS}{view.uuid}/").status_code == 403


def test_nobody_is_told_nothing(client, view):
    for url in (VIEWS, f"{VIEWS}{view.uuid}/", "/api/schema/", "/api/docs/"):
        assert client.get(url).status_code == 401


def test_a_mark_of_a_ready_made_view_disturbs_nothing(machine, analyst, view):
    set_default(actor=person(analyst), surface="signals", key="my-signals", on=True)
    assert machine.get(VIEWS).json()["results"][0]["is_default"] is False


def test_the_api_is_described(machine):
    answer = machine.get("/api/schema/", {"format": "json"})
    paths = answer.json()["paths"]
    assert {VIEWS, f"{VIEWS}{{uuid}}/", f"{VIEWS}{{uuid}}/favourite/", f"{VIEWS}{{uuid}}/default/"} <= paths.keys()
    assert paths[VIEWS]["post"]["security"][0].keys() == {"apiKeyAuth", "appKeyAuth"}


def test_no_request_that_the_description_allows_makes_it_fail(machine, view):
    """Schemathesis makes the requests, right ones and wrong ones; every answer is one of ours."""
    schema = schemathesis.openapi.from_dict(machine.get("/api/schema/", {"format": "json"}).json())
    operations = [found.ok() for found in schema.get_all_operations() if found.ok().path.startswith(VIEWS)]
    assert len(operations) == 9
    for operation in operations:
        for mode in GenerationMode:
            ask_much(machine, operation, mode, str(view.uuid))


def ask_much(machine, operation, mode, uuid):
    """Ask one thing in many ways, of a view that is there and of one that is not."""

    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy(generation_mode=mode), st.sampled_from([uuid, str(uuid4())]))
    def ask(case, uuid):
        answer = machine.generic(
            operation.method.upper(),
            operation.path.replace("{uuid}", uuid),
            json.dumps(case.body) if isinstance(case.body, dict | list | str | int | float | None) else "{",
            content_type="application/json",
            query_params={name: str(value) for name, value in (case.query or {}).items()},
        )
        assert answer.status_code < 500, answer.content
        assert answer.status_code < 400 or answer.json()["errors"]

    ask()
