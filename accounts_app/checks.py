"""System checks of how people get in: `manage.py check --deploy` runs them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

SPEECHLESS = ("django.core.mail.backends.dummy.EmailBackend", "django.core.mail.backends.console.EmailBackend")


@register(Tags.security, deploy=True)
def check_mail(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND in SPEECHLESS:
        return [
            Warning(
                "EMAIL_URL is not set: nobody can get a new password by mail.",
                hint="Set it to smtp+tls://user:password@host:587, or make password links in the admin panel.",
                id="tocsin.W010",
            )
        ]
    return []
