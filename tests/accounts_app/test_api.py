import pytest
from django.test import Client

from accounts_app import actions


@pytest.fixture
def keys(admin, analyst, acting):
    """The headers of a machine that acts as the analyst, narrowed to reading cases."""
    _, api_key = actions.make_api_key(actor=acting(admin), name="Organisation")
    _, application_key = actions.make_application_key(
        actor=acting(analyst), owner=analyst, name="Script", scopes=["cases_read"]
    )
    return {"DD-API-KEY": api_key, "DD-APPLICATION-KEY": application_key}


def test_keys_say_who_i_am_and_what_is_in_force(client, keys, analyst):
    answer = client.get("/api/me", headers=keys).json()
    assert answer["email"] == analyst.email
    assert answer["roles"] == ["Standard"]
    assert answer["permissions"] == ["cases_read"]
    assert answer["authenticated_by"] == "key"


def test_a_session_says_it_too(client, analyst):
    client.force_login(analyst)
    answer = client.get("/api/me").json()
    assert (answer["authenticated_by"], "cases_write" in answer["permissions"]) == ("person", True)


def test_nobody_is_asked_to_log_in_as_json(client, db):
    response = client.get("/api/me")
    assert (response.status_code, response["Content-Type"]) == (401, "application/json")


@pytest.mark.parametrize("missing", ["DD-API-KEY", "DD-APPLICATION-KEY"])
def test_one_key_alone_is_not_enough(client, keys, missing):
    del keys[missing]
    assert client.get("/api/me", headers=keys).status_code == 401


def test_wrong_keys_are_refused_whatever_session_comes_with_them(client, admin, keys):
    client.force_login(admin)
    response = client.get("/api/me", headers=keys | {"DD-API-KEY": "x"})
    assert response.status_code == 401
    assert response.json()["errors"][0]["code"] == "not_authenticated"


def test_keys_win_over_the_session_that_comes_with_them(client, admin, keys):
    client.force_login(admin)
    assert client.get("/api/me", headers=keys).json()["permissions"] == ["cases_read"]


def test_keys_open_no_page(client, keys):
    assert client.get("/account/", headers=keys).status_code == 302


def test_a_session_needs_a_token_to_write(admin):
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(admin)
    assert careful.post("/api/me").status_code == 403
    assert careful.post("/account/keys/api/", {"name": "Planted"}).status_code == 403
