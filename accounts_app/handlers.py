"""What follows from entries about people."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts_app.links import password_path
from accounts_app.models import User
from core_app.ledger import on
from core_app.models import Entry


@on("accounts.password_asked")
def send_password_mail(entry: Entry) -> None:
    """Mail the link that sets a new password, if there is such a person and they may log in."""
    user = User.objects.filter(pk=entry.target_id, is_active=True).first()
    too_late = timezone.now() - entry.at > timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    if user is None or too_late:
        return
    link = entry.data["origin"] + password_path(user)
    text = render_to_string("account/email/password_asked.txt", {"user": user, "link": link})
    # After the commit: no lock may wait for a mail server. A mail that gets lost is asked for again.
    transaction.on_commit(partial(send_mail, "A new password for Tocsin", text, None, [user.email]), robust=True)
