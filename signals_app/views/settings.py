"""The pages of security filters, critical assets and notification rules, which differ in what a row says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts_app.access import require
from accounts_app.notifications import TELLS_NOBODY, known_handles
from accounts_app.permissions import RULES_READ
from signals_app import actions
from signals_app.actions.catalogue import RULES_WRITE
from signals_app.models import CriticalAsset, NotificationRule, SecurityFilter
from signals_app.queries.versions import versions
from signals_app.setting_forms import CriticalAssetForm, NotificationRuleForm, SecurityFilterForm, SettingForm
from signals_app.views.parts import refusal
from signals_app.words import TYPE_WORDS

SHOWN = 20  # versions on a page


@dataclass(frozen=True)
class Cell:
    """What a row says below a heading; a query is set as one."""

    heading: str
    text: str
    is_query: bool = False


@dataclass(frozen=True)
class Kind:
    """One of the three: what it is called, who may read and write it, and by which actions."""

    word: str
    title: str
    one: str
    intro: str
    none_yet: str
    model: type[SecurityFilter | CriticalAsset | NotificationRule]
    form: type[SettingForm]
    read: str
    write: str
    create: Callable[..., Any]
    edit: Callable[..., Any]
    delete: Callable[..., None]
    thing: str  # how `delete` calls the row
    cells: Callable[[Any], Sequence[Cell]]
    faults: Callable[[Sequence[Any]], Mapping[int, str]] = lambda rows: {}  # of rows that do nothing, by pk: why

    def url(self, deed: str, *args: Any) -> str:
        return reverse(f"signals:{self.word}_{deed}", args=args)

    def visible(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.model.objects.visible_to(request.actor)
        # What the API keeps of other products has no page here: it does nothing.
        return rows.filter(place=NotificationRule.Place.SIGNALS) if self.model is NotificationRule else rows


FILTERS = Kind(
    "filter",
    "Security filters",
    "Security Filter",
    "What no enabled filter includes is kept, but makes no signal.",
    "Nothing is looked at.",
    SecurityFilter,
    SecurityFilterForm,
    "security_monitoring_filters_read",
    actions.FILTERS_WRITE,
    actions.create_security_filter,
    actions.edit_security_filters,
    actions.delete_security_filter,
    "security_filter",
    lambda row: [
        Cell("Includes", row.query, is_query=True),
        Cell("But not", ", ".join(f"{one['name']}: {one['query']}" for one in row.exclusions) or "–"),
    ],
)
ASSETS = Kind(
    "asset",
    "Critical assets",
    "Critical Asset",
    "Where a detection matters more, or less: its signals have another severity, and these tags.",
    "Every signal is as grave as its detections are. A payment service, or a sandbox, is a case for a critical asset.",
    CriticalAsset,
    CriticalAssetForm,
    RULES_READ,
    RULES_WRITE,
    actions.create_critical_asset,
    actions.edit_critical_assets,
    actions.delete_critical_asset,
    "asset",
    lambda row: [
        Cell("Rules", row.rule_query, is_query=True),
        Cell("Severity", row.get_severity_display()),
        Cell("Tags", ", ".join(row.tags) or "–"),
        Cell("Why", row.description or "–"),
    ],
)


def _about(rule: NotificationRule) -> str:
    """What a rule is about, and that nothing comes of it if nothing here makes such."""
    about = rule.get_about_display()
    return about if rule.about == NotificationRule.About.SIGNALS else f"{about}: tells nobody, nothing here makes them"


def _tell_nobody(rules: Sequence[NotificationRule]) -> dict[int, str]:
    """The rules whose targets are all of a chat, or misspelt: they are kept, but nobody hears of what meets them."""
    known = known_handles(target for rule in rules for target in rule.targets)
    return {rule.pk: TELLS_NOBODY for rule in rules if known.isdisjoint(rule.targets)}


NOTIFICATIONS = Kind(
    "notification",
    "Notification rules",
    "Notification Rule",
    "Who is told, under the bell and by mail, of a signal that begins or becomes graver.",
    "Nobody is told of new signals. Critical ones in production are a case for a notification rule.",
    NotificationRule,
    NotificationRuleForm,
    "security_monitoring_notification_profiles_read",
    actions.NOTIFICATIONS_WRITE,
    actions.create_notification_rule,
    actions.edit_notification_rules,
    actions.delete_notification_rule,
    "rule",
    lambda row: [
        Cell("About", _about(row)),
        Cell("Which", row.query or "all", is_query=bool(row.query)),
        Cell("Severities", ", ".join(map(str.capitalize, row.severities)) or "any"),
        Cell("Types of rules", ", ".join(TYPE_WORDS.get(kind, kind) for kind in row.rule_types) or "any"),
        Cell("Who is told", ", ".join(row.targets)),
    ],
    _tell_nobody,
)


@require_GET
def setting_list(request: HttpRequest, kind: Kind) -> HttpResponse:
    """All of them, with what each is about."""
    require(request.actor, kind.read)
    found = list(kind.visible(request))
    faults = kind.faults(found) if found else {}
    rows = [
        {
            "row": row,
            "fault": faults.get(row.pk),
            "cells": kind.cells(row),
            "edit": kind.url("edit", row.uuid),
            "delete": kind.url("delete", row.uuid),
        }
        for row in found
    ]
    context = {
        "kind": kind,
        "rows": rows,
        "headings": [cell.heading for cell in rows[0]["cells"]] if rows else [],
        "create_url": kind.url("create"),
        "can_write": request.actor.can(kind.write),
        "all_are_included": kind is FILTERS and len(rows) > 1 and any(one["row"].includes_all for one in rows),
        "nothing_is_on": kind is FILTERS and not any(one["row"].is_enabled for one in rows),
    }
    return render(request, "signals_app/setting_list.html", context)


@require_http_methods(["GET", "POST"])
def setting_create(request: HttpRequest, kind: Kind) -> HttpResponse:
    """A new one."""
    require(request.actor, kind.write)
    form = kind.form(request.POST or None, initial={"is_enabled": True}, actor=request.actor)
    if form.is_valid():
        _say(request, kind, kind.create(actor=request.actor, **form.changes), "is there")
        return HttpResponseRedirect(kind.url("list"))
    context = {"kind": kind, "form": form, "list_url": kind.url("list"), "here": kind.url("create")}
    return render(request, "signals_app/setting_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def setting_edit(request: HttpRequest, kind: Kind, uuid: UUID) -> HttpResponse:
    """Change one, and see who changed it before."""
    require(request.actor, kind.write)
    row = _visible(request, kind, uuid)
    form = kind.form(request.POST or None, instance=row, actor=request.actor)
    context = {"status": 422 if form.is_bound else 200}
    if form.is_valid():
        seen_version = form.cleaned_data["seen_version"]
        outcome = kind.edit(actor=request.actor, seen={row.pk: seen_version}, **form.changes)
        if not outcome.refused:
            _say(request, kind, outcome.one_or_raise(), "is saved")
            return HttpResponseRedirect(kind.url("list"))
        context |= refusal(_visible(request, kind, uuid), outcome, seen_version)
    context |= {
        "kind": kind,
        "setting": row,
        "form": form,
        "list_url": kind.url("list"),
        "here": kind.url("edit", uuid),
        "versions": list(islice(versions(_visible(request, kind, uuid)), SHOWN)),
    }
    return render(request, "signals_app/setting_edit.html", context, status=context["status"])


@require_POST
def setting_delete(request: HttpRequest, kind: Kind, uuid: UUID) -> HttpResponse:
    """End it for good."""
    require(request.actor, kind.write)
    row = _visible(request, kind, uuid)
    kind.delete(actor=request.actor, **{kind.thing: row})
    messages.success(request, f"The {kind.one.lower()} “{row}” is gone.")
    return HttpResponseRedirect(kind.url("list"))


def _say(request: HttpRequest, kind: Kind, row: Any, done: str) -> None:
    """What was done; and that it does nothing, where that is so."""
    messages.success(request, f"The {kind.one.lower()} “{row}” {done}.")
    for fault in kind.faults([row]).values():
        messages.warning(request, fault)


def _visible(request: HttpRequest, kind: Kind, uuid: UUID) -> Any:
    return get_object_or_404(kind.visible(request), uuid=uuid)
