"""What cases say besides, who watches them and what they are to one another: told, and on the pages."""

import pytest
from django.urls import reverse

from accounts_app.models import Notification
from cases_app import actions
from cases_app.models import CaseLink, CaseType, CustomAttribute
from core_app.delivery import deliver_due
from core_app.errors import Conflict
from core_app.models import Entry

from .factories import CaseFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return CaseFactory(project=ProjectFactory(key="OPS", last_number=2), number=1, title="Login")


@pytest.fixture
def attribute(case, acting, analyst):
    """Makes a custom attribute of the case's type."""

    def make(key="region", **given):
        given = {"name": key.title(), "kind": "TEXT"} | given
        return actions.create_custom_attribute(actor=acting(analyst), type=case.type, key=key, **given)

    return make


def told(user):
    deliver_due()
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("text", flat=True))


# --- watchers ---


def test_watchers_are_told_of_what_others_do_and_not_of_what_was_said(case, acting, analyst, responder):
    for user in (analyst, responder):
        actions.watch(actor=acting(user), case=case, user=user)
    seen = {case.pk: None}
    actions.set_status(actor=acting(analyst), seen=seen, to="IN_PROGRESS")
    actions.comment(actor=acting(analyst), case=case, body="the password is hunter2")
    assert told(responder) == [
        "OPS-1, Login: Ana Analyst moved it from Open to In Progress",
        "OPS-1, Login: Ana Analyst commented on it",
    ]
    assert told(analyst) == []
    actions.unwatch(actor=acting(responder), case=case, user=responder)
    actions.set_status(actor=acting(analyst), seen=seen, to="CLOSED")
    assert len(told(responder)) == 2


def test_one_watches_with_a_button_and_stops_with_it(client, case, viewer):
    client.force_login(viewer)
    page = client.get(reverse("cases:detail", args=["OPS-1"])).content.decode()
    assert "Nobody is told of what happens to it" in page
    client.post(reverse("cases:watch", args=["OPS-1"]))
    assert case.watcher_links.get().user == viewer
    assert "Stop watching" in client.get(reverse("cases:detail", args=["OPS-1"])).content.decode()
    part = client.post(reverse("cases:watch", args=["OPS-1"]), {"off": "1"}, headers={"HX-Request": "true"})
    assert ("Watch</button>" in part.content.decode(), case.watcher_links.count()) == (True, 0)


# --- links ---


def test_a_case_is_linked_by_its_key_and_both_tell_of_it(client, case, analyst):
    other = CaseFactory(project=case.project, number=2, title="Other")
    client.force_login(analyst)
    client.post(reverse("cases:link", args=["OPS-1"]), {"relationship": "BLOCKS:up", "key": " ops-2 "})
    link = CaseLink.objects.get()
    assert (link.parent, link.child) == (other, case)
    page = client.get(reverse("cases:detail", args=["OPS-1"])).content.decode()
    assert "It is one that the other blocks" in page
    assert "said that OPS-2 “Other” blocks it" in page
    assert "said that it blocks OPS-1 “Login”" in client.get(reverse("cases:detail", args=["OPS-2"])).content.decode()
    client.post(reverse("cases:unlink", args=["OPS-1", link.uuid]))
    assert not CaseLink.objects.exists()


@pytest.mark.parametrize(
    ("key", "words"), [("OPS-9", "There is no case OPS-9"), ("x", "such as SEC-12"), ("OPS-1", "itself")]
)
def test_a_link_that_cannot_be_is_refused_and_kept(client, case, analyst, key, words):
    client.force_login(analyst)
    page = client.post(reverse("cases:link", args=["OPS-1"]), {"relationship": "CAUSES:down", "key": key})
    text = page.content.decode()
    assert (page.status_code, words in text, f'value="{key}"' in text) == (422, True, True)


def test_who_may_only_read_links_nothing(client, case, viewer):
    CaseFactory(project=case.project, number=2)
    client.force_login(viewer)
    answer = client.post(reverse("cases:link", args=["OPS-1"]), {"relationship": "CAUSES:down", "key": "OPS-2"})
    assert (answer.status_code, CaseLink.objects.exists()) == (403, False)


# --- custom attributes ---


