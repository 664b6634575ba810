"""Who is told of incidents, and in what words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.db import transaction

from accounts_app.access import Actor, require
from accounts_app.rules import change, locked
from core_app.errors import Invalid, check_version
from core_app.ledger import record
from incidents_app.actions import checking
from incidents_app.models import IncidentType, NotificationRule, NotificationTemplate
from incidents_app.models.managers import SETTINGS

MOST = 20  # conditions or fields of a rule
MOST_HANDLES = 50
MAX_HANDLE = 300

Row = TypeVar("Row", NotificationRule, NotificationTemplate)


@transaction.atomic
def create_notification_template(
    *, actor: Actor, type: IncidentType, name: str, category: str, subject: str, content: str
) -> NotificationTemplate:
    """Keep the words of a message. Raises NotAllowed, NotFound or Invalid."""
    require(actor, SETTINGS)
    kind = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = _template({"name": name, "category": category, "subject": subject, "content": content})
    row = NotificationTemplate.objects.create(type=kind, created_by=actor.user, modified_by=actor.user, **given)
    record(actor, "incidents.notification_template_created", row, name=row.name)
    return row


@transaction.atomic
def edit_notification_template(
    *, actor: Actor, template: NotificationTemplate, seen_version: int | None = None, **fields: Any
) -> NotificationTemplate:
    """Change name, category, subject or content. Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, SETTINGS)
    row = _locked(NotificationTemplate, actor, template, seen_version)
    return _saved(actor, row, change(row, **_template(fields)), "incidents.notification_template_edited")


@transaction.atomic
def delete_notification_template(
    *, actor: Actor, template: NotificationTemplate, seen_version: int | None = None
) -> None:
    """Take it away: rules that used it go on in our own words. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = _locked(NotificationTemplate, actor, template, seen_version)
    record(actor, "incidents.notification_template_deleted", row, name=row.name)
    row.delete()


@transaction.atomic
def create_notification_rule(
    *,
    actor: Actor,
    type: IncidentType,
    trigger: str,
    handles: Iterable[str],
    conditions: Iterable[Mapping[str, Any]] = (),
    visibility: str = NotificationRule.Visibility.ORGANIZATION,
    enabled: bool = True,
    renotify_on: Iterable[str] = (),
    template: NotificationTemplate | None = None,
) -> NotificationRule:
    """Tell these of what happens to incidents of this type that meet the conditions.

    Raises NotAllowed, NotFound or Invalid.
    """
    require(actor, SETTINGS)
    kind = locked(IncidentType.objects.visible_to(actor), type.pk)
    given = _rule(
        {
            "trigger": trigger,
            "handles": handles,
            "conditions": conditions,
            "visibility": visibility,
            "enabled": enabled,
            "renotify_on": renotify_on,
            "template": template,
        }
    )
    row = NotificationRule.objects.create(type=kind, created_by=actor.user, modified_by=actor.user, **given)
    record(actor, "incidents.notification_rule_created", row, trigger=row.trigger, handles=row.handles)
    return row


@transaction.atomic
def edit_notification_rule(
    *, actor: Actor, rule: NotificationRule, seen_version: int | None = None, **fields: Any
) -> NotificationRule:
    """Change what is given, also its `type`. Raises NotAllowed, NotFound, StaleVersion or Invalid."""
    require(actor, SETTINGS)
    row = _locked(NotificationRule, actor, rule, seen_version)
    return _saved(actor, row, change(row, **_rule(fields)), "incidents.notification_rule_edited")


@transaction.atomic
def delete_notification_rule(*, actor: Actor, rule: NotificationRule, seen_version: int | None = None) -> None:
    """Tell nobody by this rule any more. Raises NotAllowed, NotFound or StaleVersion."""
    require(actor, SETTINGS)
    row = _locked(NotificationRule, actor, rule, seen_version)
    record(actor, "incidents.notification_rule_deleted", row, trigger=row.trigger, handles=row.handles)
    row.delete()


def _locked(model: type[Row], actor: Actor, row: Row, seen_version: int | None) -> Row:
    found = locked(model.objects.visible_to(actor).select_related("type"), row.pk)
    check_version(found, seen_version)
    return found


def _saved(actor: Actor, row: Row, changes: Mapping[str, list[Any]], verb: str) -> Row:
    if changes:
        row.version += 1
        row.modified_by = actor.user
        row.save()
        record(actor, verb, row, **{name: [_plain(one) for one in pair] for name, pair in changes.items()})
    return row


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, NotificationTemplate | IncidentType) else value


def _template(given: Mapping[str, Any]) -> dict[str, str]:
    longest = {"name": 120, "category": 60, "subject": checking.MAX_TITLE, "content": checking.MAX_TEXT}
    kept = {}
    for name, most in longest.items():
        if name in given:
            kept[name] = checking.text(given[name], name, most, required=True)
            if name != "content" and "\n" in kept[name]:
                raise Invalid(f"“{name}” has to be one line.", field=name)
    return kept


def _rule(given: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(given)
    if "trigger" in kept:
        kept["trigger"] = checking.choice(kept["trigger"], NotificationRule.Trigger, "trigger")
    if "visibility" in kept:
        kept["visibility"] = checking.choice(kept["visibility"], NotificationRule.Visibility, "visibility")
    if "handles" in kept:
        kept["handles"] = _texts(kept["handles"], "handles", MOST_HANDLES, MAX_HANDLE)
        if not kept["handles"]:
            raise Invalid("A rule tells somebody: name a handle.", field="handles")
    if "renotify_on" in kept:
        kept["renotify_on"] = _texts(kept["renotify_on"], "renotify_on", MOST, checking.MAX_TAG)
    if "conditions" in kept:
        kept["conditions"] = _conditions(kept["conditions"])
    return kept


def _conditions(given: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for one in given:
        field = checking.text(one["field"], "conditions", checking.MAX_TAG, required=True)
        values = _texts(one["values"], "conditions", checking.MAX_VALUES, checking.MAX_TAG)
        found.append({"field": field, "values": values})
    if len(found) > MOST:
        raise Invalid(f"A rule may have at most {MOST} conditions.", field="conditions")
    return found


def _texts(given: Iterable[Any], field: str, most: int, longest: int) -> list[str]:
    found = list(dict.fromkeys(checking.text(one, field, longest, required=True) for one in given))
    if len(found) > most:
        raise Invalid(f"At most {most} of “{field}”.", field=field)
    return found
