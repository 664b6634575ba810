"""What settings promise under odd circumstances: long queries, late lines, what only the API can say, and load."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts_app.models import Notification
from config.celery import app as celery
from core_app.delivery import deliver_due
from core_app.errors import Conflict, Invalid
from signals_app import actions
from signals_app.correlation.facts import _read
from signals_app.correlation.filtering import Filters
from signals_app.correlation.telling import _release, tell_what_was_held_back
from signals_app.models import DetectionRule, NotificationRule, SecurityFilter, Severity, Signal
from signals_app.tasks import sweep_raw_items, tell_held_back

from .recording import access, audit, dumped, edge, feed, login

pytestmark = pytest.mark.django_db
SHOP = "@network.client.ip:203.0.113.99"
LONG = " OR ".join(f"service:web-store-{number}" for number in range(12)) + " OR service:web-store"


@pytest.fixture
def source():
    return edge(hosts={"shop.example.test": "web-store"})


@pytest.fixture
def tell(analyst, acting):
    def make(**fields) -> NotificationRule:
        given = {"name": "The shop", "targets": ["@responder@example.test"], **fields}
        return actions.create_notification_rule(actor=acting(analyst), **given)

    return make


def attack(source, number=1, **changes):
    feed(source, dumped(audit(number=number, **changes)))


def hush(rule, **fields):
    """Let the time go by in which the rule is not to be told again."""
    NotificationRule.objects.filter(pk=rule.pk).update(told_at=timezone.now() - timedelta(days=1), **fields)


# --- telling ---


def test_what_was_held_back_is_told_whatever_the_length_of_the_query(source, tell, responder):
    rule = tell(query=LONG, quiet=3600)
    attack(source)
    hush(rule, held_back=3)
    assert tell_what_was_held_back() == 3
    deliver_due()
    line = Notification.objects.latest("pk")
    assert line.text.startswith("3 more signals")
    assert line.url.partition("?")[0] == reverse("signals:list")
    assert len(line.url) <= 300  # SQLite does not mind; PostgreSQL does


# --- critical assets ---


@pytest.mark.parametrize(
    "late", [access(number=1), access(number=77, uri="/", client_ip="192.0.2.1")], ids=["a user", "a host"]
)
def test_what_is_learnt_late_does_not_undo_a_critical_asset(late, admin, acting):
    actions.create_critical_asset(actor=acting(admin), query=SHOP, rule_query="type:*", severity="info")
    source = edge()
    attack(source)
    feed(source, dumped(late))
    assert Signal.objects.get().severity == Severity.INFO
    attack(source, number=2, client_ip="203.0.113.98")  # what is worse and elsewhere still counts
    assert max(Signal.objects.values_list("severity", flat=True)) == Severity.MEDIUM


# --- security filters ---


def sprays(*numbers):
    """Three users tried by each of these addresses: three such addresses are credential stuffing."""
    return dumped(*[login(10 * n + user, f"198.51.100.{n}", f"user{user}") for n in numbers for user in range(3)])


@pytest.fixture
def exclude(admin, acting):
    def set_exclusions(*queries):
        exclusions = [{"name": query, "query": query} for query in queries]
        actions.edit_security_filters(
            actor=acting(admin), seen={SecurityFilter.objects.get().pk: None}, exclusions=exclusions
        ).one_or_raise()

    return set_exclusions


def test_log_ins_that_are_excluded_do_not_count(source, exclude):
    exclude("@network.client.ip:198.51.100.0", "@network.client.ip:198.51.100.1")
    feed(source, sprays(0, 1, 2))
    assert not Signal.objects.exists()
    exclude()
    feed(source, dumped(login(1000, "192.0.2.78", "zed")))
    assert not Signal.objects.exists()  # nor later, when the exclusion is gone
    feed(source, sprays(3, 4))
    assert Signal.objects.get().count == 9  # with the third that was included all along


def test_log_ins_that_are_excluded_are_asked_about_once(source, exclude, monkeypatch):
    exclude("@network.client.ip:198.51.100.0")
    feed(source, sprays(0))
    asked = []
    include = Filters.include
    monkeypatch.setattr(Filters, "include", lambda self, question: asked.append(question) or include(self, question))
    feed(source, dumped(login(1000, "192.0.2.78", "zed")))
    assert {question.sighting.attackers[0].value for question in asked} == {"192.0.2.78"}


def test_a_filter_may_ask_for_the_rule_that_log_ins_add_up_to(source, exclude):
    exclude('@workflow.rule.id:"password-brute-force"')
    feed(source, sprays(0, 1, 2))
    assert Signal.objects.get().rule.key == "credential-stuffing"


def test_log_ins_under_a_rule_that_is_off_wait_on(source):
    feed(source, sprays(0, 1, 2))
    Signal.objects.all().delete()
    DetectionRule.objects.filter(key="credential-stuffing").update(is_enabled=False)
    feed(source, sprays(3, 4, 5))
    assert not Signal.objects.exists()
    DetectionRule.objects.filter(key="credential-stuffing").update(is_enabled=True)
    feed(source, dumped(login(1000, "192.0.2.78", "zed")))
    assert Signal.objects.get().count == 9


def test_queries_are_read_once_for_all_batches(source, tell):
    tell(query="service:read-once")
    attack(source)
    before = _read.cache_info().misses
    attack(source, number=2, request={"headers": {"Host": "other.example.test", "User-Agent": "x"}})
    assert _read.cache_info().misses == before
    assert _read.cache_info().maxsize


# --- pages ---


def sent(form):
    """What a browser sends of a form that nobody has touched."""
    data = {}
    for box in form:
        value = box.value()
        if hasattr(box.field, "choices") and isinstance(value, list):
            value = [word for word in value if word in dict(box.field.choices)]
        if getattr(box.field.widget, "input_type", "") == "text":
            value = str(value or "").replace("\n", "")  # a box of one line keeps none
        if value not in (None, False):
            data[box.name] = value
    return data


def saved(client, word, row, **changes):
    """Save a setting on its page after changing these boxes only."""
    address = reverse(f"signals:{word}_edit", args=[row.uuid])
    answer = client.post(address, {**sent(client.get(address).context["form"]), **changes})
    row.refresh_from_db()
    return answer.status_code


def test_a_page_widens_no_rule(client, admin, tell):
    kept = {
        "severities": ["unknown", "low", "high"],
        "rule_types": ["attack_path"],
        "quiet": 90,
        "targets": ["@slack-sec ops"],
    }
    rule = tell(**kept)
    client.force_login(admin)
    assert (saved(client, "notification", rule, name="Renamed"), rule.name) == (302, "Renamed")
    assert {name: getattr(rule, name) for name in kept} == kept
    saved(client, "notification", rule, quiet="2", severities=["low"], targets="@soc")
    assert (rule.quiet, rule.severities, rule.targets) == (120, ["low"], ["@soc"])


def test_a_rule_about_findings_is_listed_as_such(client, admin, tell):
    tell(about="security_findings")
    client.force_login(admin)
    assert "Findings: tells nobody" in client.get(reverse("signals:notification_list")).text


def test_a_page_keeps_exclusions_as_they_are(client, admin, acting):
    exclusions = [{"name": "A = B", "query": "env:staging"}, {"name": "Lines", "query": "env:a OR\nenv:b"}]
    row = actions.create_security_filter(
        actor=acting(admin), name="F", query="env:prod OR\nenv:live", exclusions=exclusions
    )
    client.force_login(admin)
    assert (saved(client, "filter", row, name="G"), row.name) == (302, "G")
    assert (row.query, row.exclusions) == ("env:prod OR\nenv:live", exclusions)
    kept = "A = B = env:staging"
    saved(client, "filter", row, excluded=f"{kept}\r\nC = env:c")
    assert row.exclusions == [exclusions[0], {"name": "C", "query": "env:c"}]
    too_many = "\n".join(f"{number} = env:x{number}" for number in range(101))
    assert saved(client, "filter", row, excluded=too_many) == 422


def test_a_page_changes_the_query_of_an_exclusion_whose_name_has_an_equals_sign(client, admin, acting):
    names = ["A = B", "A", "A = B = C", "shop  =", "env:test"]
    exclusions = [{"name": name, "query": "env:staging"} for name in names]
    row = actions.create_security_filter(actor=acting(admin), name="F", query="*", exclusions=exclusions)
    client.force_login(admin)
    address = reverse("signals:filter_edit", args=[row.uuid])
    typed = client.get(address).context["form"]["excluded"].value()
    assert saved(client, "filter", row, excluded=f"{typed.replace('staging', 'test')}\nNew = a = b\nenv:live") == 302
    assert row.exclusions == [
        *[{"name": name, "query": "env:test"} for name in names],
        {"name": "New", "query": "a = b"},
        {"name": "env:live", "query": "env:live"},
    ]
    for without in ("A = B", "A = B ="):  # it would not look at what has a B any more
        assert saved(client, "filter", row, excluded=without) == 422
    assert (saved(client, "filter", row, excluded="env:test"), len(row.exclusions)) == (302, 1)


def test_a_page_keeps_tags_with_a_comma(client, admin, acting):
    tags = ["Kim, Lee & co", 'the "old" one', "team:payments"]
    row = actions.create_critical_asset(
        actor=acting(admin), query=SHOP, rule_query="type:*", severity="info", tags=tags
    )
    client.force_login(admin)
    assert (saved(client, "asset", row, severity="low"), row.severity, row.tags) == (302, "low", tags)
    address = reverse("signals:asset_edit", args=[row.uuid])
    typed = client.get(address).context["form"]["tags"].value()
    assert (saved(client, "asset", row, tags=f"{typed}, more"), row.tags) == (302, [*tags, "more"])
    assert saved(client, "asset", row, tags=",".join(map(str, range(101)))) == 422


# --- limits ---


def test_there_are_only_so_many_settings(admin, acting, monkeypatch):
    monkeypatch.setattr("signals_app.actions.settings.MOST_ROWS", 1)  # the built-in filter is one already
    actions.create_critical_asset(actor=acting(admin), query=SHOP, rule_query="type:*", severity="info")
    actions.create_notification_rule(actor=acting(admin), name="R", targets=["@soc"])
    with pytest.raises(Conflict, match="1 critical assets already"):
        actions.create_critical_asset(actor=acting(admin), query=SHOP, rule_query="type:*", severity="info")
    with pytest.raises(Conflict):
        actions.create_security_filter(actor=acting(admin), name="F", query="*")
    with pytest.raises(Conflict):
        actions.create_notification_rule(actor=acting(admin), name="R", targets=["@soc"])


@pytest.mark.parametrize("target", ["@", "@ ", "@\n", "@@"])
def test_an_at_sign_names_nobody(tell, target):
    with pytest.raises(Invalid):
        tell(targets=[target])


@pytest.mark.parametrize("quiet", [None, True, -1, 1.5, "9"])
def test_quiet_is_a_number_of_seconds(analyst, acting, tell, quiet):
    with pytest.raises(Invalid):
        actions.edit_notification_rules(actor=acting(analyst), seen={tell().pk: None}, quiet=quiet)


# --- what is held back ---


@pytest.mark.parametrize("change", [{"is_enabled": False}, {"query": "env:staging"}])
def test_what_was_held_back_is_not_told_by_a_rule_that_was_changed_since(tell, analyst, acting, change):
    rule = tell(quiet=3600)
    hush(rule, held_back=3)
    actions.edit_notification_rules(actor=acting(analyst), seen={rule.pk: None}, **change).one_or_raise()
    actions.edit_notification_rules(actor=acting(analyst), seen={rule.pk: None}, is_enabled=True).one_or_raise()
    assert tell_what_was_held_back() == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "Shops"}, "3 more signals met the notification rule “Shops”"),
        ({"targets": "@viewer@example.test"}, "3 more signals met the notification rule “The shop”"),
        ({"quiet": "1"}, "3 more signals met the notification rule “The shop”"),
    ],
)
def test_what_was_held_back_goes_out_by_the_rule_as_it_is_now(client, analyst, responder, viewer, tell, change, told):
    rule = tell(quiet=3600)
    NotificationRule.objects.filter(pk=rule.pk).update(told_at=timezone.now() - timedelta(minutes=2), held_back=3)
    client.force_login(analyst)
    assert saved(client, "notification", rule, **change) == 302
    if "quiet" not in change:  # a shorter wait is over
        assert tell_what_was_held_back() == 0
        hush(rule)
    assert tell_what_was_held_back() == 3
    deliver_due()
    line = Notification.objects.get()
    assert (line.user, line.text) == (viewer if "targets" in change else responder, told)


def test_of_several_rules_those_that_are_turned_drop_what_they_held_back(tell, analyst, acting):
    same, turned = tell(quiet=3600, query="env:prod"), tell(quiet=3600)
    for rule in (same, turned):
        hush(rule, held_back=3)
    seen = {same.pk: None, turned.pk: None}
    actions.edit_notification_rules(actor=acting(analyst), seen=seen, name="Prod", query="env:prod").one_or_raise()
    assert dict(NotificationRule.objects.values_list("pk", "held_back")) == {same.pk: 3, turned.pk: 0}


def test_a_rule_that_is_switched_off_at_that_moment_releases_nothing(tell):
    rule = tell(quiet=3600)
    hush(rule, held_back=3, is_enabled=False)
    assert _release(rule.pk) == 0


def test_what_was_held_back_has_a_clock_of_its_own(tell):
    hush(tell(quiet=3600), held_back=3)
    sweep_raw_items()
    assert NotificationRule.objects.get().held_back == 3
    [entry] = [entry for entry in celery.conf.beat_schedule.values() if entry["task"] == tell_held_back.name]
    assert entry["schedule"] <= 60
    tell_held_back()
    assert NotificationRule.objects.get().held_back == 0
