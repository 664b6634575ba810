"""For machines that watch over this one: alive, ready, and the figures; and for browsers the icon."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.templatetags.static import static
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core_app import health, metrics


@login_not_required  # an orchestrator has no login, and learns nothing but that the process answers
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: asks nothing of any other part, so that a slow database does not get web processes killed."""
    return JsonResponse({"alive": True})


@login_not_required  # a load balancer has no login, and learns no more than the parts' names and states
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready to serve people: 200, or 503, with the state of each part."""
    parts = health.readiness()
    ready = all(state in (health.OK, health.BUILDING) for state in parts.values())
    return JsonResponse({"ready": ready, "parts": parts}, status=200 if ready else 503)


@login_not_required  # a browser asks for it by itself, also for a page before the log-in
@cache_control(public=True, max_age=86_400)
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon, where browsers look that were told of none, as beside a file or the API's JSON."""
    return HttpResponseRedirect(static("img/tocsin.svg"))


@login_not_required  # Prometheus shows a token of its own instead
@never_cache
@require_safe
def metrics_view(request: HttpRequest) -> HttpResponse:
    """Prometheus' text, for who has the token. Without a token in the settings there is no such page."""
    if not settings.TOCSIN_METRICS_TOKEN:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.TOCSIN_METRICS_TOKEN}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
