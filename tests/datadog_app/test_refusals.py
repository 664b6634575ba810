"""Whoever refuses it, and for whatever: in the API's own form, and saying what would be right."""

import gzip
import json
import zlib
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts_app import actions
from accounts_app.models import Team
from core_app.http import server_error
from datadog_app.reading import LARGEST_BODY
from signals_app.catalogue import tags_for
from signals_app.models import Suppression
from tests.signals_app.factories import RuleFactory, SignalFactory

pytestmark = pytest.mark.django_db

SIGNALS = "/api/v2/security_monitoring/signals"
SUPPRESSIONS = "/api/v2/security_monitoring/configuration/suppressions"


def words(response) -> list[str]:
    """The sentences of an answer of either form."""
    errors = json.loads(response.content)["errors"]
    return [one if isinstance(one, str) else one.get("detail", one["title"]) for one in errors]


# --- what no view has seen ---


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/api/v1/security_analytics/signals/%00/state", 404, "nothing at this address"),
        (f"{SIGNALS}/a%00b", 404, "nothing at this address"),
        ("/api/v2/cases/%00", 404, "nothing at this address"),
        (f"{SIGNALS}?filter[query]=%00", 400, "NUL"),
        ("/api/v2/nowhere/%00", 404, "nothing at this address"),
    ],
)
def test_what_is_refused_before_a_view_is_in_its_form(ask, path, status, told):
    response = ask("GET", path)
    assert response.status_code == status
    [sentence] = words(response)
    assert told in sentence
    kind = "application/vnd.api+json" if "/cases/" in path else "application/json"
    assert response["Content-Type"] == kind


def test_a_host_that_is_not_served_is_named_as_the_trouble(ask):
    response = Client().get(SIGNALS, headers={"host": "elsewhere.example"})
    assert (response.status_code, response.json()) == (400, {"errors": ["This host name is not served here."]})


def test_a_mistake_of_ours_is_json_for_programs_and_a_page_for_people(rf):
    of_programs, of_people = server_error(rf.get(SIGNALS)), server_error(rf.get("/signals/"))
    assert (of_programs.status_code, of_programs["Content-Type"]) == (500, "application/json")
    assert "in the log" in words(of_programs)[0]
    assert (of_people.status_code, of_people["Content-Type"]) == (500, "text/html; charset=utf-8")


# --- what would be right ---


@pytest.mark.parametrize(
    ("method", "path", "body", "right"),
    [
        ("POST", f"{SIGNALS}/search", {"sort": "title"}, "timestamp, -timestamp"),
        ("POST", "/api/v2/team", {"data": {"type": "teams", "attributes": {"name": "A", "handle": "a"}}}, "team"),
        ("DELETE", SIGNALS, None, "GET"),
        ("PUT", "/api/v2/cases", {}, "GET, POST"),
    ],
)
def test_a_refusal_says_what_would_be_right(ask, method, path, body, right):
    response = ask(method, path, body)
    assert response.status_code in (400, 405)
    assert any(right in sentence for sentence in words(response))


def test_a_refusal_does_not_repeat_whatever_was_sent(ask):
    response = ask("POST", f"{SIGNALS}/search", {"sort": "x" * 100_000})
    assert (response.status_code, len(response.content) < 300) == (400, True)
    assert "timestamp, -timestamp" in words(response)[0]


def test_a_mistake_is_told_once_and_with_its_place(ask, keys_of, admin):
    keys = keys_of(admin)
    team = {"data": {"type": "team", "attributes": {"name": "Night", "handle": "night"}}}
    made = ask("POST", "/api/v2/team", team, headers=keys).json()["data"]["id"]
    link = {"data": {"type": "team_links", "attributes": {"label": "Handbook", "url": "handbook"}}}
    response = ask("POST", f"/api/v2/team/{made}/links", link, headers=keys)
    assert (response.status_code, words(response)) == (422, ["data.attributes.url: Enter a valid URL."])


def test_the_same_suppression_twice_is_a_conflict(ask, keys_of, admin):
    keys = keys_of(admin)
    attributes = {"name": "Quiet", "enabled": True, "rule_query": "type:log_detection", "suppression_query": "env:dev"}
    body = {"data": {"type": "suppressions", "attributes": attributes}}
    assert ask("POST", SUPPRESSIONS, body, headers=keys).status_code == 200
    again = ask("POST", SUPPRESSIONS, body, headers=keys)
    assert again.status_code == 409
    assert "Quiet" in words(again)[0]
    attributes["expiration_date"] = 4_102_444_800_000
    assert ask("POST", SUPPRESSIONS, body, headers=keys).status_code == 200


# --- bodies that are packed ---


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("GZIP", gzip.compress)]
)
def test_a_packed_body_is_unpacked(client, keys, encoding, pack):
    SignalFactory(), SignalFactory()
    body = pack(b'{"page": {"limit": 1}}')
    sent = {"content_type": "application/json", "headers": {**keys, "content-encoding": encoding}}
    assert len(client.generic("POST", f"{SIGNALS}/search", body, **sent).json()["data"]) == 1


@pytest.mark.parametrize(
    ("encoding", "body", "status", "told"),
    [
        ("br", b"{}", 415, "use gzip or none"),
        ("gzip", b"{}", 400, "not gzip"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-9], 400, "ends before"),
        ("gzip", gzip.compress(b" " * (LARGEST_BODY + 1), mtime=0), 413, "MiB"),
    ],
    ids=["another", "none", "cut off", "too much"],
)
def test_a_body_that_is_not_packed_as_it_says(client, keys, encoding, body, status, told):
    sent = {"content_type": "application/json", "headers": {**keys, "content-encoding": encoding}}
    response = client.generic("POST", f"{SIGNALS}/search", body, **sent)
    assert response.status_code == status
    assert told in words(response)[0]


