"""Every operation that there is, asked for what is not there and sent what cannot be meant.

The operations are those of our own table of addresses, and what each takes is what its description says: one that is
added is walked over without being named here.
"""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple

import pytest

from accounts_app import actions
from accounts_app.access import person, system
from accounts_app.models import User
from tests.test_architecture import ADDRESSES, house  # noqa: F401 - a fixture

UNKNOWN = "00000000-0000-0000-0000-00000000beef"
WORDS = {"resource_type": "rules", "action": "edit"}  # in addresses, and no names of things
NUMBERS = {"version": "7"}
WRONG = {"string": 5, "integer": "five", "number": "five", "boolean": "maybe", "array": 5, "object": 5}
# An OpenAPI description has no place for what a DELETE is sent.
UNDESCRIBED = {
    f"DELETE /api/v2/roles/{{role_id}}/{part}": {"data": {"id": UNKNOWN, "type": part}}
    for part in ("permissions", "users")
}
DEEPEST = 5  # objects inside of each other that are gone into


class Operation(NamedTuple):
    method: str
    address: Any

    @property
    def path(self) -> str:
        return "/" + self.address.route.replace("%(", "{").replace(")s", "}")

    @property
    def name(self) -> str:
        return f"{self.method.upper()} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)


def operations() -> Iterator[Operation]:
    for address in ADDRESSES:
        view = getattr(address.callback, "view_class", None)
        if address.name.startswith("datadog:") and view is not None:
            for method in ("get", "post", "put", "patch", "delete"):
                if hasattr(view, method) and method in view.http_method_names:
                    yield Operation(method, address)


OPERATIONS = list(operations())
OF_THINGS = [one for one in OPERATIONS if {*one.parameters} - WORDS.keys()]


@pytest.fixture
def ask(client, house):  # noqa: F811
    """Asks by the keys of whoever owns what is in the house, an administrator, as a program does."""
    owner = User.objects.get(email="owner@example.test")
    _, api_key = actions.make_api_key(actor=person(owner), name="Organisation")
    _, application_key = actions.make_application_key(actor=system("tests"), owner=owner, name="Script")
    keys = {"DD-API-KEY": api_key, "DD-APPLICATION-KEY": application_key}

    def send(operation: Operation, path: str, body: Any = None):
        sent = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(client, operation.method)(path, headers=keys, **sent)

    return send


