"""Security filters, critical assets and notification rules: what they do to what comes in, and who sets them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts_app.models import Membership, Notification, Team
from core_app.delivery import deliver_due
from core_app.errors import Conflict, IllegalMove, Invalid, NotAllowed, StaleVersion
from core_app.models import Entry
from signals_app import actions
from signals_app.correlation.telling import tell_what_was_held_back
from signals_app.models import (
    CriticalAsset,
    Detection,
    NotificationRule,
    SecurityFilter,
    Service,
    Severity,
    Signal,
    Source,
)
from signals_app.queries.filters import filter_sets

from .recording import audit, dumped, edge, feed

pytestmark = pytest.mark.django_db
SHOP = "@network.client.ip:203.0.113.99"


@pytest.fixture
def source():
    return edge(hosts={"shop.example.test": "web-store"})


@pytest.fixture
def builtin():
    return SecurityFilter.objects.get()


def attack(source, number=1, **changes):
    feed(source, dumped(audit(number=number, **changes)))


# --- security filters ---


def test_everything_is_looked_at_from_the_start(source, builtin):
    attack(source)
    assert (builtin.is_builtin, Signal.objects.count()) == (True, 1)


def test_what_no_filter_includes_is_kept_and_makes_no_signal(source, builtin, admin, acting):
    actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: 0}, is_enabled=False)
    attack(source)
    actions.create_security_filter(actor=acting(admin), name="Shop", query="service:web-store")
    attack(source, number=2)
    attack(source, number=3, request={"headers": {"Host": "other.example.test", "User-Agent": "x"}})
    assert Signal.objects.get().service.name == "web-store"
    assert Detection.objects.filter(signal=None, rule__key="sql-injection").count() == 2


def test_an_exclusion_takes_out_of_its_own_filter_only(source, builtin, admin, acting):
    actions.edit_security_filters(
        actor=acting(admin), seen={builtin.pk: 0}, exclusions=[{"name": "Scanner", "query": SHOP}]
    )
    attack(source)
    assert not Signal.objects.exists()
    actions.create_security_filter(actor=acting(admin), name="Shop", query="env:prod")
    attack(source, number=2)
    assert Signal.objects.count() == 1


def test_the_filter_that_is_built_in_stays(builtin, admin, acting):
    with pytest.raises(IllegalMove):
        actions.delete_security_filter(actor=acting(admin), security_filter=builtin)
    for change in ({"name": "Mine"}, {"query": "env:prod"}):
        with pytest.raises(IllegalMove):
            actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: 0}, **change)


def test_two_filters_have_two_names(admin, acting):
    row = actions.create_security_filter(actor=acting(admin), name="Shop", query="env:prod")
    with pytest.raises(Conflict):
        actions.create_security_filter(actor=acting(admin), name="Shop", query="env:test")
    actions.edit_security_filters(actor=acting(admin), seen={row.pk: 0}, name="Shop", query="env:test").one_or_raise()
    with pytest.raises(Conflict):
        actions.edit_security_filters(actor=acting(admin), seen={row.pk: 1}, name="All detections")


def test_all_filters_are_told_as_they_were(builtin, admin, acting):
    row = actions.create_security_filter(actor=acting(admin), name="Shop", query="env:prod")
    actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: 0}, is_enabled=False)
    actions.delete_security_filter(actor=acting(admin), security_filter=row)
    told = [[(one["name"], one["is_enabled"]) for one in version.filters] for version in filter_sets(acting(admin))]
    first = [("All detections", True)]
    assert told == [
        [("All detections", False)],
        [("All detections", False), ("Shop", True)],
        [*first, ("Shop", True)],
        first,
    ]
    assert [version.number for version in filter_sets(acting(admin))] == [4, 3, 2, 1]


# --- critical assets ---


@pytest.fixture
def weigh(analyst, acting):
    def make(severity, **fields) -> CriticalAsset:
        given = {"query": SHOP, "rule_query": "type:application_security", "severity": severity, **fields}
        return actions.create_critical_asset(actor=acting(analyst), **given)

    return make


@pytest.mark.parametrize(
    ("severity", "found"),
    [
        ("increase", Severity.HIGH),
        ("decrease", Severity.LOW),
        ("no-op", Severity.MEDIUM),
        ("info", Severity.INFO),
        ("critical", Severity.CRITICAL),
    ],
)
def test_a_signal_is_as_grave_as_the_asset_says(source, weigh, severity, found):
    weigh(severity, tags=["team:payments"])
    attack(source)
    signal = Signal.objects.get()
    assert signal.severity == found
    assert "team:payments" in signal.tags.values_list("text", flat=True)
    assert Entry.objects.get(verb="signals.created").data["severity"] == found.slug


@pytest.mark.parametrize(
    "fields",
    [{"query": "env:staging"}, {"rule_query": "id:scanner"}, {"is_enabled": False}],
)
def test_what_an_asset_is_not_about_stays_as_it_is(source, weigh, fields):
    weigh("critical", **fields)
    attack(source)
    assert Signal.objects.get().severity == Severity.MEDIUM


def test_of_several_assets_the_gravest_counts(source, weigh):
    weigh("decrease")
    weigh("high", query="env:prod")
    attack(source)
    assert Signal.objects.get().severity == Severity.HIGH


def test_one_detection_elsewhere_is_as_grave_as_it_is(source, weigh):
    weigh("info")
    attack(source, number=1)
    assert Signal.objects.get().severity == Severity.INFO
    attack(source, number=2, client_ip="203.0.113.98")
    assert Signal.objects.get().severity == Severity.MEDIUM


def test_what_a_sensor_says_is_weighed_too(weigh):
    weigh("increase", query="service:billing", rule_query="type:*")
    source = Source.objects.create(name="sensor", format=Source.Format.TOCSIN, env="prod")
    event = {
        "id": "1",
        "timestamp": "2026-11-22T07:00:00Z",
        "title": "Odd login",
        "severity": "high",
        "service": "billing",
        "rule": {"id": "odd-login", "name": "Odd login"},
    }
    feed(source, dumped(event))
    assert Signal.objects.get().severity == Severity.CRITICAL


# --- notification rules ---


@pytest.fixture
def tell(analyst, acting):
    def make(**fields) -> NotificationRule:
        given = {"name": "The shop", "targets": ["@responder@example.test"], **fields}
        return actions.create_notification_rule(actor=acting(analyst), **given)

    return make


def told():
    deliver_due()
    return [(line.user.email, line.text) for line in Notification.objects.select_related("user").order_by("pk")]


def test_people_are_told_of_a_signal_once(source, tell, responder, django_capture_on_commit_callbacks):
    tell(query="service:web-store", severities=["medium"], rule_types=["application_security"])
    with django_capture_on_commit_callbacks(execute=True):
        attack(source)
        [(email, text)] = told()
    signal = Signal.objects.get()
    assert email == responder.email
    assert text == f"Medium: {signal.title} (by the notification rule “The shop”)"
    assert Notification.objects.get().url == reverse("signals:detail", args=[signal.public_id])
    assert signal.message in mail.outbox[0].body
    attack(source, number=2)
    assert len(told()) == 1


def test_people_are_told_when_a_signal_becomes_graver(source, tell, responder):
    tell(severities=["high", "critical"])
    attack(source)
    assert told() == []
    for number in range(2, 6):
        attack(source, number=number)
    [(_, text)] = told()
    assert text.startswith("High: ")


def test_a_team_is_told_by_its_handle(source, tell, viewer, responder):
    team = Team.objects.create(name="Night shift", handle="night-shift")
    for user in (viewer, responder):
        Membership.objects.create(team=team, user=user)
    tell(targets=["@team-night-shift", "@slack-ops"])
    attack(source)
    assert {email for email, _ in told()} == {viewer.email, responder.email}


def test_nobody_is_told_of_signals_that_they_may_not_see(source, tell, outsider):
    tell(targets=[f"@{outsider.email}"])
    attack(source)
    assert told() == []


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "env:staging"},
        {"severities": ["critical"]},
        {"rule_types": ["log_detection"]},
        {"is_enabled": False},
        {"about": "security_findings"},
        {"place": "vulnerabilities"},
    ],
)
def test_what_a_rule_is_not_about_tells_nobody(source, tell, responder, fields):
    tell(**fields)
    attack(source)
    assert told() == []


def test_many_signals_are_told_in_one_line(source, tell, responder):
    tell()
    bodies = [audit(number=n, request={"headers": {"Host": f"h{n}.example.test", "User-Agent": "x"}}) for n in (1, 2)]
    feed(source, dumped(*bodies))
    assert Signal.objects.count() == 2
    assert [text for _, text in told()] == ["2 signals met the notification rule “The shop”"]


def test_what_comes_in_the_quiet_is_told_together(source, tell, responder):
    rule = tell(quiet=600)
    for number in (1, 2, 3):
        attack(source, number=number, request={"headers": {"Host": f"h{number}.example.test", "User-Agent": "x"}})
    assert len(told()) == 1
    assert tell_what_was_held_back() == 0
    NotificationRule.objects.filter(pk=rule.pk).update(told_at=timezone.now() - timedelta(seconds=601))
    assert tell_what_was_held_back() == 2
    assert told()[1][1] == "2 more signals met the notification rule “The shop”"
    assert tell_what_was_held_back() == 0


def test_a_rule_that_is_deleted_meanwhile_tells_nobody(source, tell, analyst, responder, acting):
    rule = tell()
    attack(source)
    actions.delete_notification_rule(actor=acting(analyst), rule=rule)
    assert told() == []


def test_a_rule_is_tried(analyst, acting, responder):
    actions.preview_notification(actor=acting(analyst), name="Thought of", targets=[f"@{responder.email}"])
    [(email, text)] = told()
    assert (email, "“Thought of”" in text) == (responder.email, True)
    with pytest.raises(Invalid):
        actions.preview_notification(
            actor=acting(analyst), name="Thought of", targets=["@soc"], about="security_findings"
        )


# --- all of them ---


def test_taking_in_asks_the_database_no_more_often_for_many_detections(
    source, tell, weigh, builtin, admin, acting, django_assert_max_num_queries
):
    tell(query="env:prod")
    weigh("increase")
    exclusions = [{"name": "Staging", "query": "env:staging"}]
    actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: 0}, exclusions=exclusions)
    weigh("critical", query="env:prod")

    def on(host, *numbers):
        headers = {"headers": {"Host": host, "User-Agent": "x"}}
        return dumped(*(audit(number=number, request=headers) for number in numbers))

    feed(source, on("a.example.test", 1))
    with django_assert_max_num_queries(200) as few:
        feed(source, on("b.example.test", 2))
    with django_assert_max_num_queries(len(few)):
        feed(source, on("c.example.test", *range(3, 43)))
    assert {*Signal.objects.values_list("severity", flat=True)} == {Severity.CRITICAL}


@pytest.mark.parametrize(
    ("make", "fields", "field"),
    [
        (actions.create_security_filter, {"name": "X", "query": "env:("}, "query"),
        (actions.create_security_filter, {"name": "X", "query": "*", "exclusions": [{"name": "Y"}]}, "exclusions"),
        (actions.create_critical_asset, {"rule_query": "severity:odd", "query": "*", "severity": "low"}, "rule_query"),
        (actions.create_critical_asset, {"rule_query": "*", "query": "*", "severity": "odd"}, "severity"),
        (actions.create_critical_asset, {"rule_query": "*", "query": "*", "severity": "low", "tags": [1]}, "tags"),
        (actions.create_notification_rule, {"name": "X", "targets": []}, "targets"),
        (actions.create_notification_rule, {"name": "X", "targets": ["soc"]}, "targets"),
        (actions.create_notification_rule, {"name": "X", "targets": ["@soc"], "severities": ["odd"]}, "severities"),
        (actions.create_notification_rule, {"name": "X", "targets": ["@soc"], "quiet": 10**9}, "quiet"),
    ],
)
def test_what_cannot_be_meant_is_refused(admin, acting, make, fields, field):
    with pytest.raises(Invalid) as refusal:
        make(actor=acting(admin), **fields)
    assert refusal.value.data["field"] == field


def test_each_change_is_in_the_ledger_and_a_stale_one_refused(admin, acting):
    made = (
        ("security_filter", actions.create_security_filter, {"name": "X", "query": "env:prod"}),
        ("critical_asset", actions.create_critical_asset, {"rule_query": "*", "query": "env:prod", "severity": "low"}),
        ("notification_rule", actions.create_notification_rule, {"name": "X", "targets": ["@soc"]}),
    )
    for name, make, fields in made:
        row = make(actor=acting(admin), **fields)
        edit, delete = getattr(actions, f"edit_{name}s"), getattr(actions, f"delete_{name}")
        edit(actor=acting(admin), seen={row.pk: 0}, is_enabled=False).one_or_raise()
        assert isinstance(edit(actor=acting(admin), seen={row.pk: 0}, is_enabled=True).refused[row.pk], StaleVersion)
        delete(actor=acting(admin), **{{"critical_asset": "asset", "notification_rule": "rule"}.get(name, name): row})
        verbs = Entry.objects.filter(verb__startswith=f"signals.{name}_").order_by("pk").values_list("verb", flat=True)
        assert [*verbs] == [f"signals.{name}_{done}" for done in ("created", "edited", "deleted")]


def test_the_viewer_sets_nothing(viewer, acting):
    with pytest.raises(NotAllowed):
        actions.create_security_filter(actor=acting(viewer), name="X", query="*")
    with pytest.raises(NotAllowed):
        actions.create_critical_asset(actor=acting(viewer), rule_query="*", query="*", severity="info")
    with pytest.raises(NotAllowed):
        actions.create_notification_rule(actor=acting(viewer), name="X", targets=["@soc"])
    with pytest.raises(NotAllowed):
        actions.preview_notification(actor=acting(viewer), name="X", targets=["@soc"])


FORMS = {
    "filter": {"name": "Shop", "query": "env:prod", "excluded": "Scanner = env:staging\nenv:test", "is_enabled": "on"},
    "asset": {"query": "env:prod", "rule_query": "type:*", "severity": "increase", "tags": "a, b", "is_enabled": "on"},
    "notification": {"name": "Shop", "query": "env:prod", "targets": "soc", "quiet": "5", "severities": ["high"]},
}


@pytest.mark.parametrize("word", FORMS)
def test_people_write_edit_and_delete_them(client, admin, word):
    client.force_login(admin)
    model = {"filter": SecurityFilter, "asset": CriticalAsset, "notification": NotificationRule}[word]
    assert client.post(reverse(f"signals:{word}_create"), FORMS[word]).status_code == 302
    row = model.objects.latest("pk")
    assert "env:prod" in client.get(reverse(f"signals:{word}_list")).text
    address = reverse(f"signals:{word}_edit", args=[row.uuid])
    changed = {**FORMS[word], "query": "env:live", "seen_version": "0"}
    assert client.post(address, changed).status_code == 302
    assert "env:live" in client.get(address).text
    assert "Versions, newest first" in client.get(address).text
    assert client.post(address, {**changed, "query": "env:x"}).status_code == 409
    assert client.post(address, {**changed, "query": "env:("}).status_code == 422
    assert client.post(reverse(f"signals:{word}_delete", args=[row.uuid])).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()


def test_forms_read_lists(client, admin):
    client.force_login(admin)
    for word, form in FORMS.items():
        client.post(reverse(f"signals:{word}_create"), form)
    assert SecurityFilter.objects.latest("pk").exclusions == [
        {"name": "Scanner", "query": "env:staging"},
        {"name": "env:test", "query": "env:test"},
    ]
    assert CriticalAsset.objects.get().tags == ["a", "b"]
    rule = NotificationRule.objects.get()
    assert (rule.targets, rule.quiet, rule.severities) == (["@soc"], 300, ["high"])


def test_the_viewer_reads_them_and_writes_none(client, viewer):
    client.force_login(viewer)
    for word in FORMS:
        page = client.get(reverse(f"signals:{word}_list"))
        assert (page.status_code, "btn-primary" in page.text) == (200, False)
        assert client.get(reverse(f"signals:{word}_create")).status_code == 403


def test_the_built_in_filter_is_narrowed_on_its_page(client, admin, builtin):
    client.force_login(admin)
    address = reverse("signals:filter_edit", args=[builtin.uuid])
    form = {"name": "Mine", "query": "env:x", "excluded": "Scanner = env:staging", "seen_version": "0"}
    assert client.post(address, form).status_code == 302
    builtin.refresh_from_db()
    assert (builtin.name, builtin.query, builtin.is_enabled) == ("All detections", "*", False)
    assert builtin.exclusions == [{"name": "Scanner", "query": "env:staging"}]
    assert "No filter is on" in client.get(reverse("signals:filter_list")).text
    assert client.post(reverse("signals:filter_delete", args=[builtin.uuid])).status_code == 409


def test_a_rule_may_ask_for_the_team_that_a_signal_is_routed_to(source, tell, responder):
    team = Team.objects.create(name="Platform", handle="platform")
    Service.objects.create(name="web-store", team=team)
    tell(query="team:platform")
    attack(source)
    assert len(told()) == 1


def test_the_page_says_that_a_filter_beside_one_that_includes_all_has_no_effect(client, admin, acting):
    client.force_login(admin)
    words = "the others have no effect"
    assert words not in client.get("/security-filters/").content.decode()
    actions.create_security_filter(actor=acting(admin), name="Production", query="env:prod")
    assert words in client.get("/security-filters/").content.decode()
    builtin = SecurityFilter.objects.get(is_builtin=True)
    actions.edit_security_filters(actor=acting(admin), seen={builtin.pk: None}, is_enabled=False)
    assert words not in client.get("/security-filters/").content.decode()
