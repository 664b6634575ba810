"""Rules tell those whom they name, of what meets them, in the words of their template; and the pages of settings."""

import pytest
from django.core import mail
from django.urls import reverse

from accounts_app.models import Membership, Team, TeamTold
from core_app.delivery import deliver_due
from core_app.models import Entry
from incidents_app import actions
from incidents_app.models import IncidentType, NotificationRule, NotificationTemplate

pytestmark = pytest.mark.django_db


@pytest.fixture
def kind():
    return IncidentType.objects.get(is_default=True)


@pytest.fixture
def rule(acting, analyst, responder, kind):
    """Makes a rule that tells the responder."""

    def make(**given):
        handles = given.pop("handles", [f"@{responder.email}"])
        given = {"trigger": "incident_created_trigger"} | given
        return actions.create_notification_rule(actor=acting(analyst), type=kind, handles=handles, **given)

    return make


def texts(user) -> list[str]:
    deliver_due()
    return list(user.notifications.order_by("pk").values_list("text", flat=True))


def test_whoever_a_rule_names_is_told_of_what_meets_it(rule, acting, analyst, responder):
    rule(conditions=[{"field": "severity", "values": ["SEV-1", "SEV-2"]}])
    actions.declare(actor=acting(analyst), title="Small", severity="SEV-5")
    number = actions.declare(actor=acting(analyst), title="Large", severity="SEV-2").public_id
    assert texts(responder) == [f"Incident #{number}, SEV-2: Large was declared"]


def test_a_rule_may_ask_for_fields_that_the_organisation_adds(rule, acting, analyst, responder):
    rule(conditions=[{"field": "services", "values": ["web"]}])
    for services in (["mail"], ["api", "web"]):
        fields = {"services": {"type": "multiselect", "value": services}}
        actions.declare(actor=acting(analyst), title=services[0], fields=fields)
    assert [text.rpartition(": ")[2] for text in texts(responder)] == ["api was declared"]


def test_a_rule_that_is_off_tells_nobody(rule, acting, analyst, responder):
    rule(enabled=False)
    actions.declare(actor=acting(analyst), title="Attack")
    assert texts(responder) == []


def test_the_words_are_the_templates(rule, acting, analyst, responder, kind, django_capture_on_commit_callbacks):
    words = actions.create_notification_template(
        actor=acting(analyst),
        type=kind,
        name="Alert",
        category="alert",
        subject="{{incident.severity}}: {{ incident.title }}",
        content="It is {{incident.state}}, led by {{incident.commander}}. {{incident.odd}}",
    )
    rule(template=words)
    actions.declare(actor=acting(analyst), title="Attack", severity="SEV-1", commander=analyst)
    with django_capture_on_commit_callbacks(execute=True):
        assert texts(responder) == ["SEV-1: Attack"]
    (sent,) = [one for one in mail.outbox if one.to == [responder.email]]
    assert sent.subject == "SEV-1: Attack"
    assert sent.body.startswith("It is active, led by Ana Analyst. {{incident.odd}}")


def test_changes_are_told_by_rules_about_changes_and_where_it_is_to_be_told_again(
    rule, acting, analyst, responder, admin
):
    rule(trigger="incident_modified_trigger")
    rule(handles=[admin.email], renotify_on=["severity", "services"])
    incident = actions.declare(actor=acting(analyst), title="Attack")
    deliver_due()
    for change in (
        {"title": "Attack!"},
        {"severity": "SEV-1"},
        {"fields": {"services": {"type": "multiselect", "value": ["web"]}}},
    ):
        actions.edit_incidents(actor=acting(analyst), seen={incident.pk: None}, **change)
    assert len(texts(responder)) == 3
    assert [text.rpartition(": ")[2] for text in texts(admin)] == [
        "Attack was declared",
        "Ana Analyst changed the severity from Unknown to SEV-1",
        "Ana Analyst changed the fields",
    ]


def test_a_team_is_told_and_whoever_did_it_is_not(rule, acting, analyst, responder):
    team = Team.objects.create(name="On call", handle="on-call")
    for user in (analyst, responder):
        Membership.objects.create(team=team, user=user)
    rule(handles=["@team-on-call", "@slack-channel"])
    actions.declare(actor=acting(analyst), title="Attack")
    assert len(texts(responder)) == 1
    assert texts(analyst) == []


@pytest.mark.parametrize("mails", [True, False])
def test_a_team_gets_mail_of_incidents_only_if_it_wants_mail(
    rule, acting, analyst, responder, django_capture_on_commit_callbacks, mails
):
    team = Team.objects.create(name="On call", handle="on-call")
    Membership.objects.create(team=team, user=responder)
    TeamTold.objects.create(team=team, channels={"email": {"enabled": mails}})
    rule(handles=["@on-call"])
    actions.declare(actor=acting(analyst), title="Attack")
    with django_capture_on_commit_callbacks(execute=True):
        assert len(texts(responder)) == 1
    assert [one.to for one in mail.outbox] == [[responder.email]] * mails


@pytest.mark.parametrize(("visibility", "is_told"), [("organization", False), ("private", True), ("all", True)])
def test_private_incidents_are_told_by_rules_for_them_to_those_who_see_them(
    rule, acting, analyst, responder, admin, visibility, is_told
):
    rule(handles=[responder.email, admin.email], visibility=visibility)
    actions.declare(actor=acting(analyst), title="Secret", is_private=True)
    assert len(texts(admin)) == is_told
    assert texts(responder) == []


