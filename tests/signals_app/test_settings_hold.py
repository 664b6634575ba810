"""What settings promise under odd circumstances: long queries, late lines, what only the API can say, and load."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts_app.models import Notification
from core_app.delivery import deliver_due
from signals_app import actions
from signals_app.correlation.telling import tell_what_was_held_back
from signals_app.models import NotificationRule, Severity, Signal

from .recording import access, audit, dumped, edge, feed

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
