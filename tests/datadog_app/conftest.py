"""Machines that speak to the API without a client of Datadog's."""

import json

import pytest

from accounts_app import actions
from accounts_app.access import system
from accounts_app.models import User


@pytest.fixture
def keys_of(db):
    """The headers of a person's machine: `keys_of(analyst, scopes=…)`."""

    def make(user: User, **options) -> dict[str, str]:
        _, api_key = actions.make_api_key(actor=system("tests"), name="Organisation")
        _, application_key = actions.make_application_key(actor=system("tests"), owner=user, name="Script", **options)
        return {"DD-API-KEY": api_key, "DD-APPLICATION-KEY": application_key}

    return make


@pytest.fixture
def keys(keys_of, analyst) -> dict[str, str]:
    """The analyst's."""
    return keys_of(analyst)


@pytest.fixture
def ask(client, keys):
    """Ask as the analyst's machine: `ask("patch", path, body)`. A body that is text or bytes is sent as it is."""

    def send(method: str, path: str, body=None, headers=keys, content_type="application/json"):
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body is not None else ""
        return client.generic(method.upper(), path, data, content_type=content_type, headers=headers)

    return send
