"""The official client, pointed at a live server with nothing but its host and keys set."""

from __future__ import annotations

import gc
import json
import threading
import warnings
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration
from django.test import Client

from accounts_app import actions
from accounts_app.access import person, system
from accounts_app.models import User


def assert_parsed(value: Any, path: str = "answer") -> None:
    """Nothing in the answer was beyond the client: no enum value it does not know, no model it could not make."""
    if isinstance(value, list):
        for place, inner in enumerate(value):
            assert_parsed(inner, f"{path}[{place}]")
    elif isinstance(value, dict):
        for name, inner in value.items():
            assert_parsed(inner, f"{path}.{name}")
    elif hasattr(value, "_data_store"):
        assert not value._unparsed, f"{path} was not parsed: {value}"
        for name, inner in value._data_store.items():
            assert_parsed(inner, f"{path}.{name}")
    elif getattr(value, "_unparsed", False):
        raise AssertionError(f"{path} was not parsed: {value}")


class Machine:
    """A program that acts for one person. `machine(Api).operation(…)` calls, and checks that the answer was parsed."""

    def __init__(self, url: str, api_key: str, application_key: str) -> None:
        self.url, self.api_key, self.application_key = url, api_key, application_key
        self.configuration = Configuration(
            host=url, api_key={"apiKeyAuth": api_key, "appKeyAuth": application_key}, enable_retry=False
        )
        for operation in self.configuration.unstable_operations.values:
            self.configuration.unstable_operations.values[operation] = True
        self.client = ApiClient(self.configuration)

    @property
    def headers(self) -> dict[str, str]:
        return {"DD-API-KEY": self.api_key, "DD-APPLICATION-KEY": self.application_key}

    def __call__(self, api: type) -> Any:
        return _Checked(api(self.client))


class _Checked:
    def __init__(self, api: Any) -> None:
        self._api = api

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._api, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            with warnings.catch_warnings():
                # What it says of operations that are new to it, or old: we have both.
                warnings.filterwarnings("ignore", message=".* is deprecated", category=DeprecationWarning)
                warnings.filterwarnings("ignore", message="Using unstable operation")
                answer = operation(*args, **kwargs)
            if name.endswith("_with_pagination"):
                answer = list(answer)
            assert_parsed(answer, name)
            return answer

        return call


@pytest.fixture
def machine_of(live_server, admin):
    """Makes the machine of a person: `machine_of(analyst)`; `scopes` narrow what it may do."""
    _, api_key = actions.make_api_key(actor=person(admin), name="Organisation")
    made = []

    def make(user: User, **options: Any) -> Machine:
        _, application_key = actions.make_application_key(actor=system("tests"), owner=user, name="Script", **options)
        made.append(Machine(live_server.url, api_key, application_key))
        return made[-1]

    yield make
    for machine in made:
        pools = machine.client.rest_client.pool_manager.pools
        for key in pools.keys():  # noqa: SIM118 - it refuses to be gone through itself
            pools[key].close()  # the client forgets its links and leaves it to the garbage collector to cut them
        machine.client.close()
    for thread in threading.enumerate():
        if "process_request" in thread.name:  # of the server: with the link gone it lets go of the database, and ends
            thread.join(timeout=1)
            if thread.is_alive():
                gc.collect()  # the links by which files came
                thread.join(timeout=30)


@pytest.fixture
def machine(machine_of, analyst) -> Machine:
    """The analyst's."""
    return machine_of(analyst)


@pytest.fixture(scope="session")
def descriptions() -> list[bytes]:
    """Where the description is kept, which takes seconds to write and says the same to all of its readers."""
    return []


@pytest.fixture
def description(descriptions, admin) -> dict:
    """The API's description, as its readers get it."""
    if not descriptions:
        reader = Client()
        reader.force_login(admin)
        descriptions.append(reader.get("/api/schema/?format=json").content)
    return json.loads(descriptions[0])
