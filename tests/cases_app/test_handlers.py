"""Whoever is called, or given work, is told."""

import pytest
from django.core import mail

from accounts_app.models import Notification
from cases_app import actions
from core_app.delivery import deliver_due

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


def test_nobody_is_told_of_what_they_did_themselves(acting, analyst):
    actions.assign(actor=acting(analyst), seen={CaseFactory().pk: None}, user=analyst)
    assert told(analyst) == []
