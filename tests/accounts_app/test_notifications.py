"""Being told of something: once, by a line under the bell and by mail, and by nobody else's bell."""

import pytest
from django.core import mail
from django.db import transaction

from accounts_app.models import Notification
from accounts_app.notifications import notify
from core_app.ledger import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(analyst, acting):
    with transaction.atomic():
        return record(acting(analyst), "accounts.profile_updated", analyst)[0]


def test_everyone_is_told_once_however_often_the_handler_runs(
    entry, analyst, responder, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[responder, responder], entry=entry, text="Ana mentioned you", url="/cases/SEC-1/")
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[responder, analyst], entry=entry, text="Ana mentioned you", url="/cases/SEC-1/")
    assert sorted(Notification.objects.values_list("user__name", flat=True)) == ["Ana Analyst", "Rob Responder"]
    assert [message.to for message in mail.outbox] == [["responder@example.test"], ["analyst@example.test"]]


def test_who_may_not_log_in_is_told_nothing(entry, responder):
    responder.is_active = False
    assert notify(users=[responder], entry=entry, text="x", url="/") == []


def test_a_text_of_many_lines_is_one_subject(entry, responder, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[responder], entry=entry, text="one\r\nBcc: all@example.test", url="/")
    assert mail.outbox[0].subject == "one Bcc: all@example.test"


def test_the_bell_counts_what_is_unread_and_the_line_leads_there(client, entry, responder):
    notify(users=[responder], entry=entry, text="<b>Ana</b> mentioned you", url="/account/")
    client.force_login(responder)
    page = client.get("/notifications/").content.decode()
    assert 'aria-label="Notifications: 1 unread"' in page
    assert "&lt;b&gt;Ana&lt;/b&gt; mentioned you" in page
    opened = client.post(f"/notifications/{Notification.objects.get().pk}/")
    assert opened["Location"] == "/account/"
    assert 'aria-label="Notifications"' in client.get("/notifications/").content.decode()


def test_nobody_opens_or_reads_what_is_another_ones(client, entry, responder, analyst):
    notify(users=[responder], entry=entry, text="for Rob", url="/account/")
    client.force_login(analyst)
    assert "for Rob" not in client.get("/notifications/").content.decode()
    assert client.post(f"/notifications/{Notification.objects.get().pk}/").status_code == 404
    client.post("/notifications/read/")
    assert Notification.objects.get().read_at is None


def test_all_are_read_at_once(client, entry, responder):
    notify(users=[responder], entry=entry, text="for Rob", url="/account/")
    client.force_login(responder)
    assert client.post("/notifications/read/").status_code == 302
    assert Notification.objects.get().read_at is not None
