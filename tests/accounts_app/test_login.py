import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts_app import actions
from accounts_app.links import password_path
from core_app.delivery import deliver_due
from core_app.models import Entry
from tests.conftest import PASSWORD

LOGIN = "/accounts/login/"
PROFILE = "/account/"


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    cache.clear()
    yield
    cache.clear()


def log_in(client, email, password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def verbs():
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def test_a_person_logs_in_by_address_and_password(client, analyst):
    response = log_in(client, "Analyst@Example.test")
    assert (response.status_code, response["Location"]) == (302, "/")
    entry = Entry.objects.get(verb="accounts.logged_in")
    assert (entry.actor_label, entry.data) == ("Ana Analyst", {"ip": "127.0.0.1"})


def test_the_session_gets_a_new_key_at_login(client, analyst):
    session = client.session
    session["planted"] = True
    session.save()
    log_in(client, analyst.email)
    assert client.session["_auth_user_id"] == str(analyst.pk)
    assert client.cookies["tocsin_session"].value != session.session_key


def test_login_leads_where_the_person_wanted_to_go(client, analyst):
    asked = client.get(PROFILE)
    assert asked["Location"] == f"{LOGIN}?next={PROFILE}"
    response = client.post(asked["Location"], {"login": analyst.email, "password": PASSWORD, "next": PROFILE})
    assert response["Location"] == PROFILE


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "\\\\evil.example", "javascript:alert(1)"]
)
def test_login_never_leads_elsewhere(client, analyst, elsewhere):
    response = client.post(LOGIN, {"login": analyst.email, "password": PASSWORD, "next": elsewhere})
    assert "evil" not in response.headers.get("Location", "/")
    assert "javascript" not in response.headers.get("Location", "/")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, analyst):
    answers = []
    for email in (analyst.email, "nobody@example.test"):
        page = log_in(client, email, "wrong").content.decode()
        answers.append(re.sub(r"[A-Za-z0-9]{64}", "", page).replace(email, ""))  # without the CSRF tokens
    assert answers[0] == answers[1]
    assert "do not belong together" in answers[0]
    assert verbs() == ["accounts.login_refused", "accounts.login_refused"]


class CountingHasher(MD5PasswordHasher):
    """Counts the hashes: those, and the queries, are what a login attempt's time is made of."""

    algorithm = "counting"
    hashes = 0

    def encode(self, password, salt):
        type(self).hashes += 1
        return super().encode(password, salt)


def test_an_unknown_address_costs_as_much_time_as_a_wrong_password(client, analyst, settings):
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    analyst.set_password(PASSWORD)
    analyst.save()
    costs = []
    for email in (analyst.email, "nobody@example.test"):
        CountingHasher.hashes = 0
        with CaptureQueriesContext(connection) as queries:
            log_in(client, email, "wrong")
        costs.append((CountingHasher.hashes, len(queries)))
    assert costs[0] == costs[1]
    assert costs[0][0] == 1


def test_refusals_are_told_without_the_password(client, analyst):
    log_in(client, analyst.email, "hunter2-hunter2")
    entry = Entry.objects.get()
    assert (entry.target_label, entry.data["ip"]) == ("Ana Analyst", "127.0.0.1")
    assert "hunter2" not in str(vars(entry))


def test_five_failures_lock_an_address_even_for_the_right_password(client, analyst):
    for _ in range(5):
        log_in(client, analyst.email, "wrong")
    response = log_in(client, analyst.email)
    assert "Too many failed attempts" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert verbs() == ["accounts.login_refused"] * 5 + ["accounts.locked_out"]


def test_an_unknown_address_is_locked_alike(client, db):
    for _ in range(5):
        log_in(client, "nobody@example.test", "wrong")
    assert "Too many failed attempts" in log_in(client, "nobody@example.test", "wrong").content.decode()
    assert verbs()[-1] == "accounts.locked_out"


def test_the_lock_opens_after_five_minutes(client, analyst):
    with time_machine.travel("2026-11-23 12:00:00+00:00", tick=False) as clock:
        for _ in range(5):
            log_in(client, analyst.email, "wrong")
        clock.shift(timedelta(minutes=5, seconds=1))
        assert log_in(client, analyst.email).status_code == 302


@pytest.mark.parametrize(
    "variation",
    [
        {"HTTP_HOST": "localhost"},
        {"HTTP_HOST": "127.0.0.1:9999"},
        {"HTTP_X_FORWARDED_FOR": "203.0.113.9"},
        {"REMOTE_ADDR": "203.0.113.7"},
    ],
)
def test_a_lock_is_not_escaped_by_another_host_or_address(client, analyst, variation):
    for number in range(5):
        log_in(client, analyst.email.upper() if number % 2 else analyst.email, "wrong")
    assert "Too many failed attempts" in log_in(client, analyst.email, **variation).content.decode()


def test_one_address_on_the_net_cannot_try_many_people_forever(client, db):
    pages = [log_in(client, f"person{number}@example.test", "wrong").content.decode() for number in range(21)]
    assert "do not belong together" in pages[19]
    assert "Too many failed attempts" in pages[20]