def test_custom_attributes_are_typed_with_the_case_and_shown_on_its_page(client, case, analyst, attribute):
    attribute("region", is_multi=True)
    attribute("loss", kind="NUMBER")
    attribute("report", kind="URL")
    attribute("cause", kind="SELECT", options=["phishing", "leak"])
    client.force_login(analyst)
    address = reverse("cases:edit", args=["OPS-1"])
    typed = {
        "title": case.title,
        "type": case.type.pk,
        "seen_version": 0,
        "custom:region": "eu-1\r\nus-1\r\n",
        "custom:loss": "2.5",
        "custom:report": "https://example.test/r",
        "custom:cause": "leak",
    }
    assert client.post(address, typed).status_code == 302
    case.refresh_from_db()
    assert case.custom_attributes == {
        "region": ["eu-1", "us-1"],
        "loss": 2.5,
        "report": "https://example.test/r",
        "cause": "leak",
    }
    page = client.get(reverse("cases:detail", args=["OPS-1"])).content.decode()
    assert 'href="https://example.test/r"' in page and "eu-1, us-1" in page
    assert "changed the custom attributes" in page
    assert 'value="2.5"' in client.get(address).content.decode()
    typed |= {"seen_version": 1, "custom:loss": "", "custom:region": "eu-1\nus-1"}
    assert client.post(address, typed).status_code == 302
    case.refresh_from_db()
    assert case.custom_attributes.keys() == {"region", "report", "cause"}


@pytest.mark.parametrize(
    ("kind", "typed"), [("NUMBER", "much"), ("NUMBER", "inf"), ("URL", "javascript:alert(1)"), ("SELECT", "other")]
)
def test_what_a_custom_attribute_cannot_be_is_told_at_its_field(client, case, analyst, attribute, kind, typed):
    attribute("odd", kind=kind, options=["leak"] if kind == "SELECT" else [])
    client.force_login(analyst)
    given = {"title": "New", "type": case.type.pk, "seen_version": 0, "custom:odd": typed}
    page = client.post(reverse("cases:edit", args=["OPS-1"]), given)
    case.refresh_from_db()
    assert (page.status_code, "field-problem" in page.content.decode(), case.title) == (422, True, "Login")


def test_taking_one_away_takes_what_cases_said_of_it(case, acting, analyst, attribute):
    row = attribute()
    seen = {case.pk: None}
    actions.edit_cases(actor=acting(analyst), seen=seen, custom_attributes={"region": "eu-1"}).one_or_raise()
    with pytest.raises(Conflict):
        actions.edit_custom_attribute(actor=acting(analyst), attribute=row, kind="NUMBER")
    actions.edit_custom_attribute(actor=acting(analyst), attribute=row, name="Area")
    actions.delete_custom_attribute(actor=acting(analyst), attribute=row)
    case.refresh_from_db()
    assert case.custom_attributes == {}
    verbs = Entry.objects.filter(verb__startswith="cases.attribute").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["cases.attribute_created", "cases.attribute_edited", "cases.attribute_deleted"]


def test_a_custom_attribute_is_made_and_changed_in_the_panel(client, admin):
    client.force_login(admin)
    kind = CaseType.objects.get(is_default=True)
    typed = {"type": kind.pk, "key": "cause", "name": "Cause", "kind": "SELECT", "options": '["phishing"]'}
    assert client.post(reverse("admin:cases_app_customattribute_add"), typed).status_code == 302
    row = CustomAttribute.objects.get()
    assert row.options == ["phishing"]
    address = reverse("admin:cases_app_customattribute_change", args=[row.pk])
    assert client.post(address, typed | {"name": "Root cause"}).status_code == 302
    row.refresh_from_db()
    assert row.name == "Root cause"
    for odd in ('{"a": 1}', "3"):
        assert client.post(address, typed | {"options": odd}).status_code in (200, 400, 422)


# --- favourites ---


def test_a_favourite_project_comes_first(client, viewer):
    project = ProjectFactory(key="WEB", name="Web")
    client.force_login(viewer)
    address = reverse("cases:project_favourite", args=["WEB"])
    assert client.post(address).status_code == 302
    page = client.get(reverse("cases:project_list"))
    assert [row.key for row, _ in page.context["projects"]] == ["WEB", "SEC"]
    assert "Web is a favourite" in page.content.decode()
    client.post(address, {"off": "1"})
    assert not project.favourites.exists()