def test_a_rule_goes_with_its_type_and_outlives_its_template(rule, acting, analyst, kind):
    given = {"name": "x", "category": "x", "subject": "x", "content": "x"}
    words = actions.create_notification_template(actor=acting(analyst), type=kind, **given)
    rule(template=words)
    actions.delete_notification_template(actor=acting(analyst), template=words)
    assert NotificationRule.objects.get().template is None


# --- the pages ---


def test_a_rule_is_made_changed_and_taken_away_in_the_browser(client, analyst, kind):
    client.force_login(analyst)
    typed = {
        "type": kind.uuid,
        "trigger": "incident_created_trigger",
        "visibility": "organization",
        "conditions": "severity: SEV-1, SEV-2\n\nservices: web",
        "handles": "@on-call, @ana@example.test",
        "enabled": "on",
    }
    assert client.post(reverse("incidents:setting_new", args=["rules"]), typed).status_code == 302
    row = NotificationRule.objects.get()
    assert row.conditions == [
        {"field": "severity", "values": ["SEV-1", "SEV-2"]},
        {"field": "services", "values": ["web"]},
    ]
    assert "severity: SEV-1, SEV-2" in client.get(reverse("incidents:settings")).content.decode()
    address = reverse("incidents:setting_edit", args=["rules", row.uuid])
    assert "services: web" in client.get(address).content.decode()
    assert client.post(address, typed | {"seen_version": 0, "handles": "@on-call"}).status_code == 302
    assert client.post(address, typed | {"seen_version": 0}).status_code == 409  # somebody changed it meanwhile
    assert client.post(reverse("incidents:setting_delete", args=["rules", row.uuid])).status_code == 302
    assert not NotificationRule.objects.exists()
    verbs = Entry.objects.filter(verb__contains="notification_rule").order_by("pk").values_list("verb", flat=True)
    assert [verb.rpartition("_")[2] for verb in verbs] == ["created", "edited", "deleted"]


def test_a_template_is_made_and_changed_in_the_browser(client, analyst, kind):
    client.force_login(analyst)
    typed = {"type": kind.uuid, "name": "Alert", "category": "alert", "subject": "New", "content": "Look"}
    assert client.post(reverse("incidents:setting_new", args=["templates"]), typed).status_code == 302
    row = NotificationTemplate.objects.get()
    address = reverse("incidents:setting_edit", args=["templates", row.uuid])
    client.post(address, typed | {"seen_version": 0, "subject": "Newer"})
    row.refresh_from_db()
    assert row.subject == "Newer"


def test_what_cannot_be_meant_is_refused_and_kept(client, analyst, kind):
    client.force_login(analyst)
    typed = {"type": kind.uuid, "trigger": "incident_created_trigger", "visibility": "all", "handles": "@x"}
    page = client.post(reverse("incidents:setting_new", args=["rules"]), typed | {"conditions": "SEV-1"})
    assert (page.status_code, "Write a condition a line" in page.content.decode()) == (422, True)
    assert client.get(reverse("incidents:setting_new", args=["odd"])).status_code == 404


def test_who_may_not_change_settings_sees_them(client, viewer, rule):
    row = rule()
    client.force_login(viewer)
    page = client.get(reverse("incidents:settings")).content.decode()
    assert "incident_settings_write" in page and "New notification rule" not in page
    assert client.post(reverse("incidents:setting_delete", args=["rules", row.uuid])).status_code == 403


def test_a_channel_is_shown_and_unlinked(client, analyst, acting):
    incident = actions.declare(actor=acting(analyst), title="Attack")
    metadata = {"channels": [{"channel_id": "C1", "channel_name": "#war-room", "redirect_url": "https://slack.test/c"}]}
    row = actions.add_integration(actor=acting(analyst), incident=incident, kind=1, metadata=metadata)
    client.force_login(analyst)
    page = client.get(reverse("incidents:detail", args=[incident.public_id])).content.decode()
    assert "#war-room" in page and 'href="https://slack.test/c"' in page
    address = reverse("incidents:integration_delete", args=[incident.public_id, row.uuid])
    client.post(address, {"seen_version": 0, "confirm": "on"})
    assert not incident.integrations.exists()
    story = client.get(reverse("incidents:timeline", args=[incident.public_id])).content.decode()
    assert "unlinked #war-room" in story


def test_a_postmortem_is_drafted_by_the_headings_of_its_template(client, analyst, acting, kind):
    incident = actions.declare(actor=acting(analyst), title="Attack", summary="They came in.")
    content = "# Report\n\n## What Happened:\n\n## Timeline\n\nWe keep our own.\n\n## Action items ##"
    row = actions.create_postmortem_template(actor=acting(analyst), type=kind, name="Short", content=content)
    actions.add_todo(actor=acting(analyst), incident=incident, content="Rotate the keys")
    client.force_login(analyst)
    address = reverse("incidents:postmortem_file", args=[incident.public_id])
    assert client.get(address).content.decode().startswith("# Postmortem")
    draft = client.get(f"{address}?template={row.uuid}").content.decode()
    assert [line for line in draft.splitlines() if line] == [
        "# Report",
        "## What Happened:",
        "They came in.",
        "## Timeline",
        "We keep our own.",
        "## Action items ##",
        "- [ ] Rotate the keys",
    ]
    page = client.get(reverse("incidents:postmortem", args=[incident.public_id])).content.decode()
    assert "Headings of" in page and "What we learned" in page
    actions.edit_postmortem_template(actor=acting(analyst), template=row, default_since=incident.declared_at)
    assert client.get(address).content.decode() == draft
    assert client.get(f"{address}?template=").content.decode().startswith("# Postmortem")
