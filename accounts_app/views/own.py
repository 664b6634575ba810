"""One's own pages: profile, keys and notifications."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app import actions
from accounts_app.forms import AccessTokenForm, ApplicationKeyForm, KeyForm, ProfileForm
from accounts_app.models import AccessToken, ApiKey, ApplicationKey, Notification, Role, User
from accounts_app.notifications import mark_read
from accounts_app.permissions import LABELS
from core_app.http import wants_fragment
from core_app.zones import time_zones

NOTIFICATIONS = 50  # on a page


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    # A row of its own: a form that fails must not leave its values on request.user, which the page shows.
    user = User.objects.visible_to(request.actor).get(pk=request.user.pk)
    form = ProfileForm(request.POST or None, instance=user)
    if form.is_valid():
        actions.update_profile(actor=request.actor, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    context = {
        "form": form,
        "time_zones": sorted(time_zones()),
        "roles": Role.objects.visible_to(request.actor).filter(group__user=request.user).select_related("group"),
        "teams": request.user.teams.all(),
        "permissions": [(name, label) for name, label in LABELS.items() if request.actor.can(name)],
    }
    return render(request, "accounts_app/profile.html", context, status=422 if form.is_bound else 200)


@require_GET
def key_list(request: HttpRequest) -> HttpResponse:
    return _draw_keys(request)


@require_POST
@never_cache
def application_key_make(request: HttpRequest) -> HttpResponse:
    form = ApplicationKeyForm(request.POST, actor=request.actor)
    return _made(request, "application_key_form", form, partial(actions.make_application_key, owner=request.user))


@require_POST
@never_cache
def api_key_make(request: HttpRequest) -> HttpResponse:
    return _made(request, "api_key_form", KeyForm(request.POST), actions.make_api_key)


@require_POST
@never_cache
def access_token_make(request: HttpRequest) -> HttpResponse:
    form = AccessTokenForm(request.POST, actor=request.actor)
    return _made(request, "access_token_form", form, partial(actions.make_access_token, owner=request.user))


@sensitive_variables("secret")
def _made(request: HttpRequest, name: str, form: KeyForm, make: Callable[..., tuple[Any, str]]) -> HttpResponse:
    """The page with the new secret on it, this once; or with the form, by its name there, and what is wrong in it."""
    if not form.is_valid():
        return _draw_keys(request, status=422, **{name: form})
    given = {field: form.cleaned_data[field] for field in ("name", "scopes", "token") if field in form.fields}
    key, secret = make(actor=request.actor, expires_at=form.expires_at(), **given)
    return _draw_keys(request, status=201, made=key, secret=secret)


@require_POST
def access_token_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    token = get_object_or_404(AccessToken.objects.visible_to(request.actor), uuid=uuid)
    actions.revoke_access_token(actor=request.actor, token=token)
    messages.success(request, f"The access token {token} is revoked.")
    return redirect("accounts:key_list")


@require_POST
def application_key_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    key = get_object_or_404(ApplicationKey.objects.visible_to(request.actor), uuid=uuid)
    actions.revoke_application_key(actor=request.actor, key=key)
    messages.success(request, f"The application key {key} is revoked.")
    return redirect("accounts:key_list")


@require_POST
def api_key_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    key = get_object_or_404(ApiKey.objects.visible_to(request.actor), uuid=uuid)
    actions.revoke_api_key(actor=request.actor, key=key)
    messages.success(request, f"The API key {key} is revoked.")
    return redirect("accounts:key_list")


def _draw_keys(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """The page of keys. A new key's secret is on it once, in the very answer that made it."""
    actor = request.actor
    context = {
        "application_keys": ApplicationKey.objects.visible_to(actor).filter(owner=request.user, revoked_at=None),
        "access_tokens": AccessToken.objects.visible_to(actor).filter(owner=request.user, revoked_at=None),
        "access_token_form": AccessTokenForm(actor=actor, auto_id="access-token-%s"),
        "api_keys": ApiKey.objects.visible_to(actor).filter(revoked_at=None).select_related("created_by"),
        "application_key_form": ApplicationKeyForm(actor=actor, auto_id="application-key-%s"),
        "api_key_form": KeyForm(auto_id="api-key-%s"),
        "labels": LABELS,
        "may_make_application_keys": actor.can("user_app_keys"),
        "may_see_api_keys": actor.can("api_keys_read"),
        "may_make_api_keys": actor.can("api_keys_write"),
        "may_revoke_api_keys": actor.can("api_keys_delete"),
        **context,
    }
    part = "#page" if wants_fragment(request) else ""
    return render(request, f"accounts_app/key_list.html{part}", context, status=status)


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """What one was told of, the newest first."""
    page = Paginator(Notification.objects.visible_to(request.actor).select_related("entry"), NOTIFICATIONS).get_page(
        request.GET.get("page")
    )
    return render(request, "accounts_app/notification_list.html", {"page": page})


@require_POST
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Go to what one was told of, and have read it."""
    mine = Notification.objects.visible_to(request.actor)
    notification = get_object_or_404(mine, pk=pk)
    mark_read(mine.filter(pk=pk))
    return redirect(notification.url)


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Have read all of it."""
    mark_read(Notification.objects.visible_to(request.actor))
    return redirect("accounts:notification_list")