# --- rules of a project ---


@pytest.fixture
def rule(case, acting, analyst, responder):
    """Makes a rule of the case's project that tells the responder."""

    def make(kind, query="", **data):
        return actions.create_project_rule(
            actor=acting(analyst),
            project=case.project,
            recipients=[{"type": "EMAIL", "data": {"email": responder.email}}, {"type": "EMAIL", "data": {}}],
            triggers=[{"type": kind, "data": data}],
            query=query,
        )

    return make


def test_a_rule_tells_of_cases_that_are_made_and_meet_its_query(rule, case, acting, analyst, responder):
    rule("CASE_CREATED", query="priority:(P1 OR P2)")
    for priority in ("P1", "P3"):
        actions.create_case(actor=acting(analyst), project=case.project, title=priority, priority=priority)
    actions.create_case(actor=acting(analyst), project=ProjectFactory(key="WEB"), title="Else", priority="P1")
    assert [text.partition(", ")[2] for text in told(responder)] == ["P1: Ana Analyst made the case"]


@pytest.mark.parametrize(
    ("data", "count"),
    [({}, 2), ({"to_status": "CLOSED"}, 1), ({"to_status_name": "In Progress"}, 1), ({"from_status": "CLOSED"}, 0)],
)
def test_a_rule_tells_of_the_moves_that_it_names(rule, case, acting, analyst, responder, data, count):
    rule("STATUS_TRANSITIONED", **data)
    for status in ("IN_PROGRESS", "CLOSED"):
        actions.set_status(actor=acting(analyst), seen={case.pk: None}, to=status)
    actions.set_priority(actor=acting(analyst), seen={case.pk: None}, to="P1")
    assert len(told(responder)) == count


@pytest.mark.parametrize(("field", "count"), [("", 3), ("priority", 1), ("team", 1), ("title", 1), ("assignee", 0)])
def test_a_rule_tells_of_the_values_that_it_names(rule, case, acting, analyst, responder, field, count):
    rule("ATTRIBUTE_VALUE_CHANGED", **({"field": field} if field else {}))
    seen = {case.pk: None}
    actions.set_priority(actor=acting(analyst), seen=seen, to="P1")
    actions.edit_cases(actor=acting(analyst), seen=seen, attributes={"team": ["web"]})
    actions.edit_cases(actor=acting(analyst), seen=seen, title="New")
    assert len(told(responder)) == count


def test_a_rule_that_is_off_tells_nobody(rule, case, acting, analyst, responder):
    row = rule("CASE_CREATED")
    actions.edit_project_rule(actor=acting(analyst), rule=row, is_enabled=False)
    actions.create_case(actor=acting(analyst), project=case.project, title="Quiet")
    assert told(responder) == []


def test_rules_are_made_and_taken_away_in_the_browser(client, case, analyst, responder):
    client.force_login(analyst)
    address = reverse("cases:project_rules", args=["OPS"])
    typed = {"to": responder.email, "when": ["CASE_CREATED||", "STATUS_TRANSITIONED|to_status|CLOSED"], "query": ""}
    assert client.post(address, typed).status_code == 302
    row = case.project.rules.get()
    assert row.triggers[1] == {"type": "STATUS_TRANSITIONED", "data": {"to_status": "CLOSED"}}
    page = client.get(address).content.decode()
    assert f"{responder.email}" in page and "When a case is made or a status changes to CLOSED" in page
    refused = client.post(address, typed | {"query": "status:("})
    assert (refused.status_code, "field-problem" in refused.content.decode()) == (422, True)
    client.post(reverse("cases:project_rule_delete", args=["OPS", row.uuid]))
    assert not case.project.rules.exists()
    verbs = Entry.objects.filter(verb__startswith="cases.rule").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["cases.rule_created", "cases.rule_deleted"]


def test_who_may_not_change_projects_makes_no_rule(client, case, viewer):
    client.force_login(viewer)
    address = reverse("cases:project_rules", args=["OPS"])
    assert "Create rule" not in client.get(address).content.decode()
    assert client.post(address, {"to": "x", "when": "CASE_CREATED||"}).status_code == 403
