import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts_app import actions
from accounts_app.keys import authenticate
from accounts_app.middleware import PersonalClockMiddleware
from accounts_app.models import ApiKey, ApplicationKey, User
from core_app.models import Entry

PROFILE = {"name": "Ana Analyst", "job_title": "Analyst", "time_zone": "Asia/Tokyo", "theme": "dark"}
HOSTILE = "<script>alert(1)</script>"


def test_a_person_edits_their_profile(client, analyst):
    client.force_login(analyst)
    assert client.post("/account/", PROFILE).status_code == 302
    analyst.refresh_from_db()
    assert (analyst.time_zone, analyst.theme, analyst.job_title) == ("Asia/Tokyo", "dark", "Analyst")
    assert Entry.objects.get().data["time_zone"] == ["UTC", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("is_staff", "on"),
        ("is_superuser", "on"),
        ("is_active", ""),
        ("email", "other@example.test"),
        ("groups", "1"),
        ("user_permissions", "1"),
        ("password", "x"),
        ("uuid", "00000000-0000-0000-0000-000000000000"),
    ],
)
def test_a_profile_form_gives_nobody_a_right(client, analyst, field, value):
    client.force_login(analyst)
    before = User.objects.values().get(pk=analyst.pk)
    client.post("/account/", PROFILE | {field: value})
    after = User.objects.values().get(pk=analyst.pk)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"job_title", "time_zone", "theme"}
    assert [group.name for group in analyst.groups.all()] == ["Standard"]
    assert not analyst.user_permissions.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("time_zone", "Mars/Olympus"), ("time_zone", "../../etc/passwd"), ("name", ""), ("theme", "x")]
)
def test_a_profile_that_cannot_be_is_refused(client, analyst, field, value):
    client.force_login(analyst)
    assert client.post("/account/", PROFILE | {field: value}).status_code == 422
    assert not Entry.objects.exists()


