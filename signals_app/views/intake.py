"""Intake: the sources that send, and what could not be read. For those who run the organisation's Tocsin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import push_url

from accounts_app.access import require
from core_app.http import wants_fragment
from signals_app import actions
from signals_app.forms import NewSourceForm, RetryForm, SourceForm
from signals_app.models import Source
from signals_app.queries.intake import source_rows, unreadable_items
from signals_app.views.parts import refusal


@require_GET
def intake_list(request: HttpRequest) -> HttpResponse:
    """Every source, and the unreadable items of one or of all."""
    require(request.actor, actions.SOURCES_WRITE)
    return _draw_list(request)


@require_POST
@never_cache
@sensitive_variables("made")
def intake_source_create(request: HttpRequest) -> HttpResponse:
    """Let a new sensor in; its token is on the page that answers, and nowhere else."""
    require(request.actor, actions.SOURCES_WRITE)
    form = NewSourceForm(request.POST)
    if not form.is_valid():
        return _draw_list(request, status=422, form=form)
    made = actions.create_source(actor=request.actor, **form.cleaned_data)
    response = _draw_source(request, made.source, status=201, token=made.token)
    return push_url(response, reverse("signals:intake_source", args=[made.source.name]))


@require_http_methods(["GET", "POST"])
def intake_source(request: HttpRequest, name: str) -> HttpResponse:
    """One source: how to send to it, and its settings."""
    require(request.actor, actions.SOURCES_WRITE)
    source = _visible(request, name)
    if request.method == "GET":
        return _draw_source(request, source)
    form = SourceForm(request.POST, instance=_visible(request, name), actor=request.actor)
    if not form.is_valid():
        return _draw_source(request, source, status=422, form=form)
    seen_version = form.cleaned_data["seen_version"]
    outcome = actions.edit_sources(actor=request.actor, seen={source.pk: seen_version}, **form.changes)
    if outcome.refused:
        problem = refusal(_visible(request, name), outcome, seen_version)
        return _draw_source(request, source, form=form, **problem)
    messages.success(request, f"The source {source.name} is saved.")
    return HttpResponseRedirect(reverse("signals:intake_source", args=[name]))


@require_POST
@never_cache
@sensitive_variables("made")
def intake_token_rotate(request: HttpRequest, name: str) -> HttpResponse:
    """Give a source a new token; the old one stops working at once."""
    require(request.actor, actions.SOURCES_WRITE)
    seen = request.POST.get("seen_last4")
    made = actions.rotate_token(actor=request.actor, source=_visible(request, name).pk, seen_last4=seen)
    return _draw_source(request, made.source, token=made.token)


@require_POST
def intake_retry(request: HttpRequest) -> HttpResponse:
    """Have unreadable items read again."""
    require(request.actor, actions.SOURCES_WRITE)
    form = RetryForm(request.POST)
    if form.is_valid():
        outcome = actions.retry_items(actor=request.actor, items=form.cleaned_data["items"])
        number = len(outcome.changed)
        messages.info(request, f"{number} item{'' if number == 1 else 's'} will be read again.")
    else:
        messages.warning(request, "Choose the items that are to be read again.")
    return HttpResponseRedirect(reverse("signals:intake_list"))


def _draw_list(request: HttpRequest, *, status: int = 200, form: NewSourceForm | None = None) -> HttpResponse:
    chosen = request.GET.get("source", "")[:60]
    context = {
        "rows": source_rows(request.actor),
        "page": unreadable_items(request.actor, source=chosen, page=request.GET.get("page", "1")),
        "chosen": chosen,
        "form": form or NewSourceForm(),
    }
    part = "#page" if wants_fragment(request) else ""
    return render(request, f"signals_app/intake_list.html{part}", context, status=status)


def _draw_source(
    request: HttpRequest, source: Source, *, status: int = 200, form: SourceForm | None = None, **context: Any
) -> HttpResponse:
    context |= {
        "source": source,
        "form": form or SourceForm(instance=source, actor=request.actor),
        "address": request.build_absolute_uri(reverse("signals:intake", args=[source.name])),
    }
    part = "#page" if wants_fragment(request) else ""
    return render(request, f"signals_app/intake_source.html{part}", context, status=status)


def _visible(request: HttpRequest, name: str) -> Source:
    return get_object_or_404(Source.objects.visible_to(request.actor), name=name)