def test_a_forwarded_address_does_not_lift_the_limit_per_address(client, db):
    for number in range(20):
        log_in(client, f"person{number}@example.test", "wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
    page = log_in(client, "last@example.test", "wrong", HTTP_X_FORWARDED_FOR="203.0.113.99").content.decode()
    assert "Too many failed attempts" in page


def test_a_closed_account_is_turned_away_and_that_is_noted(client, analyst):
    analyst.is_active = False
    analyst.save()
    response = log_in(client, analyst.email)
    assert response["Location"] == reverse("account_inactive")
    assert "_auth_user_id" not in client.session
    assert client.get(response["Location"]).status_code == 200
    assert Entry.objects.get().data["why"] == "deactivated"


def test_closing_an_account_ends_its_sessions_at_once(client, admin, analyst, acting):
    client.force_login(analyst)
    assert client.get(PROFILE).status_code == 200
    actions.set_active(actor=acting(admin), user=analyst, active=False)
    assert client.get(PROFILE).status_code == 302


def test_logging_out_takes_a_post(client, analyst):
    client.force_login(analyst)
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get(PROFILE).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(PROFILE).status_code == 302


@pytest.mark.parametrize("path", ["signup/", "email/", "2fa/", "2fa/totp/activate/", "3rdparty/", "social/signup/"])
def test_pages_that_are_not_finished_are_not_there(client, analyst, path):
    client.force_login(analyst)
    assert client.get(f"/accounts/{path}").status_code == 404


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(client, analyst):
    other = type(client)()
    other.force_login(analyst)
    client.force_login(analyst)
    new = "an even longer pass phrase"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/change/", data).status_code == 302
    assert client.get(PROFILE).status_code == 200
    assert other.get(PROFILE).status_code == 302
    assert verbs() == ["accounts.password_changed"]


def test_a_weak_password_is_refused(client, analyst):
    client.force_login(analyst)
    data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    assert "too short" in client.post("/accounts/password/change/", data).content.decode()
    assert verbs() == []


# --- forgotten passwords ---


def ask(client, email, **extra):
    return client.post("/accounts/password/reset/", {"email": email}, **extra)


def test_a_forgotten_password_is_set_by_a_link_that_works_once(client, analyst, django_capture_on_commit_callbacks):
    ask(client, "Analyst@example.test")
    with django_capture_on_commit_callbacks(execute=True):
        deliver_due()
    (message,) = mail.outbox
    assert message.to == [analyst.email]
    link = re.search(r"http://testserver(/\S+)", message.body)[1]
    page = client.get(link, follow=True)
    new = "an even longer pass phrase"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert log_in(client, analyst.email, new).status_code == 302
    assert "no longer works" in type(client)().get(link, follow=True).content.decode()
    assert verbs() == ["accounts.password_asked", "accounts.password_changed", "accounts.logged_in"]


def test_asking_for_an_unknown_address_looks_the_same_and_sends_nothing(
    client, analyst, django_capture_on_commit_callbacks
):
    known, unknown = ask(client, analyst.email), ask(client, "nobody@example.test")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    with django_capture_on_commit_callbacks(execute=True):
        deliver_due()
    assert [message.to for message in mail.outbox] == [[analyst.email]]


def test_a_closed_account_gets_no_link(client, analyst, django_capture_on_commit_callbacks):
    analyst.is_active = False
    analyst.save()
    ask(client, analyst.email)
    with django_capture_on_commit_callbacks(execute=True):
        deliver_due()
    assert mail.outbox == []


def test_links_for_one_address_are_limited(client, analyst):
    for _ in range(3):
        assert ask(client, analyst.email).status_code == 302
    assert ask(client, analyst.email).status_code == 429


def test_a_password_link_of_the_panel_lets_a_new_person_in(client, admin, acting):
    user = actions.create_user(actor=acting(admin), email="new@example.test", name="New")
    page = client.get(actions.make_password_link(actor=acting(admin), user=user), follow=True)
    new = "an even longer pass phrase"
    client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert log_in(client, user.email, new).status_code == 302


def test_a_password_link_ends_after_an_hour(client, admin, analyst, acting):
    with time_machine.travel("2026-11-23 12:00:00+00:00", tick=False) as clock:
        path = actions.make_password_link(actor=acting(admin), user=analyst)
        clock.shift(timedelta(hours=1, seconds=1))
        assert "no longer works" in client.get(path, follow=True).content.decode()


def test_the_log_does_not_hold_the_link_that_sets_a_password(client, analyst, caplog):
    path = password_path(analyst)
    token = path.rstrip("/").rpartition("-")[2]
    with caplog.at_level("INFO"):
        assert client.get(path).status_code == 302
    told = [record.getMessage() for record in caplog.records]
    assert any("/password/reset/key/…" in line for line in told)
    assert not any(token in line for line in told)


@pytest.mark.django_db
def test_a_piece_of_a_page_is_never_filled_with_the_log_in(client):
    piece = client.get(PROFILE, headers={"HX-Request": "true", "HX-Target": "signal-panel"})
    assert piece.status_code == 401
    assert b"You are logged out." in piece.content and b"<form" not in piece.content
    for whole in ({}, {"HX-Request": "true", "HX-History-Restore-Request": "true"}):
        assert client.get(PROFILE, headers=whole)["Location"] == f"{LOGIN}?next={PROFILE}"
