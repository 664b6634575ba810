"""Detection rules: what was looked for, what it means and what to do."""

from __future__ import annotations

from itertools import islice
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from accounts_app.permissions import RULES_READ
from signals_app import actions
from signals_app.actions.catalogue import RULES_WRITE
from signals_app.forms import RuleForm
from signals_app.models import DetectionRule
from signals_app.queries.rows import newest_signals
from signals_app.queries.versions import versions
from signals_app.views.lists import busiest_first
from signals_app.views.parts import plain_columns, refusal, showing, suppress_url, triage_rights

SHOWN = 20  # versions on a rule's page


@require_GET
def rule_list(request: HttpRequest) -> HttpResponse:
    """Every rule; how many signals it made is told to those who may see signals."""
    require(request.actor, RULES_READ)
    rules = DetectionRule.objects.visible_to(request.actor)
    context = busiest_first(
        request, rules, field="@workflow.rule.id", key="key", found_in=["name", "key", "tactic", "technique"]
    )
    return render(request, "signals_app/rule_list.html", context)


@require_GET
def rule_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One rule and its newest signals."""
    rule = _visible(request, uuid)
    context = {
        "rule": rule,
        "signals": newest_signals(request.actor, rule.signals.all()),
        "all_signals": showing("@workflow.rule.name", rule.name),
        "can_edit": request.actor.can(RULES_WRITE),
        "versions": list(islice(versions(rule), SHOWN)),
        "suppress_url": suppress_url(request, rule),
        "signal_columns": plain_columns(),
        **triage_rights(request),
    }
    return render(request, "signals_app/rule_detail.html", context)


@require_http_methods(["GET", "POST"])
def rule_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write what a rule means and what to do when it sees something."""
    require(request.actor, RULES_WRITE)
    rule = _visible(request, uuid)
    form = RuleForm(request.POST or None, instance=rule, actor=request.actor)
    context = {"rule": rule, "form": form, "status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen_version = form.cleaned_data["seen_version"]
        outcome = actions.edit_rules(actor=request.actor, seen={rule.pk: seen_version}, **form.changes)
        if not outcome.refused:
            messages.success(request, "The rule is saved.")
            return HttpResponseRedirect(reverse("signals:rule_detail", args=[uuid]))
        context |= refusal(_visible(request, uuid), outcome, seen_version)
    return render(request, "signals_app/rule_edit.html", context, status=context["status"])


@require_POST
def rule_restore(request: HttpRequest, uuid: UUID, version: int) -> HttpResponse:
    """Make a rule again what it was."""
    require(request.actor, RULES_WRITE)
    actions.restore_rule(actor=request.actor, rule=_visible(request, uuid), version=version).one_or_raise()
    messages.success(request, f"The rule is again what it was at version {version + 1}.")
    return HttpResponseRedirect(reverse("signals:rule_detail", args=[uuid]))


def _visible(request: HttpRequest, uuid: UUID) -> DetectionRule:
    return get_object_or_404(DetectionRule.objects.visible_to(request.actor), uuid=uuid)
