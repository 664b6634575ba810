"""The operators' pages: sources, tokens, and what could not be read."""

import re

import pytest

from accounts_app.access import system
from core_app.models import Entry
from signals_app import actions
from signals_app.models import RawItem, Source

from .recording import audit, dumped, edge, feed, untimed

pytestmark = pytest.mark.django_db
PAGES = ["/intake/", "/intake/sources/edge/"]


@pytest.fixture
def source():
    return actions.create_source(actor=system("tests"), name="edge", format="modsecurity3").source


@pytest.fixture
def operator(client, admin):
    client.force_login(admin)
    return client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["viewer", "analyst"])
def test_who_does_not_run_the_organisation_is_told_which_permission_is_missing(client, request, source, page, who):
    client.force_login(request.getfixturevalue(who))
    answer = client.get(page)
    assert answer.status_code == 403
    assert "org_management" in answer.content.decode()


def test_sources_are_listed_with_what_waits_and_what_could_not_be_read(operator):
    source = edge()
    feed(source, dumped(untimed()))
    page = operator.get("/intake/").content.decode()
    assert "edge" in page and "has no time that can be read" in page


def test_a_new_source_shows_its_token_once(operator):
    form = {"name": "new-edge", "format": "modsecurity3", "env": "prod", "time_zone": "America/St_Johns"}
    answer = operator.post("/intake/sources/", form)
    assert answer.status_code == 201
    token = re.search(r'value="([0-9a-f]{64})"', answer.content.decode())[1]
    sent = operator.post(
        "/api/intake/new-edge",
        dumped(audit())[0],
        content_type="application/json",
        headers={"authorization": f"Bearer {token}"},
    )
    assert sent.status_code == 202
    assert token not in operator.get("/intake/sources/new-edge/").content.decode()
    assert Entry.objects.filter(verb="signals.source_created").count() == 1
    assert token not in str(list(Entry.objects.values_list("data", flat=True)))


@pytest.mark.parametrize(
    "change", [{"time_zone": "Mars/Olympus"}, {"name": "with space"}, {"name": ""}, {"format": "x"}]
)
def test_a_source_that_cannot_be_is_422(operator, change):
    form = {"name": "new", "format": "tocsin", "env": "", "time_zone": "UTC"} | change
    assert operator.post("/intake/sources/", form).status_code == 422
    assert not Source.objects.exists()


def test_settings_are_saved_and_ledgered(operator, source):
    form = {
        "env": "prod",
        "time_zone": "Europe/Berlin",
        "default_service": "shop",
        "hosts": "Shop.Example.Test = web-store\n\napi.example.test=orders-api",
        "is_enabled": "on",
        "seen_version": "0",
    }
    assert operator.post("/intake/sources/edge/", form).status_code == 302
    source.refresh_from_db()
    assert source.hosts == {"shop.example.test": "web-store", "api.example.test": "orders-api"}
    assert Entry.objects.get(verb="signals.source_edited").data["time_zone"] == ["UTC", "Europe/Berlin"]


def test_settings_that_somebody_changed_meanwhile_are_409(operator, source):
    actions.edit_sources(actor=system("tests"), seen={source.pk: 0}, env="staging")
    form = {"env": "prod", "time_zone": "UTC", "seen_version": "0", "is_enabled": "on"}
    answer = operator.post("/intake/sources/edge/", form)
    assert answer.status_code == 409
    source.refresh_from_db()
    assert source.env == "staging"


def test_a_host_without_a_service_is_422(operator, source):
    form = {"time_zone": "UTC", "hosts": "shop.example.test =", "seen_version": "0"}
    assert operator.post("/intake/sources/edge/", form).status_code == 422


def test_a_new_token_replaces_the_old_one(operator, source):
    before = source.token_digest
    assert operator.post("/intake/sources/edge/token/").status_code == 200
    source.refresh_from_db()
    assert source.token_digest != before
    assert Entry.objects.filter(verb="signals.source_token_rotated").count() == 1


def test_a_new_source_has_its_own_address_in_the_browser(operator):
    form = {"name": "new-edge", "format": "modsecurity3", "env": "", "time_zone": "UTC"}
    answer = operator.post("/intake/sources/", form, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Push-Url"]) == (201, "/intake/sources/new-edge/")
    assert "<html" not in answer.content.decode()
    assert operator.post("/intake/sources/", form).status_code == 422  # and a reload makes no second one


@pytest.mark.parametrize("ended", ["", "abcd"])
def test_a_form_for_a_new_token_that_is_sent_again_replaces_none(operator, source, ended):
    Source.objects.update(token_last4=ended)
    page = operator.get("/intake/sources/edge/").content.decode()
    assert f'name="seen_last4" value="{ended}"' in page
    answers = [operator.post("/intake/sources/edge/token/", {"seen_last4": ended}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert Entry.objects.filter(verb="signals.source_token_rotated").count() == 1


def test_an_unreadable_item_is_tried_again(operator):
    source = edge()
    feed(source, dumped(untimed()))
    item = RawItem.objects.get()
    operator.post("/intake/retry/", {"items": [item.pk]})
    item.refresh_from_db()
    assert item.state == "pending"
    assert Entry.objects.get(verb="signals.item_retried").target_id == str(item.pk)


@pytest.mark.parametrize("items", [[], ["x"], ["99999999999999999999999"], ["²"]])
def test_a_retry_of_nothing_says_so(operator, items):
    assert operator.post("/intake/retry/", {"items": items}, follow=True).status_code == 200


def test_what_attackers_wrote_is_shown_as_text(operator):
    feed(edge(), dumped(untimed(client_ip="<script>alert(1)</script>")))
    assert RawItem.objects.filter(state="unreadable").exists()
    assert "<script>alert(1)" not in operator.get("/intake/").content.decode()


def test_pages_of_unreadable_items_and_odd_numbers(operator):
    feed(edge(), dumped(*(untimed(n) for n in range(60))))
    assert "Page 2 of 2" in operator.get("/intake/?page=2").content.decode()
    assert operator.get("/intake/?page=x&source=nobody").status_code == 200
