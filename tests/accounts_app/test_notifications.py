"""Being told of something: once, by a line under the bell and by mail, and by nobody else's bell."""

import pytest
from django.core import mail
from django.db import transaction

from accounts_app import actions
from accounts_app.actions import team_telling
from accounts_app.models import Membership, Notification, Team, TeamTold
from accounts_app.notifications import named_by, notify
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


@pytest.mark.parametrize(
    ("url", "kept"), [(f"/signals/?query={'x' * 300}", "/signals/"), (f"/{'x' * 300}/", "/")], ids=["query", "path"]
)
def test_news_are_told_whatever_the_length_of_their_address(entry, responder, url, kept):
    notify(users=[responder], entry=entry, text="x", url=url)
    assert Notification.objects.get().url == kept


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


# --- whom handles name ---


def test_a_team_that_wants_no_mail_gets_none(viewer, analyst, responder, acting, admin):
    team = Team.objects.create(name="Night shift", handle="night-shift")
    other = Team.objects.create(name="Day shift", handle="day-shift")
    for group, user in ((team, viewer), (team, analyst), (other, analyst)):
        Membership.objects.create(team=group, user=user)
    told = actions.set_up_telling(actor=acting(admin), team=team, channels={"email": {"enabled": False}})
    named = named_by(["@night-shift", f"@{responder.email}", "@slack-ops"])
    assert {*named.users} == {viewer, analyst, responder}
    assert named.mailed == {responder.pk}
    assert named_by(["@team-night-shift", "@day-shift"]).mailed == {analyst.pk}
    actions.change_telling(actor=acting(admin), told=told, channels={"email": {"enabled": True}})
    assert named_by(["@night-shift"]).mailed == {viewer.pk, analyst.pk}
    actions.forget_telling(actor=acting(admin), told=told)
    assert named_by(["@night-shift"]).mailed == {viewer.pk, analyst.pk}


@pytest.mark.parametrize("channels", [{"slack": {"channel": "ops"}}, {"email": {}}, {}])
def test_a_team_gets_mail_unless_it_is_said_that_it_gets_none(viewer, acting, admin, channels):
    team = Team.objects.create(name="Night shift", handle="night-shift")
    Membership.objects.create(team=team, user=viewer)
    told = actions.set_up_telling(actor=acting(admin), team=team, channels=channels)
    assert (told.mails, named_by(["@night-shift"]).mailed) == (True, {viewer.pk})
    said = actions.say_mail(actor=acting(admin), team=team, enabled=False)
    assert (said.mails, said.channels) == (False, {**channels, "email": {"enabled": False}})


def test_saying_whether_a_team_gets_mail_reads_what_is_said_under_a_lock(acting, admin, monkeypatch):
    team = Team.objects.create(name="Night shift", handle="night-shift")
    told = actions.set_up_telling(actor=acting(admin), team=team, channels={})

    def wait_for_the_lock(actor, row, opened=team_telling.open_team):
        found = opened(actor, row)
        TeamTold.objects.filter(pk=told.pk).update(channels={"slack": {"channel": "said meanwhile"}})
        return found

    monkeypatch.setattr(team_telling, "open_team", wait_for_the_lock)
    said = actions.say_mail(actor=acting(admin), team=team, enabled=True)
    assert said.channels == {"slack": {"channel": "said meanwhile"}, "email": {"enabled": True}}


def test_who_gets_no_mail_has_the_line_all_the_same(entry, viewer, responder, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify(users=[viewer, responder], entry=entry, text="Told", url="/", mailed={responder.pk})
    assert Notification.objects.count() == 2
    assert [message.to for message in mail.outbox] == [[responder.email]]


def test_whether_a_team_gets_mail_is_said_on_its_page(client, admin, viewer):
    team = Team.objects.create(name="Night shift", handle="night-shift")
    client.force_login(admin)
    for mail_, words in (("off", "Send mail too"), ("on", "Send no mail")):
        client.post("/teams/night-shift/mail/", {"mail": mail_})
        assert words in client.get("/teams/night-shift/").text
    assert TeamTold.objects.get().team == team
    client.force_login(viewer)
    assert client.post("/teams/night-shift/mail/", {"mail": "off"}).status_code == 403


def test_an_empty_bell_says_what_would_ring_it(client, analyst, outsider):
    client.force_login(analyst)
    page = client.get("/notifications/").text
    assert "when somebody mentions you, gives you a case" in page
    assert "/notification-rules/" in page
    client.force_login(outsider)
    assert 'href="/notification-rules/"' not in client.get("/notifications/").text
