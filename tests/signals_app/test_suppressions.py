"""What shall make no signal: kept, counted, and nothing else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from core_app.errors import Invalid, NotAllowed, StaleVersion
from core_app.models import Entry
from signals_app import actions
from signals_app.models import Detection, DetectionRule, RawItem, Signal, Suppression

from .factories import RuleFactory, SignalFactory
from .recording import audit, dumped, edge, feed, login

pytestmark = pytest.mark.django_db
ADDRESS = "203.0.113.99"  # of the recorded attacker


@pytest.fixture
def source():
    return edge(hosts={"shop.example.test": "web-store"})


@pytest.fixture
def suppress(analyst, acting):
    def make(**fields) -> Suppression:
        return actions.create_suppression(actor=acting(analyst), **{"name": "Our scanner", **fields})

    return make


def attack(source, number=1):
    feed(source, dumped(audit(number=number)))


# --- what it does to what comes in ---


def test_what_matches_makes_no_signal_and_is_kept_and_counted(source, suppress):
    row = suppress(query=f"@network.client.ip:{ADDRESS}")
    attack(source)
    assert not Signal.objects.exists()
    detection = Detection.objects.exclude(rule=None).get()
    assert (detection.suppression, detection.rule.key) == (row, "sql-injection")
    assert RawItem.objects.get().state == "done"
    row.refresh_from_db()
    assert (row.count, row.last_match_at, row.version) == (1, detection.at, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"rule_query": "type:application_security"},
        {"rule_query": 'type:"Application Security" name:SQL*'},
        {"rule_query": "id:sql-injection"},
        {"query": "service:web-store env:prod"},
        {"query": "injection"},
        {"exclusion_query": "@http.url_details.path:/search"},
        {"query": "env:staging", "exclusion_query": "env:prod"},
    ],
)
def test_rules_and_detections_are_named_in_many_ways(source, suppress, fields):
    suppress(**fields)
    attack(source)
    assert not Signal.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"rule_query": "id:scanner"},
        {"rule_query": "type:log_detection source:cloudtrail", "query": "env:prod"},
        {"query": "env:staging"},
        {"query": "env:prod", "is_enabled": False},
        {"query": "env:prod", "starts_at": datetime(2026, 11, 23, tzinfo=UTC)},
        {"query": "env:prod", "expires_at": datetime(2026, 11, 22, 6, tzinfo=UTC)},
    ],
)
def test_what_does_not_match_makes_its_signal(source, suppress, fields):
    row = suppress(**fields)
    attack(source)
    assert Signal.objects.count() == 1
    row.refresh_from_db()
    assert row.count == 0


def test_it_is_about_when_a_thing_happened_and_not_when_it_is_read(source, suppress):
    suppress(
        query="env:prod",
        starts_at=datetime(2026, 11, 22, 6, tzinfo=UTC),
        expires_at=datetime(2026, 11, 22, 8, tzinfo=UTC),
    )
    attack(source)
    assert not Signal.objects.exists()


def test_a_signal_that_runs_grows_no_more(source, suppress):
    attack(source, number=1)
    suppress(query="env:prod")
    attack(source, number=2)
    assert Signal.objects.get().count == 1


def test_what_was_suppressed_is_not_judged_again_with_what_comes_later(source, suppress):
    row = suppress(query="env:prod")
    feed(source, *(dumped(login(number, "203.0.113.60", "alice")) for number in range(12)))
    row.refresh_from_db()
    assert row.count == Detection.objects.filter(suppression=row).count() > 0
    assert not Signal.objects.exists()


def test_a_query_that_can_no_longer_be_read_suppresses_nothing(source, suppress):
    row = suppress(query="env:prod")
    Suppression.objects.filter(pk=row.pk).update(query="env:(")
    attack(source)
    assert Signal.objects.count() == 1


# --- who says so ---


def test_each_change_is_in_the_ledger(suppress, analyst, acting):
    row = suppress(query="env:staging", expires_at=datetime(2030, 1, 1, tzinfo=UTC))
    actions.edit_suppressions(actor=acting(analyst), seen={row.pk: 0}, is_enabled=False, expires_at=None)
    actions.delete_suppression(actor=acting(analyst), suppression=row)
    verbs = [entry.verb for entry in Entry.objects.filter(target_type="signals_app.suppression").order_by("pk")]
    assert verbs == [f"signals.suppression_{verb}" for verb in ("created", "edited", "deleted")]


def test_a_stale_edit_is_refused(suppress, analyst, acting):
    row = suppress(query="env:staging")
    edit = {"actor": acting(analyst), "seen": {row.pk: 0}}
    actions.edit_suppressions(**edit, is_enabled=False)
    assert isinstance(actions.edit_suppressions(**edit, is_enabled=True).refused[row.pk], StaleVersion)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"query": "env:("}, "query"),
        ({"rule_query": "severity:terrible"}, "rule_query"),
        ({"exclusion_query": "count:many"}, "exclusion_query"),
        ({}, "__all__"),
    ],
)
def test_what_cannot_be_meant_is_refused(suppress, fields, field):
    with pytest.raises(Invalid) as refusal:
        suppress(**fields)
    assert refusal.value.data["field"] == field


def test_it_does_not_end_before_it_begins(suppress):
    now = datetime.now(UTC)
    with pytest.raises(Invalid):
        suppress(query="env:x", starts_at=now, expires_at=now - timedelta(days=1))


@pytest.mark.parametrize("at", [datetime.min, datetime.max])
def test_it_is_of_days_that_everybody_has(suppress, at):
    with pytest.raises(Invalid) as refusal:
        suppress(query="env:x", expires_at=at.replace(tzinfo=UTC))
    assert refusal.value.data["field"] == "expires_at"


@pytest.mark.parametrize("window", [timedelta(), timedelta(days=31)])
def test_a_rule_looks_back_a_month_at_most(analyst, acting, window):
    with pytest.raises(Invalid):
        actions.create_rule(actor=acting(analyst), name="Ours", window=window)
    rule = RuleFactory()
    with pytest.raises(Invalid):
        actions.edit_rules(actor=acting(analyst), seen={rule.pk: None}, window=window)


def test_the_viewer_suppresses_nothing(viewer, acting):
    with pytest.raises(NotAllowed):
        actions.create_suppression(actor=acting(viewer), name="All quiet", query="env:prod")


# --- rules that people make ---


def test_a_rule_is_made_and_forgotten(analyst, acting):
    rule = actions.create_rule(actor=acting(analyst), name="Odd hours", severity=2)
    assert rule.key == "odd-hours"
    actions.delete_rules(actor=acting(analyst), rules=[rule]).one_or_raise()
    assert not DetectionRule.objects.filter(pk=rule.pk).exists()


# --- the pages ---


def test_people_write_edit_and_delete_them(client, analyst):
    client.force_login(analyst)
    form = {"name": "Our scanner", "query": "env:staging", "is_enabled": "on", "expires_at": "2030-01-01T00:00"}
    assert client.post(reverse("signals:suppression_create"), form).status_code == 302
    row = Suppression.objects.get()
    assert "env:staging" in client.get(reverse("signals:suppression_list")).text
    edit = reverse("signals:suppression_edit", args=[row.uuid])
    assert 'value="2030-01-01T00:00"' in client.get(edit).text
    assert client.post(edit, {**form, "name": "Their scanner", "seen_version": "0"}).status_code == 302
    assert client.post(edit, {**form, "seen_version": "0"}).status_code == 409
    assert client.post(reverse("signals:suppression_delete", args=[row.uuid])).status_code == 302
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59"])
def test_a_day_at_the_ends_of_time_is_told_beside_its_box(client, analyst, zone, at):
    analyst.time_zone = zone
    analyst.save()
    client.force_login(analyst)
    data = {"name": "Scanner", "query": "env:x", "is_enabled": "on", "expires_at": at}
    response = client.post(reverse("signals:suppression_create"), data)
    assert (response.status_code, b"too far away" in response.content) == (422, True)


def test_a_faulty_query_is_told_beside_its_box(client, analyst):
    client.force_login(analyst)
    response = client.post(reverse("signals:suppression_create"), {"name": "X", "query": "env:("})
    assert response.status_code == 422
    assert "Column" in response.text


def test_a_rules_page_leads_to_a_suppression_of_it(client, analyst):
    client.force_login(analyst)
    rule = RuleFactory()
    page = client.get(reverse("signals:rule_detail", args=[rule.uuid])).text
    assert "rule_query=id%3Awaf-sql-injection" in page
    page = client.get(reverse("signals:suppression_create"), {"rule_query": f"id:{rule.key}"}).text
    assert 'value="id:waf-sql-injection"' in page


def test_the_viewer_reads_them_and_writes_none(client, viewer, suppress):
    row = suppress(query="env:staging")
    client.force_login(viewer)
    assert "Our scanner" in client.get(reverse("signals:suppression_list")).text
    assert client.post(reverse("signals:suppression_delete", args=[row.uuid])).status_code == 403


def test_a_rule_with_signals_is_not_forgotten(analyst, acting):
    signal = SignalFactory()
    with pytest.raises(Exception, match="switch it off"):
        actions.delete_rules(actor=acting(analyst), rules=[signal.rule]).one_or_raise()