# --- moments ---


@pytest.mark.parametrize("start", ["now-1mo", "now-1y", "now-4w", "now-31d"])
def test_units_are_those_of_the_query_language(client, keys, start):
    SignalFactory(first_seen=timezone.now() - timedelta(days=20))
    assert len(client.get(SIGNALS, {"filter[from]": start}, headers=keys).json()["data"]) == 1


@pytest.mark.parametrize("end", ["2026-11-22T06:00:00+00:00", "2026-11-22T06:00:00.000+0000", "2026-11-22t06:00:00z"])
def test_an_offset_whose_plus_was_not_escaped_is_still_one(client, keys, end):
    signal = SignalFactory()
    at = signal.first_seen.isoformat().replace("+00:00", end[19:] if "." not in end else "+0000")
    response = client.get(f"{SIGNALS}?filter[from]={at}&filter[to]={at}", headers=keys)
    assert [one["id"] for one in response.json()["data"]] == [signal.public_id]


# --- told and found ---


def test_a_signal_names_the_version_of_its_rule_as_the_rule_does(ask, keys_of, admin):
    signal, keys = SignalFactory(), keys_of(admin)
    told = ask("GET", f"{SIGNALS}/{signal.public_id}", headers=keys).json()["data"]["attributes"]["custom"]
    rule = ask("GET", f"/api/v2/security_monitoring/rules/{signal.rule.uuid}", headers=keys).json()
    assert told["workflow"]["rule"]["version"] == rule["version"] == 1


@pytest.mark.parametrize("negated", [False, True])
def test_the_tags_of_a_tactic_and_a_technique_find_the_signals_that_have_them(client, keys, negated):
    tactic, technique = "TA0006 Credential Access", "T1110.004 Brute Force: Credential Stuffing"
    tags = tags_for(tactic, technique)
    mine = SignalFactory(rule=RuleFactory(key="a", tactic=tactic, technique=technique, tags=tags))
    other = SignalFactory(rule=RuleFactory(key="b", tactic="TA0001 Initial Access", technique="T1110 Brute Force"))
    for query in (*tags, "tactic:ta0006-*", f'technique:"{technique}"'):
        asked = {"filter[query]": f"-{query}" if negated else query}
        found = [one["id"] for one in client.get(SIGNALS, asked, headers=keys).json()["data"]]
        assert found == [(other if negated else mine).public_id], query


# --- pages that come to an end ---


def test_suppressions_without_a_size_are_one_page(ask, keys_of, admin):
    keys = keys_of(admin)
    Suppression.objects.create(name="Quiet", query="env:dev")
    for size in ("", "&page[size]=-1"):
        pages = [ask("GET", f"{SUPPRESSIONS}?page[number]={number}{size}", headers=keys).json() for number in (0, 1)]
        assert [len(page["data"]) for page in pages] == [1, 0]
    assert ask("GET", f"{SUPPRESSIONS}?page[number]=first", headers=keys).status_code == 400


def test_tokens_of_several_owners_are_listed_together(ask, keys_of, admin, analyst):
    end = timezone.now() + timedelta(days=2)
    for user in (admin, analyst):
        body = {"name": user.label, "scopes": ["teams_read"], "expires_at": end.isoformat()}
        sent = {"data": {"type": "personal_access_tokens", "attributes": body}}
        made = ask("POST", "/api/v2/personal_access_tokens", sent, headers=keys_of(user))
        assert made.status_code == 201, made.content
    asked = "&".join(f"filter[owned_by]={user.uuid}" for user in (admin, analyst))
    found = ask("GET", f"/api/v2/personal_access_tokens?{asked}", headers=keys_of(admin)).json()["data"]
    assert {one["attributes"]["name"] for one in found} == {admin.label, analyst.label}


# --- what is told beside teams ---


def test_a_list_of_teams_tells_what_is_asked_for_and_no_more(ask, admin, acting):
    team = actions.create_team(actor=acting(admin), name="Night", handle="night")
    [told] = ask("GET", "/api/v2/team?fields[team]=id,name,user_count,team_links").json()["data"]
    assert told["id"] == str(team.uuid)
    assert told["attributes"] == {"name": "Night", "handle": "night", "user_count": 0}
    assert told["relationships"].keys() == {"team_links"}
    for wrong in ("fields[team]=name,secrets", "include=secrets"):
        [sentence] = words(ask("GET", f"/api/v2/team?{wrong}"))
        assert "secrets" in sentence
        assert "team_links, user_team_permissions" in sentence


@pytest.mark.parametrize(
    ("whose", "is_member", "may"),
    [("admins", True, False), ("members", True, True), ("members", False, False), ("organization", False, True)],
)
def test_what_one_may_do_with_a_team_is_told_beside_it(ask, keys_of, viewer, admin, acting, whose, is_member, may):
    boss = acting(admin)
    team = actions.create_team(actor=boss, name="Night", handle="night")
    link = actions.add_team_link(actor=boss, team=team, label="Handbook", url="https://example.test/")
    if is_member:
        actions.set_members(actor=boss, team=team, users=[viewer])
    Team.objects.filter(pk=team.pk).update(edited_by=whose)
    path = "/api/v2/team?include=team_links,user_team_permissions"
    [linked, permitted] = ask("GET", path, headers=keys_of(viewer)).json()["included"]
    assert (linked["type"], linked["id"]) == ("team_links", str(link.uuid))
    assert permitted["type"] == "user_team_permissions"
    assert permitted["attributes"]["permissions"]["edit"] is may
    assert "included" not in ask("GET", "/api/v2/team").json()
