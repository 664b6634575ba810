"""System checks for settings that would be dangerous in production: `manage.py check --deploy` runs them all."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

SHORTEST_SECRET = 40  # characters


@register(Tags.security, deploy=True)
def check_secret_key(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        return [
            Error(
                f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters: the ledger's seals and all keys rest on it.",
                hint="Make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'",
                id="tocsin.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if "*" in settings.ALLOWED_HOSTS:
        return [Error("ALLOWED_HOSTS accepts any host name.", hint="Name the hosts that people use.", id="tocsin.E002")]
    return []


@register(Tags.security, deploy=True)
def check_https(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if not settings.TOCSIN_HTTPS:
        return [
            Warning(
                "TOCSIN_HTTPS is off: passwords, sessions and keys cross the network in the clear.",
                hint="Put a TLS proxy in front and set TOCSIN_HTTPS=1.",
                id="tocsin.W001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_demo(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.TOCSIN_DEMO and not settings.TOCSIN_DEVELOPMENT:
        return [
            Warning(
                "TOCSIN_DEMO is on: an empty database gets demo people.", hint="Set TOCSIN_DEMO=0.", id="tocsin.W002"
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_script_policy(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    scripts = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].get("script-src", [])
    if any("unsafe" in str(source) or source == "*" for source in scripts):
        return [Error("The content security policy lets foreign or inline scripts run.", id="tocsin.E003")]
    return []
