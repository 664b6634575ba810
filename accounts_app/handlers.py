"""What follows from entries about people."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts_app.links import password_path
from accounts_app.models import Invitation, User
from core_app.ledger import on
from core_app.models import Entry


@on("accounts.password_asked")
def send_password_mail(entry: Entry) -> None:
    """Mail the link that sets a new password, if there is such a person and they may log in."""
    user = User.objects.filter(pk=entry.target_id, is_active=True, is_service_account=False).first()
    too_late = timezone.now() - entry.at > timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    if user is None or too_late:
        return
    link = entry.data["origin"] + password_path(user)
    text = render_to_string("account/email/password_asked.txt", {"user": user, "link": link})
    # After the commit: no lock may wait for a mail server. A mail that gets lost is asked for again.
    transaction.on_commit(partial(send_mail, "A new password for Tocsin", text, None, [user.email]), robust=True)


@on("accounts.user_invited")
def send_invitation(entry: Entry) -> None:
    """Mail the link that sets a first password, unless the invitation was withdrawn or the person has come."""
    invitation = Invitation.objects.filter(uuid=entry.data["invitation"], user__is_active=True).first()
    if invitation is None or invitation.user.last_login is not None or invitation.expires_at <= timezone.now():
        return
    user = invitation.user
    context = {
        "user": user,
        "link": entry.data["origin"] + password_path(user),
        "again": entry.data["origin"] + reverse("account_reset_password"),
        "host": invitation.created_by.label if invitation.created_by else "Tocsin",
    }
    text = render_to_string("account/email/invited.txt", context)
    transaction.on_commit(partial(send_mail, "You are invited to Tocsin", text, None, [user.email]), robust=True)
