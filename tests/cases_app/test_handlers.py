"""Whoever is called, or given work, is told."""

from uuid import uuid4

import numpy as np
import pytest
from django.core import mail

from accounts_app.models import Notification
from cases_app import actions
from cases_app.bulk import ASSIGN
from core_app.delivery import deliver_due
from search_app.bulk import operations
from search_app.bulk.frozen import Frozen

from .factories import CaseFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def told(user):
    deliver_due()
    return [(line.text, line.url) for line in Notification.objects.filter(user=user).order_by("pk")]


def test_whoever_a_comment_names_is_told_where_it_is(acting, analyst, responder):
    case = CaseFactory(project=ProjectFactory(key="OPS"), number=1, title="Login")
    said = actions.comment(actor=acting(analyst), case=case, body="@responder look")
    where = f"/cases/OPS-1/#comment-{said.uuid}"
    assert told(responder) == [("Ana Analyst mentioned you in OPS-1: Login", where)]
    assert told(analyst) == []


def test_what_was_said_is_told_by_the_comment_alone(acting, analyst, responder, django_capture_on_commit_callbacks):
    said = actions.comment(actor=acting(analyst), case=CaseFactory(), body="first")
    actions.edit_comment(actor=acting(analyst), comment=said, body="@responder the password is hunter2")
    with django_capture_on_commit_callbacks(execute=True):
        ((text, _),) = told(responder)
    assert "hunter2" not in text + mail.outbox[0].subject + mail.outbox[0].body


def test_what_was_taken_back_meanwhile_is_told_to_nobody(acting, analyst, responder):
    said = actions.comment(actor=acting(analyst), case=CaseFactory(), body="@responder look")
    actions.delete_comment(actor=acting(analyst), comment=said)
    assert told(responder) == []


def test_who_may_no_longer_see_cases_is_not_told(acting, analyst, responder):
    actions.comment(actor=acting(analyst), case=CaseFactory(), body="@responder look")
    responder.groups.clear()
    assert told(responder) == []


def test_whoever_is_given_a_case_is_told(acting, analyst, responder):
    case = CaseFactory(project=ProjectFactory(key="OPS"), number=1, title="Login")
    actions.assign(actor=acting(analyst), seen={case.pk: None}, user=responder)
    assert told(responder) == [("Ana Analyst assigned OPS-1 to you: Login", "/cases/OPS-1/")]


def test_whoever_is_given_a_case_from_its_beginning_is_told(acting, analyst, responder):
    actions.create_case(actor=acting(analyst), project=ProjectFactory(key="OPS"), title="Login", assignee=responder)
    assert told(responder) == [("Ana Analyst assigned OPS-1 to you: Login", "/cases/OPS-1/")]


def given_at_once(actor, cases, user):
    """What *Assign* does with a selection."""
    rows = Frozen.of(np.array([case.pk for case in cases]), np.array([case.version for case in cases]))
    params = {"user": str(user.uuid)}
    return operations.begin(
        actor=actor, action=ASSIGN, rows=rows, params=params, words="x", selection="x", token=uuid4()
    )


def test_whoever_is_given_many_at_once_is_told_once_and_led_to_them(
    client, acting, analyst, responder, django_capture_on_commit_callbacks
):
    cases = [CaseFactory(title=f"Given {number}") for number in range(3)]
    CaseFactory(title="Another", assignee=responder)
    operation = given_at_once(acting(analyst), cases, responder)
    with django_capture_on_commit_callbacks(execute=True):
        ((text, url),) = told(responder)
    assert text == "Ana Analyst assigned 3 cases to you"
    assert [message.subject for message in mail.outbox] == [text]
    assert url.startswith(f"/cases/?query=operation%3A{operation.uuid}+")
    client.force_login(responder)
    page = client.get(url).content.decode()
    assert all(case.title in page for case in cases) and "Another" not in page
    assert told(analyst) == []


def test_of_a_single_one_they_are_told_as_ever(acting, analyst, responder):
    case = CaseFactory(project=ProjectFactory(key="OPS"), number=1, title="Login")
    given_at_once(acting(analyst), [case], responder)
    assert told(responder) == [("Ana Analyst assigned OPS-1 to you: Login", "/cases/OPS-1/")]


def test_what_an_undo_gives_back_is_told_once_to_each(acting, analyst, responder, admin):
    cases = [CaseFactory(assignee=user) for user in (responder, responder, admin)]
    operation = given_at_once(acting(analyst), cases, analyst)
    assert told(responder) == told(admin) == []
    operations.undo(actor=acting(analyst), operation=operation)
    assert [text for text, _ in told(responder)] == ["Ana Analyst assigned 2 cases to you"]
    assert len(told(admin)) == 1


def test_who_may_not_see_cases_is_not_told_of_many(acting, analyst, outsider):
    given_at_once(acting(analyst), [CaseFactory(), CaseFactory()], outsider)
    assert told(outsider) == []


def test_a_line_leads_to_the_case_wherever_it_has_gone(client, acting, analyst, responder):
    case = CaseFactory(project=ProjectFactory(key="OPS"), number=1)
    said = actions.comment(actor=acting(analyst), case=case, body="@responder look")
    assert told(responder)
    for key in ("SEC", "WEB"):
        actions.move(actor=acting(analyst), seen={case.pk: None}, to=ProjectFactory(key=key))
    client.force_login(responder)
    line = Notification.objects.get(user=responder)
    answer = client.post(f"/notifications/{line.pk}/", follow=True)
    assert answer.redirect_chain[0][0].endswith(f"#comment-{said.uuid}")
    assert answer.redirect_chain[-1] == ("/cases/WEB-1/", 302)
    assert client.get("/cases/sec-1/?all=1")["Location"] == "/cases/WEB-1/?all=1"
    assert client.get("/api/cases/SEC-1/").json()["key"] == "WEB-1"
    assert client.get("/cases/OPS-2/").status_code == client.get("/api/cases/OPS-2/").status_code == 404


def test_a_key_that_was_given_again_is_the_new_ones(client, acting, analyst):
    project = ProjectFactory(key="OPS")
    moved = CaseFactory(project=project, number=1)
    actions.move(actor=acting(analyst), seen={moved.pk: None}, to=ProjectFactory(key="SEC"))
    CaseFactory(project=project, number=1, title="The new one")
    client.force_login(analyst)
    assert "The new one" in client.get("/cases/OPS-1/").content.decode()


def test_nobody_is_told_of_what_they_did_themselves(acting, analyst):
    actions.assign(actor=acting(analyst), seen={CaseFactory().pk: None}, user=analyst)
    assert told(analyst) == []
