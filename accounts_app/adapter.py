"""What allauth asks us: nobody signs up, and every way in is counted and written down."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit  # the public one cannot look at one rate alone
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts_app import actions
from accounts_app.access import person
from accounts_app.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "This e-mail address and password do not belong together.",
        "too_many_login_attempts": "Too many failed attempts: logging in is locked for a few minutes. "
        "Wait, or ask an administrator for a link that sets a new password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People are invited by an administrator."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        actions.note_login(actor=person(user), user=user, ip=self.get_client_ip(request))

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        actions.note_refusal(email=user.email, ip=self.get_client_ip(request), why="deactivated")
        return super().respond_user_inactive(request, user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email, ip = credentials["email"], self.get_client_ip(request)
        actions.note_refusal(email=email, ip=ip, why="wrong e-mail address or password")
        if not ratelimit.consume(
            request,
            app="allauth.account",
            action="login_failed",
            config={"login_failed": settings.TOCSIN_LOCKOUT},
            key=self._get_login_attempts_cache_key(request, **credentials),
            dry_run=True,  # only looks: was this the attempt that locked the address?
        ):
            actions.note_lockout(email=email, ip=ip)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # By address alone. allauth adds the Host header, so that whoever varies its port would never be locked out.
        return credentials["email"].lower()

    def set_password(self, user: User, password: str) -> None:
        actions.set_password(actor=person(user), user=user, password=password)
