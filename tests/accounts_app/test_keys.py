import hmac
import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone

from accounts_app import actions
from accounts_app.access import key_actor, system
from accounts_app.keys import authenticate, authenticate_token, digest_of, matches, new_secret, touch
from accounts_app.models import AccessToken, ApiKey, ApplicationKey
from core_app.delivery import deliver_due
from core_app.errors import Invalid, NotAllowed, NotAuthenticated
from core_app.models import Entry

READ = "security_monitoring_signals_read"
WRITE = "security_monitoring_signals_write"


@pytest.fixture
def pair(admin, acting):
    """Secrets of an API key and of an application key of the admin's."""
    _, api_key = actions.make_api_key(actor=acting(admin), name="Organisation")
    _, application_key = actions.make_application_key(actor=acting(admin), owner=admin, name="Script")
    return api_key, application_key


def test_a_secret_has_256_bits_and_no_two_are_alike():
    secrets = {new_secret().value for _ in range(50)}
    assert len(secrets) == 50
    assert all(len(bytes.fromhex(value)) == 32 for value in secrets)


def test_a_secret_is_not_kept_and_cannot_be_recomputed_without_the_key(pair):
    _, application_key = pair
    key = ApplicationKey.objects.get()
    assert application_key not in str(vars(key))
    assert key.digest != hmac.new(b"", application_key.encode(), "sha256").hexdigest()
    assert key.digest == digest_of(application_key)
    assert key.last4 == application_key[-4:]


def test_a_digest_of_a_former_secret_key_still_matches_and_a_strangers_does_not(settings):
    secret = new_secret()
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another " + "y" * 40
    assert not matches(secret.value, secret.digest)
    settings.SECRET_KEY_FALLBACKS = [old]
    assert matches(secret.value, secret.digest)
    assert not matches(secret.value + "x", secret.digest)


def test_both_keys_together_act_as_the_owner(pair, admin, acting):
    actor = authenticate(*pair)
    assert (actor.kind, actor.user, actor.permissions) == ("key", admin, acting(admin).permissions)


@pytest.mark.parametrize("wrong", [0, 1])
def test_one_wrong_key_of_the_two_is_refused(pair, wrong):
    keys = list(pair)
    keys[wrong] = new_secret().value
    with pytest.raises(NotAuthenticated):
        authenticate(*keys)


def test_the_two_keys_are_not_interchangeable(pair):
    with pytest.raises(NotAuthenticated):
        authenticate(*reversed(pair))


def test_a_revoked_api_key_opens_nothing(pair, admin, acting):
    actions.revoke_api_key(actor=acting(admin), key=ApiKey.objects.get())
    with pytest.raises(NotAuthenticated):
        authenticate(*pair)


def test_a_revoked_application_key_opens_nothing(pair, admin, acting):
    actions.revoke_application_key(actor=acting(admin), key=ApplicationKey.objects.get())
    with pytest.raises(NotAuthenticated):
        authenticate(*pair)


def test_the_key_of_a_person_who_may_no_longer_log_in_opens_nothing(pair, admin):
    admin.is_active = False
    admin.save()
    with pytest.raises(NotAuthenticated):
        authenticate(*pair)


def test_a_key_past_its_end_opens_nothing(pair, admin, acting):
    tomorrow = timezone.now() + timedelta(days=1)
    _, short = actions.make_application_key(actor=acting(admin), owner=admin, name="Short", expires_at=tomorrow)
    assert authenticate(pair[0], short)
    with time_machine.travel(tomorrow + timedelta(seconds=1)), pytest.raises(NotAuthenticated):
        authenticate(pair[0], short)


def test_a_key_cannot_be_made_that_has_already_ended(admin, acting):
    with pytest.raises(Invalid, match="choose a day to come"):
        actions.make_api_key(actor=acting(admin), name="Late", expires_at=timezone.now())