def test_times_are_shown_in_the_time_zone_of_the_person(rf, analyst, viewer):
    seen = []
    middleware = PersonalClockMiddleware(
        lambda request: seen.append(timezone.get_current_timezone_name()) or HttpResponse()
    )
    for user, name in ((analyst, "America/St_Johns"), (viewer, "UTC")):
        request = rf.get("/")
        request.user = user
        user.time_zone = name
        middleware(request)
    assert seen == ["America/St_Johns", "UTC"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_clock_goes_back_also_when_the_page_fails(rf, analyst):
    def fail(request):
        raise ZeroDivisionError

    request = rf.get("/")
    request.user = analyst
    analyst.time_zone = "Asia/Tokyo"
    with pytest.raises(ZeroDivisionError):
        PersonalClockMiddleware(fail)(request)
    assert timezone.get_current_timezone_name() == "UTC"


def test_the_page_of_keys_shows_their_times_in_the_persons_time_zone(client, analyst, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Script")
    analyst.time_zone = "Asia/Tokyo"
    analyst.save()
    client.force_login(analyst)
    with timezone.override("Asia/Tokyo"):
        local = timezone.localtime(key.created_at)
    page = client.get("/account/keys/").content.decode()
    assert f"{local:%b} {local.day}, {local:%H:%M:%S}</time>" in page
    assert f"{local:%H:%M:%S} JST" in page


def test_a_new_key_is_shown_once_and_works(client, admin, acting):
    client.force_login(admin)
    _, api_key = actions.make_api_key(actor=acting(admin), name="Organisation")
    made = client.post("/account/keys/application/", {"name": "Script", "scopes": ["cases_read"], "lifetime": "30"})
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (201, True)
    secret = re.search(r'value="([0-9a-f]{64})"', made.content.decode())[1]
    assert authenticate(api_key, secret).permissions == {"cases_read"}
    assert ApplicationKey.objects.get().expires_at is not None
    assert secret not in client.get("/account/keys/").content.decode()
    assert all(secret not in cookie.value for cookie in client.cookies.values())


@pytest.mark.parametrize("kind", ["application", "api"])
def test_a_form_that_is_sent_again_by_a_reload_makes_no_second_key(client, admin, kind):
    client.force_login(admin)
    page = client.get("/account/keys/").content.decode()
    of_form = page.partition(f'action="/account/keys/{kind}/"')[2]
    token = re.search(r'name="token" value="([0-9a-f-]{36})"', of_form)[1]
    first, again = (client.post(f"/account/keys/{kind}/", {"name": "Script", "token": token}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 409)
    assert "its key is made, and its secret was shown then" in again.content.decode()
    assert ApiKey.objects.count() + ApplicationKey.objects.count() == 1
    assert client.post(f"/account/keys/{kind}/", {"name": "Script", "token": "no uuid"}).status_code == 422


def test_a_new_key_is_swapped_into_the_page_whose_address_stays(client, admin):
    client.force_login(admin)
    made = client.post("/account/keys/api/", {"name": "Organisation"}, headers={"HX-Request": "true"})
    words = made.content.decode()
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (201, True)
    assert re.search(r'value="[0-9a-f]{64}"', words) and "<html" not in words


def test_an_api_key_is_made_and_revoked_on_the_page(client, admin):
    client.force_login(admin)
    assert client.post("/account/keys/api/", {"name": "Organisation"}).status_code == 201
    key = ApiKey.objects.get()
    assert client.post(f"/account/keys/api/{key.uuid}/revoke/").status_code == 302
    assert ApiKey.objects.in_force().count() == 0


def test_who_may_not_see_api_keys_sees_none(client, admin, viewer, acting):
    key, _ = actions.make_api_key(actor=acting(admin), name="Organisation")
    client.force_login(viewer)
    assert "Organisation" not in client.get("/account/keys/").content.decode()
    assert client.post(f"/account/keys/api/{key.uuid}/revoke/").status_code == 404


def test_who_may_see_but_not_make_api_keys_is_told_why(client, analyst):
    client.force_login(analyst)
    assert "api_keys_write" in client.get("/account/keys/").content.decode()
    assert client.post("/account/keys/api/", {"name": "Mine"}).status_code == 403


def test_who_may_not_make_keys_is_told_why(client, viewer):
    client.force_login(viewer)
    assert "user_app_keys" in client.get("/account/keys/").content.decode()
    assert client.post("/account/keys/application/", {"name": "Mine"}).status_code == 403


def test_only_ones_own_keys_are_on_the_page(client, admin, analyst, acting):
    actions.make_application_key(actor=acting(analyst), owner=analyst, name="Anas script")
    client.force_login(admin)
    assert "Anas script" not in client.get("/account/keys/").content.decode()


def test_the_key_of_another_is_not_there_for_who_may_not_see_it(client, analyst, viewer, acting):
    key, _ = actions.make_application_key(actor=acting(analyst), owner=analyst, name="Anas script")
    client.force_login(viewer)
    assert client.post(f"/account/keys/application/{key.uuid}/revoke/").status_code == 404
    key.refresh_from_db()
    assert key.in_force


def test_a_scope_beyond_ones_own_is_refused(client, analyst):
    client.force_login(analyst)
    assert client.post("/account/keys/application/", {"name": "Wide", "scopes": ["org_management"]}).status_code == 422
    assert not ApplicationKey.objects.exists()


def test_hostile_names_are_shown_as_text(client, analyst):
    client.force_login(analyst)
    client.post("/account/", PROFILE | {"name": HOSTILE})
    client.post("/account/keys/application/", {"name": HOSTILE})
    for path in ("/account/", "/account/keys/"):
        page = client.get(path).content.decode()
        assert HOSTILE not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["/account/", "/account/keys/"])
def test_the_pages_cost_the_same_with_many_rows(client, admin, acting, path, django_assert_max_num_queries):
    client.force_login(admin)
    for number in range(20):
        actions.make_application_key(actor=acting(admin), owner=admin, name=f"Key {number}")
        actions.make_api_key(actor=acting(admin), name=f"Key {number}")
    with django_assert_max_num_queries(8):
        client.get(path)


def test_a_time_zone_that_is_no_longer_known_is_utc(client, analyst):
    User.objects.filter(pk=analyst.pk).update(time_zone="Asia/Gone")
    client.force_login(analyst)
    assert client.get("/account/").status_code == 200


def test_a_page_that_was_open_too_long_is_told_so_in_our_own_words(analyst):
    client = Client(enforce_csrf_checks=True)
    client.force_login(analyst)
    answer = client.post("/account/", PROFILE)
    assert answer.status_code == 403
    assert "load it again" in answer.content.decode()
