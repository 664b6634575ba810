"""The link by which a person sets a new password."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from accounts_app.models import User


def password_path(user: User) -> str:
    """A path (no host) that lets whoever has it set this person's password: once, within PASSWORD_RESET_TIMEOUT."""
    token = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": token})
