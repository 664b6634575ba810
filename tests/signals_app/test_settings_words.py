"""What people read when they have set something: that it is done, whom it reaches, and what it did to a signal."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts_app.models import Membership, Team
from core_app.ledger import history
from core_app.models import Entry
from signals_app import actions
from signals_app.models import NotificationRule, SecurityFilter, Severity, Signal
from signals_app.words import edits, sentence

from .recording import audit, dumped, edge, feed

pytestmark = pytest.mark.django_db
SHOP = "@network.client.ip:203.0.113.99"


@pytest.fixture
def attack():
    source = edge(hosts={"shop.example.test": "web-store"})
    return lambda number=1: feed(source, dumped(audit(number=number)))


@pytest.fixture
def builtin():
    return SecurityFilter.objects.get()


# --- notification rules ---


@pytest.mark.parametrize(
    ("target", "is_known"),
    [("@responder@example.test", True), ("@team-responders", True), ("@slack-ops", False), ("@pager", False)],
)
def test_a_rule_that_tells_nobody_is_kept_and_says_so(client, admin, responder, target, is_known):
    client.force_login(admin)
    form = {"name": "Shop", "query": "", "targets": target, "quiet": "0", "is_enabled": "on"}
    saved = client.post(reverse("signals:notification_create"), form, follow=True)
    assert NotificationRule.objects.get().targets == [target]
    assert "The notification rule “Shop” is there." in saved.text
    assert ("tells nobody" not in saved.text) is is_known
    assert ("tells nobody" not in client.get(reverse("signals:notification_list")).text) is is_known


def test_a_team_of_programs_and_of_nobody_is_told_nothing(client, admin, responder, acting):
    responder.is_service_account = True
    responder.save()
    Team.objects.create(name="Empty", handle="empty")
    rule = actions.create_notification_rule(actor=acting(admin), name="X", targets=["@empty", "@responders"])
    client.force_login(admin)
    assert "tells nobody" in client.get(reverse("signals:notification_list")).text
    Membership.objects.create(team=Team.objects.get(handle="empty"), user=admin)
    assert "tells nobody" not in client.get(reverse("signals:notification_list")).text
    assert rule.version == 0


def test_many_rules_are_looked_up_in_one_question(client, admin, acting):
    client.force_login(admin)
    asked = []
    for number in (1, 5):
        for _ in range(number):
            actions.create_notification_rule(actor=acting(admin), name="X", targets=["@nobody", "@soc"])
        client.get(reverse("signals:notification_list"))
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("signals:notification_list"))
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- what was done is told ---


def test_saving_and_deleting_are_confirmed_in_words(client, admin):
    client.force_login(admin)
    form = {"query": "env:prod", "rule_query": "type:*", "severity": "increase", "is_enabled": "on"}
    made = client.post(reverse("signals:asset_create"), form, follow=True)
    assert "The critical asset “env:prod” is there." in made.text
    assert 'hx-confirm="Delete “env:prod”?' in made.text
    row = made.context["rows"][0]["row"]
    address = reverse("signals:asset_edit", args=[row.uuid])
    saved = client.post(address, {**form, "seen_version": "0", "severity": "low"}, follow=True)
    assert "The critical asset “env:prod” is saved." in saved.text
    gone = client.post(reverse("signals:asset_delete", args=[row.uuid]), follow=True)
    assert "The critical asset “env:prod” is gone." in gone.text


def test_the_same_of_suppressions(client, admin):
    client.force_login(admin)
    made = client.post(reverse("signals:suppression_create"), {"name": "Scanner", "query": "env:x"}, follow=True)
    assert "The suppression “Scanner” is there." in made.text
    assert 'hx-confirm="Delete “Scanner”?' in made.text
    row = made.context["suppressions"][0]
    address = reverse("signals:suppression_edit", args=[row.uuid])
    saved = client.post(address, {"name": "Scanner", "query": "env:y", "seen_version": "0"}, follow=True)
    assert "The suppression “Scanner” is saved." in saved.text
    gone = client.post(reverse("signals:suppression_delete", args=[row.uuid]), follow=True)
    assert "The suppression “Scanner” is gone." in gone.text


# --- what a critical asset did to a signal ---


@pytest.mark.parametrize(
    ("severity", "words"),
    [
        ("increase", f"detected it; its severity was raised from Medium to High by the critical asset “{SHOP}”"),
        ("info", f"detected it; its severity was lowered from Medium to Info by the critical asset “{SHOP}”"),
        ("no-op", "detected it"),
        ("medium", "detected it"),
    ],
)
def test_a_signal_tells_which_asset_changed_its_severity(attack, analyst, acting, severity, words):
    asset = actions.create_critical_asset(actor=acting(analyst), query=SHOP, rule_query="*", severity=severity)
    attack()
    entry = history(Signal.objects.get()).get(verb="signals.created")
    actions.delete_critical_asset(actor=acting(analyst), asset=asset)
    assert sentence(entry, acting(analyst)) == words


def test_a_signal_tells_which_asset_raised_it_later(client, attack, analyst, acting):
    attack()
    assert "weighed" not in Entry.objects.get(verb="signals.created").data
    actions.create_critical_asset(actor=acting(analyst), query=SHOP, rule_query="*", severity="critical")
    attack(number=2)
    signal = Signal.objects.get()
    assert signal.severity == Severity.CRITICAL
    entry = Entry.objects.get(verb="signals.correlated")
    assert entry.data["weighed"]["severity"] == ["medium", "critical"]
    client.force_login(analyst)
    page = client.get(reverse("signals:activity", args=[signal.public_id]))
    assert f"raised its severity from Medium to Critical because of the critical asset “{SHOP}”" in page.text


@pytest.mark.parametrize(
    ("severity", "weighed", "words"),
    [
        (["medium", "critical"], ["medium", "critical"], "Medium to Critical because of the critical asset “env:x”"),
        (["low", "critical"], ["high", "critical"], "Low to Critical (High without the critical asset “env:x”)"),
        (["medium", "high"], ["critical", "high"], "Medium to High (Critical without the critical asset “env:x”)"),
        (["medium", "high"], None, "Medium to High"),
    ],
)
def test_a_rise_is_put_down_to_an_asset_as_far_as_it_comes_from_there(acting, analyst, severity, weighed, words):
    data = {"severity": severity} | ({"weighed": {"asset": "env:x", "severity": weighed}} if weighed else {})
    assert sentence(Entry(verb="signals.correlated", data=data), acting(analyst)) == f"raised its severity from {words}"


def test_who_may_not_see_critical_assets_is_told_none_of_them(acting, analyst):
    entry = Entry(
        verb="signals.created", data={"weighed": {"asset": "host:secret-bastion", "severity": ["low", "high"]}}
    )
    words = "detected it; its severity was raised from Low to High by"
    assert sentence(entry, acting(analyst)) == f"{words} the critical asset “host:secret-bastion”"
    narrow = replace(acting(analyst), permissions=frozenset({"security_monitoring_signals_read"}))
    assert sentence(entry, narrow) == f"{words} a critical asset"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 seconds"), (60, "1 minute"), (90, "90 seconds"), (7200, "2 hours"), (86_400, "1 day")]
)
def test_a_length_of_time_is_told_in_whole_units(seconds, words):
    (edit,) = edits(NotificationRule(), {"quiet": [None, seconds]})
    assert edit.after.text == words


# --- what a setting was ---


def test_versions_are_told_in_words(client, admin, acting, builtin):
    client.force_login(admin)
    exclusions = [{"name": "Scanner", "query": "env:x"}]
    actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: 0}, is_enabled=False, exclusions=exclusions)
    page = client.get(reverse("signals:filter_edit", args=[builtin.uuid])).text
    assert "Enabled: yes → no" in page
    assert "But not: nothing → Scanner: env:x" in page
    rule = actions.create_notification_rule(actor=acting(admin), name="X", targets=["@soc"])
    given = {"severities": ["high", "low"], "rule_types": ["log_detection"], "targets": ["@noc"], "quiet": 300}
    actions.edit_notification_rules(actor=acting(admin), seen={rule.pk: 0}, query="env:prod", **given)
    page = client.get(reverse("signals:notification_edit", args=[rule.uuid])).text
    for words in (
        "Severities: nothing → High, Low",
        "Types of rules: nothing → Log Detection",
        "Who is told: @soc → @noc",
        "At most once in: 0 seconds → 5 minutes",
        "Query: nothing → <code>env:prod</code>",
    ):
        assert words in page


def test_who_saves_too_late_reads_what_was_changed_meanwhile(client, admin, analyst, acting):
    rule = actions.create_critical_asset(actor=acting(admin), query="env:a", rule_query="*", severity="low")
    actions.edit_critical_assets(actor=acting(analyst), seen={rule.pk: 0}, rule_query="type:*", is_enabled=False)
    client.force_login(admin)
    form = {"query": "env:b", "rule_query": "*", "severity": "low", "seen_version": "0"}
    page = client.post(reverse("signals:asset_edit", args=[rule.uuid]), form)
    assert page.status_code == 409
    assert "<strong>Ana Analyst</strong> changed “Enabled”, “Rules”" in page.text
