"""The wire itself: what other languages' clients and curl send, and every way in which a body can be wrong."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from incidents_app import actions as incidents
from incidents_app.models import IncidentSignal
from signals_app.models import Signal, Source
from tests.signals_app.factories import SignalFactory, SourceFactory
from tests.signals_app.recording import dumped, feed

pytestmark = pytest.mark.django_db

V1 = "/api/v1/security_analytics/signals"
V2 = "/api/v2/security_monitoring/signals"


@pytest.fixture
def signal():
    return SignalFactory()


def errors(response) -> list:
    assert response["Content-Type"] == "application/json"
    return response.json()["errors"]


# --- the source document's own requests ---


@pytest.mark.parametrize(
    "body", ['{\n  "incident_id": %d,\n  "version": 0\n}', '{\n  "incident_id": %d\n}'], ids=["curl", "clients"]
)
def test_a_signal_is_added_to_an_incident(ask, signal, analyst, acting, body):
    incident = incidents.declare(actor=acting(analyst), title="Attack")
    response = ask("PATCH", f"{V1}/{signal.public_id}/add_to_incident", body % incident.public_id)
    assert response.status_code == 200
    answer = response.json()
    assert answer["status"] == "done"
    assert answer.keys() == {"status", "elapsed", "hitCount", "type", "requestId"}
    assert IncidentSignal.objects.filter(incident=incident, signal=signal).exists()


def test_an_incident_that_is_not_there(ask, signal):
    response = ask("PATCH", f"{V1}/{signal.public_id}/add_to_incident", {"incident_id": 2609})
    assert (response.status_code, errors(response)) == (404, ["incident 2609 not found"])


@pytest.mark.parametrize(
    ("scopes", "status"),
    [([], 200), (["security_monitoring_signals_read"], 403), (["user_access_read"], 403)],
)
def test_a_key_that_is_narrowed_does_not_rewrite_its_owner(ask, keys_of, analyst, scopes, status):
    headers = keys_of(analyst, scopes=scopes)
    body = {"data": {"id": str(analyst.uuid), "type": "users", "attributes": {"name": "Mallory"}}}
    assert ask("PATCH", "/api/v2/current_user", body, headers=headers).status_code == status
    analyst.refresh_from_db()
    assert analyst.name == ("Mallory" if status == 200 else "Ana Analyst")
    assert ask("GET", "/api/v2/current_user", headers=headers).status_code == 200


def test_a_key_for_editing_people_rewrites_its_owner(ask, keys_of, admin):
    headers = keys_of(admin, scopes=["user_access_manage"])
    body = {"data": {"id": str(admin.uuid), "type": "users", "attributes": {"title": "Chief"}}}
    assert ask("PATCH", "/api/v2/current_user", body, headers=headers).status_code == 200


def test_a_private_incident_of_others_is_not_there(ask, signal, admin, acting):
    secret = incidents.declare(actor=acting(admin), title="Quiet", is_private=True)
    response = ask("PATCH", f"{V1}/{signal.public_id}/add_to_incident", {"incident_id": secret.public_id})
    assert (response.status_code, errors(response)) == (404, [f"incident {secret.public_id} not found"])


def test_a_higher_version_here_refuses_the_update(ask, signal, analyst, acting):
    incident = incidents.declare(actor=acting(analyst), title="Attack")
    Signal.objects.filter(pk=signal.pk).update(version=3)
    path = f"{V1}/{signal.public_id}/add_to_incident"
    response = ask("PATCH", path, {"incident_id": incident.public_id, "version": 2})
    assert response.status_code == 400
    assert "The version here is 3" in errors(response)[0]
    assert not IncidentSignal.objects.exists()
    assert ask("PATCH", path, {"incident_id": incident.public_id, "version": 3}).status_code == 200


# --- who asks ---


@pytest.mark.parametrize(
    "names",
    [("DD-API-KEY", "DD-APPLICATION-KEY"), ("dd-api-key", "dd-application-key"), ("Dd-Api-Key", "Dd-Application-Key")],
)
def test_the_case_of_header_names_does_not_matter(ask, signal, keys, names):
    headers = dict(zip(names, keys.values(), strict=True))
    assert ask("GET", V2, headers=headers).status_code == 200


def test_without_keys_nobody_is_told_anything(ask, signal):
    response = ask("GET", V2, headers={})
    assert (response.status_code, errors(response)) == (403, ["Forbidden"])


def test_a_session_opens_nothing_here(client, admin):
    client.force_login(admin)
    assert client.get(V2).status_code == 403


def test_an_address_that_is_none(ask):
    for path in ("/api/v1/nothing", "/api/v2/security_monitoring/nothing", f"{V2}/"):
        assert (ask("GET", path).status_code, errors(ask("GET", path))) == (404, ["Not found"])


def test_a_method_that_is_none(ask):
    assert ask("DELETE", V2).status_code == 405


# --- bodies ---

STATE = '{"data":{"attributes":{"state":"under_review"%s}}}'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "data: "),
        ("{", "not valid JSON"),
        ("[]", "Invalid data"),
        ("[" * 100_000, "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        ('{"data":{"attributes":{"state":"\\u0000"}}}', "cannot be kept"),
        ('{"data":{"attributes":{"state":"\\ud800"}}}', "cannot be kept"),
        ('{"data":{"attributes":{"state":5}}}', "data.attributes.state: "),
        ('{"data":{"attributes":{"state":"asleep"}}}', "data.attributes.state: "),
        ('{"data":{"attributes":{}}}', "data.attributes.state: "),
        ('{"data":{"attributes":[]}}', "data.attributes: "),
        ('{"data":null}', "data: "),
        (STATE % ',"version":"0"', "data.attributes.version: "),
        (STATE % ',"version":1.0', "data.attributes.version: "),
        (STATE % ',"version":true', "data.attributes.version: "),
        (STATE % (',"version":1' + "0" * 30), "data.attributes.version: "),
        (STATE % (',"version":1' + "0" * 5000), "not valid JSON"),
        (STATE % ',"version":NaN', "not valid JSON"),
        (STATE % ',"version":1e999', "larger than any"),
        (b'{"data":{"attributes":{"state":"\xed\xa0\x80"}}}', "cannot be kept"),
        ('{"data":{"attributes":{"state":"\\u0000"}}}'.encode("utf-16"), "cannot be kept"),
        (STATE % (',"more":' + "[" * 500 + "]" * 500), "nested too deep"),
        (STATE % ',"archive_comment":["x"]', "data.attributes.archive_comment: "),
        (STATE % (',"archive_comment":"%s"' % ("x" * 5001)), "data.attributes.archive_comment: "),
        ('{"data":{"type":"signal","attributes":{"state":"open"}}}', "data.type: "),
    ],
)
def test_a_wrong_body_is_told_what_is_wrong_and_where(ask, signal, body, told):
    response = ask("PATCH", f"{V2}/{signal.public_id}/state", body)
    assert response.status_code == 400
    assert told in errors(response)[0]
    assert Signal.objects.get().version == 0


@pytest.mark.parametrize("seconds", [31 * 86_400, 10**14, 2**63 - 1])
def test_a_rule_keeps_no_signal_alive_for_ever(ask, seconds):
    rule = {
        "name": "A",
        "message": "M",
        "isEnabled": True,
        "cases": [],
        "queries": [],
        "options": {"keepAlive": seconds},
    }
    response = ask("POST", "/api/v2/security_monitoring/rules", rule)
    assert (response.status_code, errors(response)[0].startswith("options.keepAlive: ")) == (400, True)


def test_what_the_original_does_not_know_is_not_looked_at(ask, signal):
    body = {"data": {"attributes": {"state": "under_review", "odd": [1]}, "more": {}, "id": 7}, "extra": None}
    assert ask("PATCH", f"{V2}/{signal.public_id}/state", body).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["application/vnd.api+json", "application/x-www-form-urlencoded", "text/plain"]
)
def test_json_is_json_whatever_it_is_called(ask, signal, content_type):
    body = '{"state":"under_review"}'
    assert ask("PATCH", f"{V1}/{signal.public_id}/state", body, content_type=content_type).status_code == 200


def test_nulls_are_as_if_they_were_left_out(ask, signal):
    body = {"state": "archived", "archiveReason": None, "archiveComment": None, "version": None}
    assert ask("PATCH", f"{V1}/{signal.public_id}/state", body).status_code == 200
    assert Signal.objects.get().archive_reason == "other"


def test_bulk_edits_write_errors_as_json_api_does(ask, signal):
    item = {"id": signal.public_id, "attributes": {"state": "asleep"}}
    [error] = errors(ask("PATCH", f"{V2}/bulk/state", {"data": [item]}))
    assert (error["status"], error["title"]) == ("400", "Bad Request")
    assert error["source"] == {"pointer": "/data/0/attributes/state"}


def test_a_bulk_edit_has_at_most_199_signals(ask):
    item = {"id": "x", "attributes": {"state": "open"}}
    assert ask("PATCH", f"{V2}/bulk/state", {"data": [item] * 200}).status_code == 400
    assert ask("PATCH", f"{V2}/bulk/state", {"data": []}).status_code == 400


def test_a_person_who_is_not_there_is_assigned_nothing(ask, signal):
    for uuid in ("00000000-0000-0000-0000-000000000001", "somebody"):
        response = ask("PATCH", f"{V1}/{signal.public_id}/assignee", {"assignee": uuid})
        assert (response.status_code, errors(response)) == (400, ["assignee: there is no such person."])


# --- lists ---


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"filter[from]": "now-15m"}, 1),
        ({"filter[from]": "now-15m", "filter[to]": "now"}, 1),
        ({"filter[to]": "now-1h"}, 1),
        ({"filter[query]": "status:high"}, 1),
        ({"page[limit]": "1000"}, 2),
        ({"filter[from]": "2020-01-01T00:00:00Z", "filter[to]": "2099-01-01T00:00:00+00:00"}, 2),
        ({"filter[from]": "2020-01-01T00:00:00.123Z"}, 2),
        ({"filter[from]": "2020-01-01"}, 2),
        ({"filter[from]": "1577836800000"}, 2),
    ],
)
def test_a_list_is_narrowed(ask, signal, client, keys, asked, found):
    SignalFactory(first_seen=timezone.now() - timedelta(days=2), severity=1)
    assert len(client.get(V2, asked, headers=keys).json()["data"]) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filter[from]", "yesterday"),
        ("filter[from]", "2026-13-45T00:00:00Z"),
        ("filter[from]", "now-999999w"),
        ("filter[to]", "0001-01-01T00:00:00+23:00"),
        ("page[limit]", "0"),
        ("page[limit]", "1001"),
        ("page[limit]", "many"),
        ("page[limit]", "٣"),
        ("page[cursor]", "forged"),
        ("sort", "title"),
        ("filter[query]", "status:(high OR"),
    ],
)
def test_a_parameter_that_cannot_be_meant(client, keys, signal, name, value):
    assert client.get(V2, {name: value}, headers=keys).status_code == 400


def test_a_window_that_ends_before_it_begins(client, keys):
    response = client.get(V2, {"filter[from]": "now", "filter[to]": "now-1h"}, headers=keys)
    assert response.status_code == 400


def test_the_end_of_a_window_is_in_it(client, keys, signal):
    at = signal.first_seen.isoformat(timespec="milliseconds")
    found = client.get(V2, {"filter[from]": at, "filter[to]": at}, headers=keys).json()["data"]
    assert [one["id"] for one in found] == [signal.public_id]


def test_a_window_may_end_with_time_itself(client, keys, signal):
    response = client.get(V2, {"filter[to]": "9999-12-31T23:59:59.999999Z"}, headers=keys)
    assert [one["id"] for one in response.json()["data"]] == [signal.public_id]


def test_bulk_edits_lock_in_one_order_whatever_is_asked_of_each(ask):
    first, second = SignalFactory(), SignalFactory()
    data = [
        {"id": second.public_id, "attributes": {"state": "under_review"}},
        {"id": first.public_id, "attributes": {"state": "archived"}},
    ]
    with CaptureQueriesContext(connection) as asked:
        assert ask("PATCH", f"{V2}/bulk/state", {"data": data}).status_code == 200
    both = re.compile(rf"\b{second.pk}, ?{first.pk}\b.* ORDER BY 1 ASC")
    assert [both.search(one["sql"]) is None for one in asked].count(False) == 1
    assert Signal.objects.get(pk=first.pk).state == "archived"


def test_the_next_page_is_told_as_an_address(client, keys, signal):
    SignalFactory()
    first = client.get(V2, {"page[limit]": 1, "filter[query]": "status:high"}, headers=keys).json()
    assert re.match(r"http://testserver/api/v2/security_monitoring/signals\?", first["links"]["next"])
    second = client.get(first["links"]["next"].removeprefix("http://testserver"), headers=keys).json()
    assert second["data"][0]["id"] == signal.public_id
    assert "page" not in second["meta"]


def test_a_cursor_belongs_to_its_question(client, keys, signal):
    SignalFactory()
    cursor = client.get(V2, {"page[limit]": 1}, headers=keys).json()["meta"]["page"]["after"]
    asked = {"page[limit]": 1, "page[cursor]": cursor, "filter[query]": "status:low"}
    assert client.get(V2, asked, headers=keys).status_code == 400


def late_events():
    """Sends events of one sensor: `tell("a", 3)` is of the rule a, three minutes after the hour."""
    source = SourceFactory(name="sensor", format=Source.Format.TOCSIN)

    def tell(rule, minute):
        feed(source, dumped({"timestamp": f"2026-11-22T07:{minute:02}:00Z", "rule": rule, "id": f"{rule}{minute}"}))

    return tell


def titles_of(client, keys, sort, meanwhile):
    """The titles on all pages of one, in order; after the first page something happens."""
    found, cursor = [], None
    while cursor is None or cursor:
        asked = {"page[limit]": 1, "sort": sort} | ({"page[cursor]": cursor} if cursor else {})
        told = client.get(V2, asked, headers=keys).json()
        found += [one["attributes"]["attributes"]["workflow"]["rule"]["name"] for one in told["data"]]
        if cursor is None:
            meanwhile()
        cursor = told["meta"].get("page", {}).get("after", "")
    return found


def test_newest_first_no_late_event_hides_a_signal_and_one_that_was_told_may_come_again(client, keys):
    tell = late_events()
    for rule, minute in (("a", 10), ("b", 20), ("c", 30)):
        tell(rule, minute)

    def meanwhile():
        tell("c", 15)  # told already, moves behind the cursor
        tell("b", 5)  # not told yet, moves further back

    assert titles_of(client, keys, "-timestamp", meanwhile) == ["c", "c", "a", "b"]


def test_oldest_first_a_signal_that_turns_out_to_be_older_than_what_was_told_is_missed(client, keys):
    """What docs/datadog-api.md warns of: should this ever change, tell it there."""
    tell = late_events()
    for rule, minute in (("a", 10), ("b", 20), ("c", 30)):
        tell(rule, minute)
    assert titles_of(client, keys, "timestamp", lambda: tell("c", 5)) == ["a", "b"]
    assert titles_of(client, keys, "timestamp", lambda: None) == ["c", "a", "b"]


def test_a_list_takes_the_same_few_statements_however_long_it_is(client, keys, django_assert_max_num_queries):
    SignalFactory.create_batch(30, attackers=["203.0.113.5"], tags=["a", "b"])
    client.get(V2, headers=keys)
    with django_assert_max_num_queries(25):
        assert len(client.get(V2, {"page[limit]": 30}, headers=keys).json()["data"]) == 30


def test_what_attackers_write_comes_back_as_it_was(client, keys):
    SignalFactory(title='"}]}<script>', message="\u2028\x1f</script>", tags=['a:"]}'])
    [one] = client.get(V2, headers=keys).json()["data"]
    assert one["attributes"]["custom"]["title"] == '"}]}<script>'
    assert 'a:"]}' in one["attributes"]["tags"]


def test_no_view_of_the_door_reads_around_the_actor():
    """The rule of every page, here too: what there is is asked of queries, which ask who may see."""
    for path in Path("datadog_app/api").glob("*.py"):
        assert not re.search(r"\.objects\.(?!visible_to\(|found_by\()", path.read_text()), path


def test_whatever_json_may_hold_is_told_as_it_came(ask):
    held = {"big": 10**30, "small": -(2**63), "text": "é \u2028 </script>", "deep": [[{"a": None}]], "half": 0.1}
    signal = SignalFactory(attributes=held)
    listed = ask("GET", f"{V2}?filter[from]=now-3650d").json()["data"]
    assert [one["id"] for one in listed] == [signal.public_id]
    for part in ("attributes", "custom"):
        told = listed[0]["attributes"][part]
        assert {name: told[name] for name in held} == held
