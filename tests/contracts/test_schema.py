"""The API against its own description: whatever the description allows, no answer is beyond it."""

import pytest
import requests
import schemathesis
from django.core.management import call_command
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from signals_app.models import Suppression
from tests.signals_app.factories import RuleFactory, SignalFactory

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
GROUPS = {
    "signals": (
        "/api/v1/",
        "/api/v2/security_monitoring/signals",
        "/api/v2/security_monitoring/events",
        "/api/v2/validate",
    ),
    "rules": (
        "/api/v2/security_monitoring/rules",
        "/api/v2/security_monitoring/configuration",
        "/api/v2/security_monitoring/terraform",
        "/api/v2/security/",
    ),
    "people": (
        "/api/v2/users",
        "/api/v2/user_invitations",
        "/api/v2/current_user",
        "/api/v2/roles",
        "/api/v2/permissions",
        "/api/v2/team",
    ),
    "keys": (
        "/api/v2/api_keys",
        "/api/v2/application_keys",
        "/api/v2/personal_access_tokens",
        "/api/v2/service_accounts",
    ),
    "incidents": ("/api/v2/incidents",),
    "cases": ("/api/v2/cases", "/api/v2/maintenance_windows"),
}
EXAMPLES = 4  # of each operation


@pytest.fixture
def session(machine_of):
    """One link for all that is asked, which is closed before the server waits for its threads."""
    with requests.Session() as link:
        yield link


def test_every_operation_is_of_a_group(description):
    beyond = [path for path in description["paths"] if path.startswith(("/api/v1/", "/api/v2/"))]
    beyond = [path for path in beyond if not path.startswith(sum(GROUPS.values(), ()))]
    assert beyond == []


def test_it_is_written_without_a_warning(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", str(tmp_path / "schema.yml"))


@pytest.mark.parametrize("group", GROUPS)
def test_no_answer_is_beyond_the_description(group, description, machine_of, session, admin):
    SignalFactory()
    RuleFactory()
    Suppression.objects.create(name="Quiet", query="env:staging")
    machine = machine_of(admin)
    schema = schemathesis.openapi.from_dict(description)
    schema.config.update(base_url=machine.url)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith(GROUPS[group]):
            continue
        asked += 1

        # Found anew each time, nothing remembered: the same cases in every run.
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case):
            response = case.call(session=session, headers=machine.headers)
            case.validate_response(response, checks=CHECKS)

        ask()
    assert asked


def test_what_an_operation_needs_is_said_of_every_method(description):
    paths, schemas = description["paths"], description["components"]["schemas"]
    optional = []
    ours = [path for path in paths if path.startswith(("/api/v1/", "/api/v2/"))]
    for one, method in [(path, method) for path in ours for method in paths[path]]:
        content = paths[one][method].get("requestBody", {}).get("content", {})
        for name in (body["schema"].get("$ref", "").rpartition("/")[2] for body in content.values()):
            schema = schemas.get(name, {})
            if "data" in schema.get("properties", {}) and "data" not in schema.get("required", ()):
                optional.append(f"{method} {one}")
    assert optional == []


def test_a_number_of_the_address_is_described_with_its_limits(description):
    described = [
        parameter
        for path, methods in description["paths"].items()
        if path.startswith("/api/v2/")
        for parameter in methods.get("get", {}).get("parameters", [])
        if parameter["in"] == "query" and parameter["schema"].get("type") == "integer"
    ]
    assert len(described) > 40
    assert [one["name"] for one in described if not {"minimum", "maximum"} <= one["schema"].keys()] == []