class Body:
    """What an operation takes, as its description says."""

    def __init__(self, description: dict, operation: Operation) -> None:
        self.schemas = description["components"]["schemas"]
        told = description["paths"].get(operation.path, {}).get(operation.method)
        assert told is not None, f"{operation.name} is not described"
        content = told.get("requestBody", {}).get("content", {})
        self.schema = self.meant(next(iter(content.values()))["schema"]) if content else None

    def meant(self, schema: dict) -> dict:
        """The schema that a reference, or a wrapper around one, stands for."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            # The description says of a PATCH that nothing is needed; the same body of another method says what is.
            return self.meant(self.schemas.get(name.removeprefix("Patched")) or _needing_all(self.schemas[name]))
        for way in ("allOf", "oneOf"):
            if way in schema:
                return self.meant(schema[way][0])
        return schema

    def sample(self, schema: dict | None = None, depth: int = 0) -> Any:
        """The least that can be sent."""
        schema = self.meant(self.schema if schema is None else schema)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "object":
                needed = schema.get("required", [])
                return {name: self.sample(schema["properties"][name], depth + 1) for name in needed}
            case "array":
                return [self.sample(schema["items"], depth + 1)]
            case "integer" | "number":
                return max(1, schema.get("minimum", 1))
            case "boolean":
                return True
            case "string":
                return {"uuid": UNKNOWN, "date-time": "2026-11-25T12:00:00Z"}.get(schema.get("format", ""), "x")
        return {}

    def wrong(self) -> Iterator[tuple[str, Any]]:
        """Bodies with one thing in them that is of another type, and where that is."""
        good = self.sample()
        for path, kind in self._leaves(self.schema, (), 0):
            body = deepcopy(good)
            _put(body, path, WRONG[kind])
            yield ".".join(map(str, path)), body

    def nulls(self) -> Iterator[tuple[str, Any]]:
        """Bodies in which something that need not be sent is null, and where that is."""
        good = self.sample()
        for path in self._optional(self.schema, (), 0):
            body = deepcopy(good)
            _put(body, path, None)
            yield ".".join(map(str, path)), body

    def _optional(self, schema: dict, path: tuple, depth: int) -> Iterator[tuple]:
        schema = self.meant(schema)
        if depth < DEEPEST:
            for name, inner in schema.get("properties", {}).items():
                if name in schema.get("required", ()):
                    yield from self._optional(inner, (*path, name), depth + 1)
                else:
                    yield (*path, name)
            if schema.get("type") == "array":
                yield from self._optional(schema["items"], (*path, 0), depth + 1)

    def _leaves(self, schema: dict, path: tuple, depth: int) -> Iterator[tuple[tuple, str]]:
        schema = self.meant(schema)
        kind = schema.get("type")
        if path and kind in WRONG:
            yield path, kind
        if depth < DEEPEST:
            for name, inner in schema.get("properties", {}).items():
                yield from self._leaves(inner, (*path, name), depth + 1)
            if kind == "array":
                yield from self._leaves(schema["items"], (*path, 0), depth + 1)


def _needing_all(schema: dict) -> dict:
    return {**schema, "required": list(schema.get("properties", {}))}


def _put(body: Any, path: tuple, value: Any) -> None:
    for name, following in pairwise(path):
        empty = [{}] if isinstance(following, int) else {}
        if isinstance(name, int):
            body[name] = body[name] or empty
        else:
            body.setdefault(name, empty)
            if isinstance(following, int) and not body[name]:
                body[name] = [{}]
        body = body[name]
    body[path[-1]] = value


def test_nothing_is_left_out():
    """Lower these only with an operation that is taken away on purpose."""
    assert len(OPERATIONS) >= 265
    assert len(OF_THINGS) >= 182


def test_what_is_not_there_is_not_found(ask, description, db):
    found = {}
    for operation in OF_THINGS:
        values = {name: WORDS.get(name) or NUMBERS.get(name) or UNKNOWN for name in operation.parameters}
        body = Body(description, operation)
        sent = body.sample() if body.schema else UNDESCRIBED.get(operation.name)
        response = ask(operation, operation.path.format(**values), sent)
        if response.status_code != 404:
            found[operation.name] = (response.status_code, response.content[:200])
    assert not found, "\n".join(f"{name}: {answer}" for name, answer in found.items())


def test_what_is_of_another_type_is_refused(ask, description, house):  # noqa: F811
    accepted, asked = {}, 0
    for operation in OPERATIONS:
        body = Body(description, operation)
        for place, sent in body.wrong() if body.schema else ():
            response = ask(operation, house(operation.address).replace("set_state", WORDS["action"]), sent)
            asked += 1
            if response.status_code not in (400, 422):
                accepted[f"{operation.name} {place}"] = (response.status_code, response.content[:200])
    assert asked > 500
    assert not accepted, "\n".join(f"{name}: {answer}" for name, answer in accepted.items())


def test_null_where_nothing_need_be_sent_is_no_mistake(ask, description, house):  # noqa: F811
    odd, asked = {}, 0
    for operation in OPERATIONS:
        body = Body(description, operation)
        for place, sent in body.nulls() if body.schema else ():
            response = ask(operation, house(operation.address).replace("set_state", WORDS["action"]), sent)
            asked += 1
            if response.status_code >= 500 or b"may not be null" in response.content:
                odd[f"{operation.name} {place}"] = (response.status_code, response.content[:200])
    assert asked > 300
    assert not odd, "\n".join(f"{name}: {answer}" for name, answer in odd.items())


def test_what_is_no_body_is_refused(ask, description, house):  # noqa: F811
    odd = {}
    for operation in OPERATIONS:
        for sent in ([], "text", 5, {"data": []}, {"data": "text"}) if Body(description, operation).schema else ():
            response = ask(operation, house(operation.address), sent)
            if response.status_code >= 500 or (response.status_code < 300 and not isinstance(sent, dict)):
                odd[f"{operation.name} {sent}"] = (response.status_code, response.content[:200])
    assert odd == {}
