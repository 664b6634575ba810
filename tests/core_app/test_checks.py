"""Settings that would be dangerous in production are named by `manage.py check --deploy`."""

import pytest
from django.core.checks import run_checks

DANGERS = [
    ("tocsin.E001", {"SECRET_KEY": "short"}),
    ("tocsin.E002", {"ALLOWED_HOSTS": ["*"]}),
    ("tocsin.E003", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"script-src": ["'self'", "'unsafe-inline'"]}}}),
    ("tocsin.E003", {"CONTENT_SECURITY_POLICY": {"DIRECTIVES": {"script-src": ["*"]}}}),
    ("tocsin.W001", {"TOCSIN_HTTPS": False}),
    ("tocsin.W002", {"TOCSIN_DEMO": True, "TOCSIN_DEVELOPMENT": False}),
]
GOOD = {
    "SECRET_KEY": "p" * 50,
    "ALLOWED_HOSTS": ["tocsin.example.com"],
    "TOCSIN_HTTPS": True,
    "TOCSIN_DEMO": False,
    "TOCSIN_DEVELOPMENT": False,
}


def ours(settings, **changes) -> set[str]:
    for name, value in {**GOOD, **changes}.items():
        setattr(settings, name, value)
    found = run_checks(tags=["security"], include_deployment_checks=True)
    return {message.id for message in found if message.id.startswith("tocsin.")}


def test_good_settings_pass(settings):
    assert ours(settings) == set()


@pytest.mark.parametrize(("identifier", "changes"), DANGERS, ids=[name for name, _ in DANGERS])
def test_a_dangerous_setting_is_named(settings, identifier, changes):
    assert ours(settings, **changes) == {identifier}
