"""What people read when they decide something about incidents: what is wrong, in the words of the page."""

import re

import pytest
from django.urls import reverse

from accounts_app.access import NOBODY
from core_app.ledger import history
from incidents_app import actions
from incidents_app.models import IncidentHandle, IncidentType, NotificationRule, NotificationTemplate
from incidents_app.queries.notifying import unknown_variables, variables_of, written
from incidents_app.words import changed, sentence

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return IncidentType.objects.get(is_default=True)


@pytest.fixture
def page(client, analyst, kind):
    """Sends the form of a new one and answers the page that follows."""
    client.force_login(analyst)

    def send(part, **typed):
        return client.post(reverse("incidents:setting_new", args=[part]), {"type": kind.uuid, **typed}, follow=True)

    return send


RULE = {"trigger": "incident_created_trigger", "visibility": "organization", "handles": "@responder@example.test"}


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("severity: SEV-1, SEV-9", "There is no severity “SEV-9”. It is one of SEV-1, SEV-2"),
        ("state: closed", "There is no state “closed”. It is one of active, stable, resolved."),
        ("is_test: yes", "There is no is_test “yes”. It is one of true, false."),
    ],
)
def test_a_condition_that_no_incident_can_meet_is_refused_on_the_page(page, condition, words):
    answer = page("rules", **RULE, conditions=condition)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert not NotificationRule.objects.exists()


def test_programs_may_keep_such_a_condition(acting, analyst, kind):
    conditions = [{"field": "severity", "values": ["SEV-9"]}]
    given = {"trigger": "incident_created_trigger", "handles": ["@x"], "conditions": conditions}
    assert actions.create_notification_rule(actor=acting(analyst), type=kind, **given).conditions == conditions


def test_a_rule_with_such_a_condition_can_be_changed_and_says_that_it_is_never_met(client, acting, analyst, kind):
    conditions = [{"field": "severity", "values": ["SEV-9"]}]
    given = {"trigger": "incident_created_trigger", "handles": ["@x"], "conditions": conditions}
    rule = actions.create_notification_rule(actor=acting(analyst), type=kind, **given)
    client.force_login(analyst)
    address = reverse("incidents:setting_edit", args=["rules", rule.uuid])
    typed = {**RULE, "type": kind.uuid, "conditions": "severity: SEV-9", "seen_version": rule.version}
    answer = client.post(address, typed, follow=True)
    rule.refresh_from_db()
    assert (rule.handles, rule.conditions) == ([RULE["handles"]], conditions)
    assert "This rule is never met. There is no severity “SEV-9”." in answer.text
    answer = client.post(address, {**typed, "seen_version": rule.version, "conditions": "severity: SEV-8"})
    assert answer.status_code == 422


@pytest.mark.parametrize(("handle", "is_known"), [("@responders", True), ("@slack-ops", False)])
def test_a_rule_that_tells_nobody_says_so(page, responder, handle, is_known):
    answer = page("rules", **RULE | {"handles": handle})
    assert NotificationRule.objects.get().handles == [handle]
    assert ("This rule tells nobody" not in answer.text) is is_known


# --- templates ---


def test_a_variable_that_is_not_known_is_named_and_the_known_are_listed(page):
    content = "{{incident.title}} {{ incident.sevrity }} {{title}}"
    answer = page("templates", name="Alert", category="alert", subject="{{incident.url}}", content=content)
    assert NotificationTemplate.objects.get().content == content
    assert "{{ incident.sevrity }}, {{title}} are no variables that are known here" in answer.text
    assert "{{incident.commander}}, " in answer.text


def test_known_variables_are_all_filled_in(page, acting, analyst, kind):
    actions.create_user_defined_field(actor=acting(analyst), type=kind, name="region", kind="textbox")
    known = variables_of(kind)
    assert "region" in known
    fields = {"region": {"type": "textbox", "value": "eu"}}
    incident = actions.declare(actor=acting(analyst), title="x", fields=fields)
    content = " ".join(f"{{{{incident.{name}}}}}" for name in known)
    answer = page("templates", name="Alert", category="alert", subject="x", content=content)
    assert "is known here" not in answer.text
    assert "are known here" not in answer.text
    _, words = written(NotificationTemplate.objects.get(), incident, "/")
    assert "{{" not in words
    assert unknown_variables(content, known) == []


# --- the words of the page ---


def test_what_the_action_refuses_is_said_in_the_labels_of_the_page(page, analyst):
    answer = page("handles", name="incident")
    assert "A “Handle” is @ and letters" in answer.text
    assert answer.text.count("is @ and letters") == 1
    answer = page("fields", name="region", kind="dropdown", valid_values="eu\neu")
    assert "Each of “What may be chosen” stands there once." in answer.text
    assert "valid_values”" not in answer.text


def test_deletes_ask_first(page):
    answer = page("roles", name="Scribe")
    assert 'hx-confirm="Delete the role “Scribe”?' in answer.text


def test_a_handle_that_declares_is_no_person(acting, analyst, responder, kind):
    actions.create_incident_handle(actor=acting(analyst), type=kind, name="@incident-sev-1", severities=["SEV-1"])
    handles = ["@incident-sev-1", "@soc", "@responder@example.test"]
    incident = actions.declare(actor=acting(analyst), title="x", handles=handles)
    entry = history(incident).get(verb="incidents.told")
    used = "used the incident handle @incident-sev-1"
    assert sentence(entry, NOBODY) == f"{used} and told responder@example.test, those behind the handle @soc of it"
    assert changed(entry.data | {"handles": ["@soc", "@noc"]}) == []  # two handles are no before and after
    IncidentHandle.objects.all().delete()
    actions.tell_of_incident(actor=acting(analyst), incident=incident, handles=["@noc", "@ops", "@soc"])
    entry = history(incident).filter(verb="incidents.told").order_by("-pk")[0]
    assert sentence(entry, NOBODY) == "told those behind the handles @noc, @ops of it"  # @soc was told before


def test_what_has_to_be_said_is_marked(client, analyst):
    client.force_login(analyst)
    html = client.get(reverse("incidents:declare")).text
    marked = re.findall(r'class="field[^"]* is-required[^"]*">\s*<(?:label|legend)[^>]*>([^<]+)<', html)
    assert marked == ["Title", "Severity"]
    html = client.get(reverse("incidents:setting_new", args=["templates"])).text
    marked = re.findall(r'class="field is-required">\s*<label[^>]*>([^<]+)<', html)
    assert marked == ["Incidents of the type", "Name", "Category", "Subject", "Message"]