def test_scopes_narrow_a_key(analyst, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Narrow", scopes=[READ])
    assert key_actor(key).permissions == {READ}


def test_a_key_loses_what_its_owner_loses(analyst, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Both", scopes=[READ, WRITE])
    analyst.groups.set([Group.objects.get(name="Read Only")])
    assert key_actor(key).permissions == {READ}


def test_a_key_cannot_have_a_scope_that_its_owner_lacks(analyst, acting):
    with pytest.raises(NotAllowed):
        actions.make_application_key(actor=acting(analyst), owner=analyst, name="Wide", scopes=["api_keys_write"])


def test_a_scope_of_what_is_not_here_gives_nothing_and_what_is_no_name_is_refused(analyst, acting):
    actor = acting(analyst)
    key, _ = actions.make_application_key(actor=actor, owner=analyst, name="Odd", scopes=["dashboards_read"])
    assert key_actor(key).permissions == frozenset()
    with pytest.raises(Invalid, match="no name of a permission"):
        actions.make_application_key(actor=actor, owner=analyst, name="Odd", scopes=["Everything!"])


@pytest.mark.parametrize("scopes", [[], [READ, "user_app_keys", WRITE]])
def test_a_narrow_key_cannot_make_a_wide_one(analyst, acting, scopes):
    narrow, _ = actions.make_application_key(
        actor=acting(analyst), owner=analyst, name="Narrow", scopes=["user_app_keys", READ]
    )
    with pytest.raises(NotAllowed):
        actions.make_application_key(actor=key_actor(narrow), owner=analyst, name="Wide", scopes=scopes)


def test_people_make_keys_for_themselves_only(admin, analyst, acting):
    with pytest.raises(NotAllowed, match="make their own"):
        actions.make_application_key(actor=acting(admin), owner=analyst, name="Theirs")


def test_one_revokes_ones_own_key_and_not_that_of_another(analyst, responder, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Mine")
    with pytest.raises(NotAllowed):
        actions.revoke_application_key(actor=acting(responder), key=key)
    assert not actions.revoke_application_key(actor=acting(analyst), key=key).in_force


def test_an_admin_revokes_the_key_of_another(admin, analyst, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Theirs")
    assert not actions.revoke_application_key(actor=acting(admin), key=key).in_force


def test_making_and_revoking_are_in_the_ledger_without_the_secret(analyst, acting):
    key, secret = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Mine", scopes=[READ])
    actions.revoke_application_key(actor=acting(analyst), key=key)
    actions.revoke_application_key(actor=acting(analyst), key=key)  # revoking twice is once
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["accounts.application_key_made", "accounts.application_key_revoked"]
    assert all(secret not in str(entry.data) + entry.target_label for entry in Entry.objects.all())


def test_use_is_noted_at_most_once_a_minute(admin, acting, django_assert_num_queries):
    key, _ = actions.make_api_key(actor=acting(admin), name="Busy")
    with time_machine.travel("2026-11-23 12:00:00+00:00", tick=False) as clock:
        touch(key)
        key.refresh_from_db()
        assert key.last_used_at == timezone.now()
        clock.shift(timedelta(seconds=59))
        with django_assert_num_queries(0):
            touch(key)
        clock.shift(timedelta(seconds=2))
        touch(key)
        key.refresh_from_db()
        assert key.last_used_at == timezone.now()


# --- tokens and programs ---


def test_a_token_is_made_on_the_page_shown_once_and_revoked(client, analyst):
    client.force_login(analyst)
    assert client.post("/account/keys/tokens/", {"name": "Job", "lifetime": "30"}).status_code == 422  # no scope
    assert client.post("/account/keys/tokens/", {"name": "Job", "scopes": [READ]}).status_code == 422  # no end
    made = client.post("/account/keys/tokens/", {"name": "Job", "lifetime": "30", "scopes": [READ]})
    (secret,) = re.findall(r'value="(tocsin_\w+)"', made.content.decode())
    assert (made.status_code, made["Cache-Control"]) == (201, "max-age=0, no-cache, no-store, must-revalidate, private")
    token = AccessToken.objects.get()
    assert authenticate_token(secret).permissions == {READ}
    page = client.get("/account/keys/").content.decode()
    assert "Job" in page and secret not in page
    client.post(f"/account/keys/tokens/{token.uuid}/revoke/")
    with pytest.raises(NotAuthenticated):
        authenticate_token(secret)


def test_a_token_of_somebody_else_is_not_there(client, analyst, viewer, acting):
    token, _ = actions.make_access_token(
        actor=system("tests"), owner=viewer, name="Job", scopes=[READ], expires_at=timezone.now() + timedelta(days=1)
    )
    client.force_login(analyst)  # who may see everyone's keys, and end none of them
    assert client.post(f"/account/keys/tokens/{token.uuid}/revoke/").status_code == 403
    token.refresh_from_db()
    assert token.in_force


def test_a_program_has_no_password_link_no_mail_and_no_way_into_the_panel(admin, acting, client):
    bot = actions.create_user(actor=acting(admin), email="bot@example.test", name="Bot", is_service_account=True)
    assert not bot.has_usable_password()
    for refused in (
        lambda: actions.make_password_link(actor=acting(admin), user=bot),
        lambda: actions.invite(actor=acting(admin), users=[bot], origin="https://tocsin.example"),
        lambda: actions.update_user(actor=acting(admin), user=bot, is_staff=True),
    ):
        with pytest.raises(Invalid):
            refused()
    client.post("/accounts/password/reset/", {"email": bot.email})
    deliver_due()
    assert mail.outbox == []


def test_programs_are_edited_by_who_may_edit_them_and_by_who_may_edit_people(admin, analyst, acting):
    bot = actions.create_user(actor=acting(admin), email="bot@example.test", name="Bot", is_service_account=True)
    with pytest.raises(NotAllowed):
        actions.update_user(actor=acting(analyst), user=bot, name="Mine")
    role = actions.create_role(
        actor=acting(admin), name="Robots", permissions=["service_account_write", "user_access_read"]
    )
    actions.change_roles(actor=acting(admin), user=analyst, give=[role])
    assert actions.update_user(actor=acting(analyst), user=bot, name="Ours").name == "Ours"
    with pytest.raises(NotAllowed):
        actions.update_user(actor=acting(analyst), user=admin, name="Ours")
